"""What the commands that sign and those that verify are asked alike."""

from __future__ import annotations

from pathlib import Path

import click

sigstore_config = click.option(
    "--sigstore-config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Roots and services of another Sigstore instance than the public one: its client trust configuration.",
)

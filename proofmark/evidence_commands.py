"""The commands that make of a run what assessors read: their options. Each loads what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OF_A_RUN = (
    click.argument("directory", metavar="RUN", type=click.Path(path_type=Path)),
    click.option(
        "subjects",
        "--subject",
        metavar="FILE",
        type=click.Path(path_type=Path),
        multiple=True,
        help="A file that certificates are about, if it is no longer where the report says.",
    ),
    click.option("by_lrat", "--lrat", is_flag=True, help="Ask no solver: demand the proofs that `export` writes."),
    click.option("--quiet", "-q", is_flag=True, help="Print nothing; the exit status tells."),
)


def _of_a_run(command: _Command) -> _Command:
    """Which run it is, and how its certificates are checked."""
    for option in reversed(_OF_A_RUN):
        command = option(command)
    return command


@click.command(name="safety-case")
@click.option(
    "accepted",
    "--accepted",
    metavar="CASE",
    type=click.Path(path_type=Path),
    help="A safety-case.json that people accepted: what differs from it has expired.",
)
@click.option("forms", "--format", type=click.Choice(["json", "rivet", "mermaid", "svg"]), multiple=True)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write there (default: RUN).")
@_of_a_run
def safety_case(
    directory: Path,
    subjects: tuple[Path, ...],
    by_lrat: bool,
    quiet: bool,
    accepted: Path | None,
    forms: tuple[str, ...],
    out: Path | None,
) -> int:
    """Argues, in the Goal Structuring Notation, from the certificates of RUN, the DIR of a `prove --out DIR`: each is
    checked again, and whatever is not accepted now does not hold.

    Exit status: 0 all holds, 1 something refuted or rejected, 2 no run to read, 3 something expired, missing, unknown,
    bounded, vacuous or unchecked.
    """
    from typing import cast

    from proofmark.safety_case_command import Asked, Form, run

    asked = Asked(directory, subjects, by_lrat)
    return run(asked, accepted, [cast("Form", one) for one in forms], out or directory, quiet)


@click.command()
@click.option("bare", "--without-subjects", is_flag=True, help="Only the hashes of the files that proofs are about.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Instead of RUN/proofmark-kit.zip.")
@_of_a_run
def kit(directory: Path, subjects: tuple[Path, ...], by_lrat: bool, quiet: bool, bare: bool, out: Path | None) -> int:
    """Packs what holds of RUN, the DIR of a `prove --out DIR`, into one archive: certificates, models, the files that
    they are about, the checker and instructions. It checks with Python alone; certificates with invariants need a
    solver, or, with --lrat, the propositional proofs that are packed then.

    Exit status: as of `safety-case`; what does not hold is not in the archive.
    """
    from proofmark.kit_command import run
    from proofmark.safety_case_command import Asked

    return run(Asked(directory, subjects, by_lrat), not bare, out or directory / "proofmark-kit.zip", quiet)

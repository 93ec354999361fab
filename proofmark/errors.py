"""The error that a fault of the command line raises, and that owns its exit status."""

from __future__ import annotations

import click


class UsageError(click.ClickException):
    """An option or its value does not fit; the message stands alone, without the usage line."""

    exit_code = 2

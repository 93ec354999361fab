"""The outermost layer: every way in which a command can end, as an exit status and one line."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import click

from proofmark import console
from proofmark.collector import collect_seldom

BAD_INPUT = 2
FAULT = 4
INTERRUPTED = 130
BROKEN_PIPE = 141
HINT = "set PROOFMARK_TRACEBACK=1 for where it happened"


class Guarded(click.Group):
    """A group whose commands give back their exit status, and that shows nobody a traceback."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        collect_seldom()
        extra["standalone_mode"] = False
        sys.exit(_status(lambda: super(Guarded, self).main(*args, **extra)))


def fault(text: str, trace: str) -> None:
    """Says that the fault is ours."""
    console.err(f"fault in proofmark: {text}; please report ({HINT})")
    if os.environ.get("PROOFMARK_TRACEBACK") == "1":
        console.err(trace.rstrip())


def _status(command: Callable[[], Any]) -> int:
    stdout = sys.stdout
    try:
        status = command()
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        with contextlib.suppress(BrokenPipeError):
            error.show()
        return error.exit_code if isinstance(error, click.UsageError) else BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        console.err("interrupted")
        return INTERRUPTED
    except SystemExit as error:
        # where its own printing meets a broken pipe, click wraps the streams and exits with 1: that reads as "refuted"
        if sys.stdout is not stdout:
            sys.stdout = stdout
            console.silence(stdout)
            return BROKEN_PIPE
        return error.code if isinstance(error.code, int) else FAULT
    except BrokenPipeError:
        console.silence(stdout)
        return BROKEN_PIPE
    except Exception as error:
        return _said(error)


def _said(error: Exception) -> int:
    from extract.errors import InputError

    if isinstance(error, InputError):
        console.err(f"error: {error}")
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
        console.err(f"error: {error.strerror}; expected: room for what is written")
        console.silence(sys.stdout)
        return BAD_INPUT
    text = " ".join(str(error).split())
    name = type(error).__name__
    fault(f"{name}: {text}" if text else name, "".join(traceback.format_exception(error)))
    return FAULT

"""What the client has left when it catches a panic of an action and goes on (`std::panic::catch_unwind`)."""

from __future__ import annotations

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.roots import OPERATION
from smt_models.runtime.state import State


def nothing_made(_state: State) -> None:
    """There is no operation; the arguments were moved in, and are gone."""


def still_there(_state: State) -> None:
    """The operation was borrowed: it stays where it is, in whatever state."""


def dropped(state: State) -> None:
    """The glue has dropped the other fields: the value has ended all the same (reference, "Destructors")."""
    state.end(OPERATION)


def end_dropped(_state: State) -> None:
    """The glue has ended the value."""


def nothing_panics(_state: State) -> None:
    raise NotModelled("a panic out of an action in which nothing panics")


def callback(_state: State) -> None:
    """Callbacks are `extern "C"` and end the process by MIR of their own: this one is `extern "C-unwind"`."""
    raise NotModelled("a callback that unwinds into its task")

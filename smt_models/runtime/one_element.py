"""completion-race where one element is lent alone: it is lifted, or given up, once, by whoever has it, and not lost."""

from __future__ import annotations

from smt_models.host.codes import CopyResult
from smt_models.host.variants import End
from smt_models.runtime.facts import fold
from smt_models.runtime.outcomes import Violation
from smt_models.runtime.profile import Held
from smt_models.runtime.roots import CODE
from smt_models.runtime.state import State
from smt_models.system.operators import Enum
from smt_models.system.terms import Literal, Term, literal

WORD = "element"
NOBODY = "nobody's"
SORT = Enum(WORD, (NOBODY, Held.OURS.value, Held.TAKEN.value))
NO_ELEMENT = literal(NOBODY, SORT)


def lowered(state: State) -> None:
    """It is in the memory now."""
    if WORD in state.host:
        _is_not_lost(state, "another one is lowered")
        _set(state, Held.OURS.value)


def heard(state: State, code: Term, end: End | None) -> None:
    """COMPLETED says that the host took it, or that it wrote it."""
    if WORD not in state.host:
        return
    completed = fold("=", code, Literal(CopyResult.COMPLETED.value, CODE))
    if state.is_true(completed):
        _set(state, (Held.OURS if end is End.READER else Held.TAKEN).value)


def taken(state: State, name: str, held: Held) -> None:
    """User code lifts it, or frees what is left of it."""
    if not state.is_true(_is(state, held.value)):
        raise Violation("completion-race", f"{name} of an element that is not {held.value}")
    given_back(state)


def given_back(state: State) -> None:
    """The client has it, in its memory or out of it."""
    _set(state, NOBODY)


def at_the_end(state: State) -> None:
    """The operation is gone."""
    if WORD in state.host:
        _is_not_lost(state, "the operation is gone")


def _is_not_lost(state: State, when: str) -> None:
    if not state.is_true(_is(state, NOBODY)):
        raise Violation("completion-race", f"{when}, and the element before was neither lifted nor given up")


def _is(state: State, member: str) -> Term:
    return fold("=", state.host[WORD], literal(member, SORT))


def _set(state: State, member: str) -> None:
    state.host[WORD] = literal(member, SORT)

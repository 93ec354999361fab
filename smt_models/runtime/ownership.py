"""What is asked of a state where elements are followed: where their buffers are, and whose an element is by now."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from smt_models.host.variants import End
from smt_models.runtime.extents import is_memory
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import (
    ELEMENT,
    NOBODY,
    OURS,
    TAKEN,
    Followed,
    broken,
    forget_copies,
    is_blocked,
    not_followed,
)
from smt_models.runtime.host import Host
from smt_models.runtime.profile import Held
from smt_models.runtime.roots import LAST_CODE, LENT
from smt_models.runtime.state import State
from smt_models.runtime.values import MOVED, NONE, Aggregate, Choice, Dangling, Pointer, Scalar, Value, parts, pointers
from smt_models.system.terms import Term, both, choose, differ


def owner_now(state: State, one: Followed, end: End, leaves: Term) -> Term:
    """The host's, where it is lent; a code that was heard counts, whether or not it was applied."""
    code = unapplied(state)
    if code is None or state.is_true(is_blocked(code)):
        return one.while_lent.owner
    return one.applied(code, end, leaves, state.facts).owner


def unapplied(state: State) -> Term | None:
    """The code that was heard last; None if it was applied, and if there was none."""
    if not state.is_true(state.host["waiting"]):
        return None
    code = state.load(Pointer(LAST_CODE))
    assert isinstance(code, Scalar)
    return code.term


def may_leak(state: State) -> bool:
    """What user code leaves half-way may stay so: panic-in-callback asks that nothing is freed twice."""
    return state.is_true(state.host["panicked"])


def is_nobodys(state: State, one: Followed, when: str) -> None:
    if not state.is_true(fold("=", one.owner, NOBODY)) and not may_leak(state):
        raise broken(state, f"{when}, and an element in it was neither lifted nor freed")


def has_lent(state: State, host: Host) -> bool:
    """That the operation has, until the answer is applied. A lease may still be open when it has not called the host:
    that of an operation before, which lent nothing that could be freed too early.
    """
    if state.is_true(state.host["waiting"]):
        return True
    is_open = state.settle(state.objects[LENT]) != NONE and state.is_true(host.is_lent(state, LENT))
    return is_open and state.is_true(state.host["asked"])


_HELD = {Held.OURS: OURS, Held.TAKEN: TAKEN}


def lend(state: State, one: Followed, number: Term, count: Term, end: End) -> Followed:
    """So many elements from this one on."""
    lent = Followed(one.block, one.owner, number, count)
    if not state.is_true(fold("bvule", number, fold("bvadd", number, count))):
        raise not_followed(state, "a lend that wraps")
    wanted = OURS if end is End.WRITER else NOBODY
    if state.is_true(both(lent.is_lent, differ(one.owner, wanted))):
        what = "an element is lent that is not ours" if wanted == OURS else "an element is lent as room for others"
        raise broken(state, what)
    forget_copies(state)
    return lent


def consume(state: State, one: Followed, number: Term, now: Term, held: Held, name: str) -> Followed:
    """User code (`name`) lifts the element with this number, or frees what is left of it. `now`: whose it is."""
    is_it = fold("=", number, ELEMENT)
    if state.is_true(both(is_it, differ(now, _HELD[held]))):
        raise broken(state, f"{name} of an element that is not {held.value}")
    return one.owned_by(choose(is_it, NOBODY, one.owner))


def of_types(state: State, value: Value, types: Collection[str]) -> Iterator[Aggregate]:
    if isinstance(value, Choice):
        if not _may_have(value, types):
            return
        value = state.settle(value)
    if isinstance(value, Aggregate) and value.type in types:
        yield value
        return
    for one in parts(value):
        yield from of_types(state, one, types)


def _may_have(value: Value, types: Collection[str]) -> bool:
    is_one = isinstance(value, Aggregate) and value.type in types
    return is_one or any(_may_have(one, types) for one in parts(value))


def block_of(state: State, buffer: Value) -> Pointer | Dangling:
    blocks = (one for one in sorted(pointers(buffer)) if is_memory(state.settle(state.objects.get(one, MOVED))))
    base = next(blocks, None)
    return Dangling() if base is None else Pointer(base)

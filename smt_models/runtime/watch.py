"""The obligations that are looked at while the guest runs, in the words of the lease: what is lent, and whether."""

from __future__ import annotations

from smt_models.runtime.facts import fold
from smt_models.runtime.host import Host
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.roots import CURRENT, LAST_CODE, LENT, OPERATION, REGISTERED, TASKS
from smt_models.runtime.state import State
from smt_models.runtime.values import (
    MOVED,
    NONE,
    VECS,
    Aggregate,
    Dangling,
    Moved,
    Null,
    Pointer,
    Scalar,
    Value,
    Variant,
    parts,
)
from smt_models.system.operators import Enum
from smt_models.system.terms import FALSE, TRUE, Term, literal

SCALAR_ZERO_ALLOC = "scalar-zero-alloc"


class Obligations:
    """`applied`: the body that is given a code. `scalar`: when elements are plain numbers."""

    def __init__(self, host: Host, applied: str, scalar: Term) -> None:
        self._host = host
        self._applied = applied
        self._scalar = scalar

    # What is lent

    def frees(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is freed")

    def writes(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is written")

    def _lent_block(self, state: State, base: int, what: str) -> None:
        lent = lent_place(state)
        if lent is not None and lent.base == base and self._is_lent(state):
            raise Violation(self._premature(state), f"{state.names[base]} {what} while it is lent")

    def _premature(self, state: State) -> str:
        """What is broken if the storage goes while it is lent."""
        if state.is_true(state.host.get("unfinished", FALSE)):
            return "cancel-is-final"
        return "leak-safe" if state.is_true(state.host["forgotten"]) else "cancel-before-free"

    def _is_lent(self, state: State) -> bool:
        return state.is_true(self._host.lease_is_open(state))

    def host_point(self, state: State, what: str) -> None:
        """address-stability: what is lent lives."""
        lent = lent_place(state)
        if lent is None:
            return
        try:
            value = state.settle(state.read(Pointer(lent.base, lent.path)))
        except Violation:
            value = MOVED
        if isinstance(value, Moved) and self._is_lent(state):
            raise Violation("address-stability", f"{what}, and what is lent is gone")

    # Codes

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        """code-matches-lease, completion-race: a code that is applied is the last that the host gave, and is once."""
        if name != self._applied or not state.is_true(state.host["asked"]):
            return
        code = state.settle(arguments[-1])
        last = state.load(Pointer(LAST_CODE))
        if not isinstance(code, Scalar) or not isinstance(last, Scalar):
            raise NotModelled("a code that is no number")
        if not state.is_true(fold("=", code.term, last.term)):
            raise Violation("code-matches-lease", "a code is applied that is not the last that the host gave")
        if not state.is_true(state.host["waiting"]):
            raise Violation("completion-race", "a code is applied again")
        state.host["waiting"] = FALSE

    def told(self, state: State, code: Term) -> None:
        """The guest hears a code, which it has to apply."""
        self.nothing_waits(state, "the next code is there")
        state.objects[LAST_CODE] = Scalar(code)
        state.host["waiting"] = TRUE

    def nothing_waits(self, state: State, when: str) -> None:
        """completion-race: no code that was heard is lost."""
        if state.is_true(state.host["waiting"]):
            raise Violation("completion-race", f"{when}, and the code before was never applied")

    # Cancel

    def answered(self, state: State) -> None:
        """cancel-is-final: a cancel that left the lease open has ended nothing."""
        if "unfinished" in state.host and self._is_lent(state):
            state.host["unfinished"] = TRUE

    def blocks(self, state: State) -> None:
        """blocking-cancel: other guest code runs now, which may look at the task and at what is registered."""
        task = state.settle(state.objects[CURRENT])
        if not isinstance(task, Pointer) or task.base not in TASKS:
            raise Violation("blocking-cancel", "a cancel blocks while there is no current task")
        if any(state.settle(state.objects[root]) != NONE for root in REGISTERED):
            raise Violation("blocking-cancel", "a cancel blocks while its callback is registered")

    # User code

    def panics(self, state: State) -> None:
        """panic-in-callback is what is broken after this."""
        state.host["panicked"] = TRUE

    def consumed(self, state: State, name: str) -> None:
        """completion-race: what was lent holds its element once."""
        if state.is_true(state.host["consumed"]):
            raise Violation("completion-race", f"{name} of an element that is gone")
        state.host["consumed"] = TRUE

    def subtask_is(self, state: State, name: str, wanted: str) -> None:
        """subtask-areas: user code frees or lifts only what the host is done with, as far as the guest heard."""
        told = state.host["told"]
        assert isinstance(told.sort, Enum)
        allowed = {"STARTED": ("STARTED", "RETURNED", "CANCELLED_BEFORE_RETURNED")}.get(wanted, (wanted,))
        is_one = [fold("=", told, literal(one, told.sort)) for one in allowed]
        if not any(state.is_true(one) for one in is_one):
            raise Violation("subtask-areas", f"{name} when the guest has not heard of {wanted}")

    def allocates(self, state: State) -> None:
        """scalar-zero-alloc: noted, and the path goes on."""
        if self._scalar != FALSE and state.is_true(self._scalar):
            state.noted = state.noted | {SCALAR_ZERO_ALLOC}
            state.note(SCALAR_ZERO_ALLOC, "a block is allocated on the scalar path")

    # Between actions

    def at_rest(self, state: State) -> None:
        """At the return to the executor: what is lent lives, and the operation still owns it; so with entries."""
        self.host_point(state, "the guest returns")
        owner = state.settle(state.objects.get(OPERATION, MOVED))
        self._entries_point_at_slots(state)
        forgotten = state.is_true(state.host["forgotten"])
        if isinstance(owner, Moved) and not forgotten:
            self.nothing_waits(state, "the operation is gone")
        lent = lent_place(state)
        if lent is None or not self._is_lent(state) or forgotten:
            return
        if isinstance(owner, Moved):
            raise Violation("cancel-on-drop", "the operation is gone and its buffer is lent")
        if lent.base != OPERATION and not owns(state, owner, lent.base):
            raise Violation(self._premature(state), "what is lent left the operation")

    def _entries_point_at_slots(self, state: State) -> None:
        """waker-unregistered: no entry outlives the completion slot that it points at."""
        for root in REGISTERED:
            kept = state.settle(state.objects[root])
            if kept == NONE:
                continue
            assert isinstance(kept, Variant)
            entry = state.settle(kept.fields[0])
            assert isinstance(entry, Aggregate)
            pointer = state.settle(entry.fields[1])
            try:
                alive = isinstance(pointer, Pointer) and not isinstance(state.settle(state.read(pointer)), Moved)
            except Violation:
                alive = False
            if not alive:
                raise Violation("waker-unregistered", "an entry is left that points at no completion slot")


def lent_place(state: State) -> Pointer | None:
    """What the host may touch while the lease is open; None for nothing, and for an address of no object."""
    lent = state.settle(state.objects[LENT])
    if lent == NONE:
        return None
    assert isinstance(lent, Variant)
    place = state.settle(lent.fields[0])
    return None if isinstance(place, Null | Dangling) else place if isinstance(place, Pointer) else None


OWNERS = VECS | frozenset({"core::ptr::NonNull", "alloc::boxed::Box"})
"""Library types whose first part is a pointer to what they own, or stand for in a type that owns it."""


def owns(state: State, value: Value, base: int) -> bool:
    """Whether a value owns this block."""
    value = state.settle(value)
    if isinstance(value, Aggregate) and value.type in OWNERS:
        first = state.settle(value.fields[0])
        return isinstance(first, Pointer) and first.base == base
    return any(owns(state, one, base) for one in parts(value))

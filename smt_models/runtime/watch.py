"""The obligations that are looked at while the guest runs, in the words of the lease: what is lent, and whether."""

from __future__ import annotations

from smt_models.host.codes import SubtaskState
from smt_models.runtime import lending, one_element
from smt_models.runtime.facts import fold
from smt_models.runtime.follower import Follower
from smt_models.runtime.host import Host
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.roots import (
    BORROWED,
    CODE,
    CURRENT,
    LAST_CODE,
    LENT,
    OPERATION,
    OWN,
    PARAMETERS,
    REGISTERED,
    TASKS,
)
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
    pointers,
)
from smt_models.system.operators import Enum
from smt_models.system.terms import FALSE, TRUE, Literal, Term, either, literal

SCALAR_ZERO_ALLOC = "scalar-zero-alloc"
_UNRESOLVED = (SubtaskState.STARTING, SubtaskState.STARTED)


class Obligations:
    """`applied`: the body that is given a code. `scalar`: when elements are plain numbers. `following`: follows one."""

    def __init__(self, host: Host, applied: str, scalar: Term, following: Follower | None = None) -> None:
        self._host = host
        self._applied = applied
        self._scalar = scalar
        self._following = following

    # What is lent

    def frees(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is freed")
        if self._following is not None:
            self._following.freed(state, base)

    def writes(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is written")
        if self._following is not None:
            self._following.written(state, base)

    def assigned(self, state: State, at: Pointer) -> None:
        """Asked of every assignment, and so first of whether it may be what is lent, with nothing decided."""
        for root in self._host.leases:
            if not _may_be_lent(state, root, at):
                continue
            lent = lent_place(state, root)
            if lent is not None and _is_changed(state, root, lent, at) and self._is_lent(state, root):
                raise Violation(self._premature(state, root), f"{state.names[at.base]} is written while it is lent")

    def _lent_block(self, state: State, base: int, what: str) -> None:
        for root in self._host.leases:
            if base in _lent_objects(state, root) and self._is_lent(state, root):
                raise Violation(self._premature(state, root), f"{state.names[base]} {what} while it is lent")

    def _premature(self, state: State, root: int) -> str:
        """What is broken if the storage goes while it is lent."""
        if state.is_true(state.host.get("unfinished", FALSE)):
            return "cancel-is-final"
        if state.is_true(state.host["forgotten"]):
            return "leak-safe"
        return "subtask-areas" if root == PARAMETERS else "cancel-before-free"

    def _is_lent(self, state: State, root: int) -> bool:
        return state.is_true(self._host.is_lent(state, root))

    def host_point(self, state: State, what: str) -> None:
        """address-stability: what is lent lives."""
        for root in self._host.leases:
            lent = lent_place(state, root)
            if lent is None:
                continue
            if lending.held_at(state, lent) is None and self._is_lent(state, root):
                raise Violation("address-stability", f"{what}, and what is lent is gone")
            is_there = all(_lives(state, base) for base in _lent_objects(state, root))
            if not is_there and self._is_lent(state, root):
                raise Violation("address-stability", f"{what}, and what the parameters point at is gone")

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
        if self._following is not None:
            self._following.applied(state, code.term)

    def told(self, state: State, code: Term) -> None:
        """The guest hears a code, which it has to apply."""
        if not self._is_said_again(state):
            self.nothing_waits(state, "the next code is there")
        state.objects[LAST_CODE] = Scalar(code)
        state.host["waiting"] = TRUE
        if self._following is not None:
            self._following.told(state, code)

    def _is_said_again(self, state: State) -> bool:
        """Of a subtask: whoever hears that it has returned knows that it has started."""
        last = state.settle(state.objects[LAST_CODE])
        if "told" not in state.host or not isinstance(last, Scalar):
            return False
        return state.is_true(either(*(fold("=", last.term, Literal(one.value, CODE)) for one in _UNRESOLVED)))

    def nothing_waits(self, state: State, when: str) -> None:
        """completion-race: no code that was heard is lost."""
        if state.is_true(state.host["waiting"]):
            raise Violation("completion-race", f"{when}, and the code before was never applied")

    # Loops

    @property
    def counts_turns(self) -> bool:
        return self._following is not None and self._following.counts_turns

    def claims(self, state: State) -> None:
        if self._following is not None:
            self._following.claims(state)

    def resumes(self, state: State) -> None:
        if self._following is not None:
            self._following.resumes(state)

    # Cancel

    def answered(self, state: State) -> None:
        """cancel-is-final: a cancel that left the lease open has ended nothing."""
        if "unfinished" in state.host and any(self._is_lent(state, root) for root in self._host.leases):
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

    def resource_dropped(self, state: State, handle: Value) -> None:
        """subtask-areas: the callee has the own handle from when it started, and a borrowed one until the resolution
        was delivered; both must be there when it starts."""
        called = state.is_true(state.host["asked"])
        if handle == Scalar(BORROWED):
            if called and self._is_lent(state, LENT):
                raise Violation("subtask-areas", "a borrowed handle is dropped while it is lent")
            return
        if handle != Scalar(OWN):
            raise NotModelled("the drop of another resource")
        if called and not self._never_started(state):
            raise Violation("subtask-areas", "the own handle is dropped, and the callee has it or may get it")
        if not state.is_true(state.host["own"]):
            raise Violation("subtask-areas", "the own handle is dropped again")
        state.host["own"] = FALSE

    def _never_started(self, state: State) -> bool:
        told = state.host["told"]
        return state.is_true(fold("=", told, literal("CANCELLED_BEFORE_STARTED", told.sort)))

    def _own_handle_is_not_lost(self, state: State) -> None:
        """subtask-areas: the operation is gone, and the callee never got the handle."""
        if "own" not in state.host or not state.is_true(state.host["own"]):
            return
        if not state.is_true(state.host["asked"]) or self._never_started(state):
            raise Violation("subtask-areas", "the own handle is lost: neither given to the callee nor dropped")

    def allocates(self, state: State) -> None:
        """scalar-zero-alloc: noted, and the path goes on."""
        if self._scalar != FALSE and state.is_true(self._scalar):
            state.noted = state.noted | {SCALAR_ZERO_ALLOC}
            state.note(SCALAR_ZERO_ALLOC, "a block is allocated on the scalar path")

    def counts(self, state: State, count: Term) -> None:
        lending.counts(state, count)

    # Between actions

    def at_rest(self, state: State) -> None:
        """At the return to the executor: what is lent lives, and the operation still owns it; so with entries."""
        self.host_point(state, "the guest returns")
        owner = state.settle(state.objects.get(OPERATION, MOVED))
        self._entries_point_at_slots(state)
        forgotten = state.is_true(state.host["forgotten"])
        if isinstance(owner, Moved) and not forgotten:
            self.nothing_waits(state, "the operation is gone")
            self._own_handle_is_not_lost(state)
            one_element.at_the_end(state)
        if forgotten:
            return
        for root in self._host.leases:
            lent = lent_place(state, root)
            if lent is None or not self._is_lent(state, root):
                continue
            if isinstance(owner, Moved):
                raise Violation("cancel-on-drop", "the operation is gone and its buffer is lent")
            kept = _lent_objects(state, root) - {OPERATION}
            if not all(owns(state, owner, base) for base in kept):
                raise Violation(self._premature(state, root), "what is lent left the operation")

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


def lent_place(state: State, root: int) -> Pointer | None:
    """What the host may touch while the lease is open; None for nothing, and for an address of no object."""
    lent = state.settle(state.objects[root])
    if lent == NONE:
        return None
    assert isinstance(lent, Variant)
    place = state.settle(lent.fields[0])
    return None if isinstance(place, Null | Dangling) else place if isinstance(place, Pointer) else None


def _lent_objects(state: State, root: int) -> frozenset[int]:
    """The object that is lent; of parameters also what they point at, which the host reads with them."""
    lent = lent_place(state, root)
    if lent is None:
        return frozenset()
    first = frozenset((lent.base,))
    return _reached(state, first) if root == PARAMETERS else first


def _reached(state: State, first: frozenset[int]) -> frozenset[int]:
    """These objects and those that they lead to."""
    found, waiting = set(first), list(first)
    while waiting:
        further = pointers(state.resolved(state.objects.get(waiting.pop(), MOVED))) - found
        found |= further
        waiting.extend(further)
    return frozenset(found)


def _may_be_lent(state: State, root: int, at: Pointer) -> bool:
    """By all that the words of the lease may stand for."""
    places = _pointers_in(state.resolved(state.objects[root]))
    if root == PARAMETERS and places:
        return at.base in _reached(state, frozenset(one.base for one in places))
    return any(one.base == at.base and _overlap(one, at) for one in places)


def _is_changed(state: State, root: int, lent: Pointer, at: Pointer) -> bool:
    """Whether what was put into a place is in what is lent now. A place around it that was emptied holds it no longer:
    then it was moved, of which address-stability says more.
    """
    if at.base != lent.base:
        return at.base in _lent_objects(state, root)
    return _overlap(at, lent) and (len(at.path) >= len(lent.path) or lending.held_at(state, lent) is not None)


def _pointers_in(value: Value) -> list[Pointer]:
    return [value] if isinstance(value, Pointer) else [found for one in parts(value) for found in _pointers_in(one)]


def _overlap(one: Pointer, other: Pointer) -> bool:
    """One is a part of the other, or the same."""
    return all(step == further for step, further in zip(one.path, other.path, strict=False))


def _lives(state: State, base: int) -> bool:
    return not isinstance(state.resolved(state.objects.get(base, MOVED)), Moved)


OWNERS = VECS | frozenset({"core::ptr::NonNull", "alloc::boxed::Box"})
"""Library types whose first part is a pointer to what they own, or stand for in a type that owns it."""


def owns(state: State, value: Value, base: int) -> bool:
    """Whether a value owns this block."""
    value = state.settle(value)
    if isinstance(value, Aggregate) and value.type in OWNERS:
        first = state.settle(value.fields[0])
        if isinstance(first, Pointer):
            return first.base == base
    return any(owns(state, one, base) for one in parts(value))

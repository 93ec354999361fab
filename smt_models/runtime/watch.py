"""The obligations that are looked at while the guest runs, in the words of the lease: what is lent, and whether."""

from __future__ import annotations

from smt_models.runtime.facts import fold
from smt_models.runtime.outcomes import Violation
from smt_models.runtime.state import State
from smt_models.runtime.values import MOVED, NONE, VEC, Aggregate, Dangling, Moved, Null, Pointer, Value, Variant, parts
from smt_models.system.terms import Term, both, negation

LENT, OPERATION = 1, 7


class Obligations:
    """`applied`: the body that is given a code."""

    def __init__(self, applied: str) -> None:
        self._applied = applied

    def frees(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is freed")

    def writes(self, state: State, base: int) -> None:
        self._lent_block(state, base, "is written")

    def _lent_block(self, state: State, base: int, what: str) -> None:
        lent = lent_place(state)
        if lent is not None and lent.base == base and state.is_true(state.host["lease"]):
            raise Violation("cancel-before-free", f"{state.names[base]} {what} while it is lent")

    def host_point(self, state: State, what: str) -> None:
        """address-stability: what is lent lives."""
        lent = lent_place(state)
        if lent is None:
            return
        try:
            value = state.settle(state.read(Pointer(lent.base, lent.path)))
        except Violation:
            value = MOVED
        if isinstance(value, Moved) and state.is_true(state.host["lease"]):
            raise Violation("address-stability", f"{what}, and what is lent is gone")

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        """code-matches-lease: a code that is applied is the one that the host gave last."""
        if name != self._applied:
            return
        code = state.settle(arguments[-1])
        told: Term = fold("=", getattr(code, "term", state.host["told"]), state.host["told"])
        if state.is_true(both(state.host["asked"], negation(told))):
            raise Violation("code-matches-lease", "a code is applied that is not the last that the host gave")

    def at_rest(self, state: State) -> None:
        """At the return to the executor: what is lent lives, and the operation still owns it."""
        self.host_point(state, "the guest returns")
        lent = lent_place(state)
        owner = state.settle(state.objects.get(OPERATION, MOVED))
        if lent is None or not state.is_true(state.host["lease"]):
            return
        if state.is_true(state.host["forgotten"]):
            return
        if isinstance(owner, Moved):
            raise Violation("cancel-on-drop", "the operation is gone and its buffer is lent")
        if lent.base != OPERATION and not owns(state, owner, lent.base):
            raise Violation("cancel-before-free", "what is lent left the operation")


def lent_place(state: State) -> Pointer | None:
    """What the host may touch while the lease is open; None for nothing, and for an address of no object."""
    lent = state.settle(state.objects[LENT])
    if lent == NONE:
        return None
    assert isinstance(lent, Variant)
    place = state.settle(lent.fields[0])
    return None if isinstance(place, Null | Dangling) else place if isinstance(place, Pointer) else None


OWNERS = frozenset({VEC, "core::ptr::NonNull", "alloc::boxed::Box"})
"""Library types whose first part is a pointer to what they own, or stand for in a type that owns it."""


def owns(state: State, value: Value, base: int) -> bool:
    """Whether a value owns this block."""
    value = state.settle(value)
    if isinstance(value, Aggregate) and value.type in OWNERS:
        first = state.settle(value.fields[0])
        return isinstance(first, Pointer) and first.base == base
    return any(owns(state, one, base) for one in parts(value))

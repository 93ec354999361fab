"""Elements of statics that are lent: whoever has one may pass it to every function that takes one.

Of the array nothing is kept but its length and what its elements are made of: who has one may write it as a whole, too.
Any element may be passed, whether or not it is lent then.
"""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir import types as t
from smt_models.runtime.names import plain_type
from smt_models.static_pools.inputs import HIDDEN
from smt_models.static_pools.state import State, below, coarser
from smt_models.static_pools.values import (
    WIDTH,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Step,
    Struct,
    Value,
    mapped,
    word,
)
from smt_models.system.operators import BitVec


@dataclass(frozen=True, slots=True)
class Lent:
    """Elements of type `of`, a struct of the crate, of the array of a static that a way of fields leads to."""

    of: str
    static: str
    way: tuple[Step, ...]

    def is_taken_as(self, of: t.Type) -> bool:
        """Whether a parameter of this type takes one."""
        return isinstance(of, t.Reference) and plain_type(of.target) == self.of


class Lends(Exception):
    """It is seen that an element is lent: its functions belong to the calls."""

    def __init__(self, lent: Lent) -> None:
        super().__init__(f"a {lent.of} of {lent.static} is lent")
        self.lent = lent


def lent_by(state: State, at: Pointer, of: str) -> Lent | None:
    """What a pointer lends, if that is one element of this type, and of an array that is in no other."""
    match at:
        case Pointer(str() as static, (*before, Element()), None, None, 1) if not any(
            isinstance(one, Element) for one in before
        ):
            match state.read(at):
                case Struct(name) if name == of:
                    return Lent(of, static, tuple(before))
                case _:
                    return None
        case _:
            return None


def any_element(state: State, lent: Lent, name: str) -> Pointer:
    """Raises Coarser where more is kept than that."""
    held = _kept(state, lent)
    at = state.fresh(f"{HIDDEN} of {name}: its number", BitVec(WIDTH))
    state.condition = (*state.condition, below(at, held.length))
    return Pointer(lent.static, (*lent.way, Element(at)))


def another(state: State, lent: Lent) -> Pointer:
    """An object of its own, of any value: callers have some where the type can be copied, or made. Raises
    Coarser or NotModelled.
    """
    held = _kept(state, lent)
    if held.element is None:
        raise NotModelled(f"any value of {lent.of}")
    return Pointer(state.allocate(held.element))


def _kept(state: State, lent: Lent) -> Contents:
    held = state.read(Pointer(lent.static, lent.way))
    if not isinstance(held, Contents):
        coarser(Pointer(lent.static, (*lent.way, Element(word(0).term))), "an element is lent")
    return held


def is_of_what_was_passed(value: Value, passed: tuple[Pointer, ...]) -> bool:
    """Whether all that a result points at is in elements that the caller had."""
    found: list[Pointer] = []

    def look(one: Value) -> Value | None:
        if isinstance(one, Pointer):
            found.append(one)
        return None

    mapped(value, look)
    return bool(found) and all(
        any(one.base == each.base and one.path[: len(each.path)] == each.path for each in passed) for one in found
    )

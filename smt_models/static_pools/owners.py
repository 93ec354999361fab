"""Owners: values of a type of the crate by which callers hold what a pool gave them, and which they give back.

`struct Pooled { block: usize }`, with nothing public in it and no `Copy`, can be had from the crate alone, and each
value is in one place (reference, "Visibility and privacy", "The Copy trait"). So it is known what callers have: what
calls gave them and they have not passed on or dropped. Each may be dropped at any time, where the type has `Drop`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.show import show_type
from extract.mir.tree import Body, Function
from extract.rust import types as source_types
from extract.rust.items import CrateFacts, Struct
from extract.rust.items import Function as DeclaredFunction
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.program import Program
from smt_models.static_pools.state import State
from smt_models.static_pools.values import NotModelled, Pointer, Scalar, Sum, Value, bits, mapped
from smt_models.static_pools.values import Struct as StructValue
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, TRUE, Term, Variable, both, either, equal, negation
from smt_models.wasm.build import make, number

MOST_PLACES = 64
"""How many values of owners are told apart."""


@dataclass(frozen=True, slots=True)
class OwnerType:
    """`type`: as MIR prints it. `drop`: the body of its `Drop`, if it has one."""

    type: str
    width: int
    drop: str | None

    def is_lent_or_passed(self, of: t.Type) -> bool:
        """Whether an argument of this type is one, or a reference to one."""
        return plain_type(of.target if isinstance(of, t.Reference) else of) == self.type


@dataclass(frozen=True, slots=True)
class Owners:
    """Which values of one type are with callers: of each number below `places`, whether one is out, and whether a
    second one came out meanwhile.
    """

    of: OwnerType
    places: int

    def out(self, place: int) -> Variable:
        return Variable(f"{self.of.type} {place}: is out", BOOLEAN)

    def again(self, place: int) -> Variable:
        return Variable(f"{self.of.type} {place}: is out more than once", BOOLEAN)

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(one for place in range(self.places) for one in (self.out(place), self.again(place)))

    def any_that_is_out(self, state: State, of: t.Type, entry: str) -> tuple[Passed, Value]:
        """What a caller passes as an argument of this type: one of those that it has."""
        value = state.fresh(f"{self.of.type} that is passed", BitVec(self.of.width))
        other = state.fresh(f"another {self.of.type} of this number", BOOLEAN)
        state.condition = (*state.condition, self.is_out(value), either(negation(other), self.is_shared(value)))
        if not isinstance(of, t.Reference):
            return Passed(self.of, value, True, other), StructValue(self.of.type, (Scalar(value),))
        return Passed(self.of, value, entry == self.of.drop, other), self.lent(state, of, value)

    def lent(self, state: State, of: t.Type, value: Term) -> Value:
        """A reference to one."""
        target = of.target if isinstance(of, t.Reference) else None
        return Pointer(state.allocate(StructValue(self.of.type, (Scalar(value),)), target))

    def is_out(self, value: Term) -> Term:
        return either(*(both(self._is(value, place), self.out(place)) for place in range(self.places)))

    def is_shared(self, value: Term) -> Term:
        """Whether more than one caller has such a value."""
        return either(*(both(self._is(value, place), self.again(place)) for place in range(self.places)))

    def is_known(self, value: Term) -> Term:
        return make("bvult", value, number(self.places, self.of.width))

    def _is(self, value: Term, place: int) -> Term:
        return equal(value, number(place, self.of.width))

    def refuse_change(self, passed: Passed, arguments: Iterable[Value], state: State, result: Value) -> None:
        """NotModelled where one that is lent is another afterwards, or its number is given away: whose its blocks are
        then is not known.
        """
        for one in arguments:
            if not isinstance(one, Pointer) or not self._is_one(state.objects[one.base]):
                continue
            if state.read(one) != StructValue(self.of.type, (Scalar(passed.value),)):
                raise NotModelled(f"a {self.of.type} that is lent and changed")
            mapped(result, partial(self._refuse_place, one.base))

    def _is_one(self, value: Value) -> bool:
        return isinstance(value, StructValue) and value.type == self.of.type

    def _refuse_place(self, base: int | str, value: Value) -> None:
        if isinstance(value, Pointer) and value.base == base:
            raise NotModelled(f"a pointer into a {self.of.type}")

    def updates(self, gone: Term | None, made: Made | None) -> Iterator[tuple[str, Term]]:
        """One that is passed on, and one that is given. Of those that are out more than once, some stay."""
        for place in range(self.places):
            out, again = self.out(place), self.again(place)
            left: Term = out
            if gone is not None:
                left = both(out, either(again, negation(self._is(gone, place))))
            if made is None:
                if left != out:
                    yield out.name, left
                continue
            here = both(made.when, self._is(made.value, place))
            yield out.name, either(left, here)
            yield again.name, either(again, both(left, here))


@dataclass(frozen=True, slots=True)
class Made:
    """An owner that a call gives, if it gives one: `when`."""

    value: Term
    when: Term


@dataclass(frozen=True, slots=True)
class Passed:
    """The owner that a call is given: lent to it, or passed on (`gone`). `other`: of those that are out with this value
    it is not the one that was lent before.
    """

    of: OwnerType
    value: Variable
    gone: bool
    other: Variable


def owner_types(facts: CrateFacts, program: Program) -> tuple[OwnerType, ...]:
    """Structs of one number, by their path."""
    return tuple(one for made in facts.structs if (one := _owner_type(made, program)) is not None)


def _owner_type(made: Struct, program: Program) -> OwnerType | None:
    path = made.path.removeprefix("crate::")
    match made.fields:
        case (field,) if field.visible != "pub" and isinstance(field.type, source_types.Primitive):
            of = t.Primitive(field.type.name)
        case _:
            return None
    if made.is_union or made.generics.parameters or of.name in ("bool", "char", "f32", "f64", "str", "!"):
        return None
    if (path, "marker::Copy") in program.implementations:
        return None
    return OwnerType(path, bits(of), program.drop_of(path))


def takes(of: OwnerType, function: Function) -> bool:
    """Whether such a value is passed on to it."""
    return any(plain_type(one) == of.type for one in function.parameters)


def lends(of: str, function: Function, declared: DeclaredFunction | None) -> bool:
    """Whether what a result refers to is lent from a value of this type, which nobody else has meanwhile: the
    lifetime of each `&mut` in it is that of a `&mut` to one among the parameters (reference, "Lifetime elision").
    """
    if declared is None or declared.result is None or len(declared.parameters) != len(function.parameters):
        return False
    found = set(_lifetimes(declared.result))
    references = [one for one in function.parameters if isinstance(one, t.Reference)]
    for one, written in zip(function.parameters, declared.parameters, strict=True):
        match one, written.type:
            case t.Reference(_, True, target), source_types.Reference(_, _, lifetime) if plain_type(target) == of:
                if lifetime not in _ELIDED:
                    return found == {lifetime}
                is_meant = written.pattern == "self" or len(references) == 1
                return is_meant and bool(found) and found <= _ELIDED
            case _:
                pass
    return False


_ELIDED = {None, "_", "'_"}


def _lifetimes(of: source_types.Type) -> Iterator[str | None]:
    """Of the references by which others can write, as far as the result names them."""
    match of:
        case source_types.Reference(target, mutable, lifetime):
            if mutable:
                yield lifetime
            yield from _lifetimes(target)
        case source_types.Path(segments):
            for segment in segments:
                for one in segment.arguments:
                    if isinstance(one, source_types.Type):
                        yield from _lifetimes(one)
        case _:
            pass


def uses(of: OwnerType, function: Function) -> bool:
    """Whether it makes one, or has one among its arguments."""
    return makes_or_alters(of, function.body) or any(of.type in show_type(one) for one in function.parameters)


def makes_or_alters(of: OwnerType, body: Body) -> bool:
    """Whether a body puts such a value together, or may write the number in one."""
    for block in body.blocks:
        if isinstance(block.terminator.kind, st.Call) and _reaches_into(of, body, block.terminator.kind.destination):
            return True
        for statement in block.statements:
            if isinstance(statement.kind, st.Assign):
                given = statement.kind.rvalue
                if isinstance(given, r.AdtAggregate) and plain_path(given.path) == of.type:
                    return True
                if _reaches_into(of, body, statement.kind.place) or (
                    isinstance(given, r.Borrow | r.AddressOf) and _reaches_into(of, body, given.place)
                ):
                    return True
    return False


def _reaches_into(of: OwnerType, body: Body, place: o.Place) -> bool:
    """Whether the place is the number of one."""
    at: t.Type | None = body.locals[place.local].type
    for projection in place.projections:
        match projection, at:
            case o.Deref(), t.Reference(_, _, target) | t.RawPointer(_, target):
                at = target
            case o.Field(_, inner), _:
                if at is None or plain_type(at) == of.type:
                    return True
                at = inner
            case ((o.Index() | o.ConstantIndex()), (t.Array(element, _) | t.Slice(element))):
                at = element
            case o.Downcast(), _:
                pass
            case _:
                at = None
    return False


def made_in(of: OwnerType, value: Value) -> Made | None:
    """The owner in a result. NotModelled if there are several."""
    found = list(_made(of, value, TRUE))
    if len(found) > 1:
        raise NotModelled(f"more than one {of.type} at once")
    return found[0] if found else None


def _made(of: OwnerType, value: Value, when: Term) -> Iterator[Made]:
    match value:
        case StructValue(name, (Scalar(term),)) if name == of.type:
            yield Made(term, when)
        case StructValue(_, fields):
            for one in fields:
                yield from _made(of, one, when)
        case Sum(_, tag, payloads):
            for variant, fields in payloads:
                here = equal(tag, number(variant, 32))
                for one in fields:
                    yield from _made(of, one, both(when, here))
        case _:
            mapped(value, lambda one: _refuse(of, one))


def _refuse(of: OwnerType, value: Value) -> None:
    if isinstance(value, StructValue) and value.type == of.type:
        raise NotModelled(f"a {of.type} in an array")

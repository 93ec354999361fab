"""Any value of a type: what callers pass, and what may stand in a pool whose contents are not kept."""

from __future__ import annotations

from dataclasses import dataclass

from extract.mir import types as t
from extract.mir.show import show_type
from extract.rust import types as source_types
from extract.rust.items import CrateFacts, Enum
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.shadowing import parameter_names
from smt_models.static_pools.state import State
from smt_models.static_pools.values import (
    LAYOUT,
    NON_ZERO,
    OPTION,
    OUTSIDE,
    UNIT,
    WIDTH,
    Array,
    Contents,
    Element,
    NotModelled,
    Pointer,
    Scalar,
    Struct,
    Sum,
    Value,
    bits,
    word,
)
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, either, equal, negation
from smt_models.wasm.build import make, number

HIDDEN = "private part"
"""What only the crate itself can make: callers may not be able to pass every value of it."""
CONTENTS_NAME = "contents"
"""Begins the names of what may stand in a pool whose contents are not kept."""
MOST_ELEMENTS = 64
"""Of an array that is passed as a part of something: each is a number of its own."""
SURROGATES, LAST_CHARACTER = (0xD800, 0xDFFF), 0x10FFFF


@dataclass(frozen=True, slots=True)
class Inputs:
    """`statics`: their paths by the names of their allocations. `shared`: the last names of the types of those
    that callers can name, and of their parts. `takes_pointers`: who asks sees to it that none is kept or given back.
    """

    facts: CrateFacts
    statics: dict[str, str]
    shared: frozenset[str] = frozenset()
    takes_pointers: bool = False

    def _is_shared(self, of: t.Type) -> bool:
        return isinstance(of, t.PathType) and plain_type(of).rpartition("::")[2] in self.shared

    def is_parameter(self, name: str) -> bool:
        """Whether some item has a generic parameter of that name: MIR prints it as it prints a constant."""
        return name in parameter_names(self.facts)

    def is_union(self, path: str) -> bool:
        return any(one.is_union and one.path.removeprefix("crate::") == path for one in self.facts.structs)

    def is_of_numbers(self, path: str) -> bool:
        """Whether it is a struct of the crate whose fields have nothing to do when they are dropped."""
        found = [one for one in self.facts.structs if one.path.removeprefix("crate::") == path and not one.is_union]
        return any(all(isinstance(each.type, source_types.Primitive) for each in one.fields) for one in found)

    def answered(self, state: State, name: str, arguments: tuple[Value, ...]) -> Value:
        """What a foreign function says that is given numbers: any number. It touches nothing private, and calls nothing
        of the crate: no call interrupts another. NotModelled if it is given a place, or answers with something else.
        """
        found = [one.function for one in self.facts.foreign if one.function.path.removeprefix("crate::") == name]
        if len(found) != 1:
            raise NotModelled(f"the foreign function {name}")
        result = found[0].result
        if not all(isinstance(one, Scalar) for one in arguments):
            raise NotModelled(f"the foreign function {name}, which is given a place")
        if result is None or result == source_types.Tuple(()):
            return UNIT
        return self._any_plain(state, result, f"answer of {name}")

    def any_of(self, state: State, of: t.Type, name: str) -> Value:
        """NotModelled for a type of which it is not known what values it has."""
        match of:
            case t.Primitive("bool"):
                return Scalar(state.fresh(name, BOOLEAN))
            case t.Primitive("char"):
                return self._character(state, name)
            case t.Primitive():
                return Scalar(state.fresh(name, BitVec(bits(of))))
            case t.Tuple(elements):
                parts = [self.any_of(state, one, f"{name}.{place}") for place, one in enumerate(elements)]
                return Struct("()", tuple(parts)) if parts else UNIT
            case t.PathType(t.Path((*_, t.Name("Option", (inner,))))) if plain_type(of) == OPTION and not isinstance(
                inner, t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn
            ):
                tag = any_variant(state, OPTION, 2, f"{name} is some").tag
                return Sum(OPTION, tag, ((1, (self.any_of(state, inner, name),)),))
            case t.PathType(t.Path((*_, t.Name(_, (t.Primitive() as inner,))))) if plain_type(of) == NON_ZERO:
                made = state.fresh(name, BitVec(bits(inner)))
                state.condition = (*state.condition, negation(equal(made, number(0, bits(inner)))))
                return Struct(NON_ZERO, (Scalar(made),))
            case t.PathType() if plain_type(of) == LAYOUT:
                return self._layout(state, name)
            case t.PathType() if self.takes_pointers and plain_type(of) == "core::ptr::NonNull":
                return OUTSIDE
            case t.PathType(path):
                return self._of_crate(state, plain_path(path), name)
            case t.RawPointer() if self.takes_pointers:
                return OUTSIDE
            case t.Array(t.Primitive() as element, t.ConstArgument(text)) if (count := _few(text)) is not None:
                return Array(tuple([self.any_of(state, element, f"{name}[{n}]") for n in range(count)]))
            case t.Reference(_, _, t.Slice(target) | t.Array(target, _) | target) if self._is_shared(target):
                raise NotModelled(f"a static that is passed as {name}")
            case t.Reference(_, _, t.Slice(_)) | t.Reference(_, False, t.Primitive("str")):
                length = state.fresh(f"length of {name}", BitVec(WIDTH))
                base = state.allocate(Contents(length))
                return Pointer(base, (Element(word(0).term),), length)
            case t.Reference(_, _, t.Array(t.Primitive()) as target) | t.Reference(_, False, target):
                return Pointer(state.allocate(self.any_of(state, target, name), target))
            case _:
                raise NotModelled(f"any value of {show_type(of)}")

    def _layout(self, state: State, name: str) -> Value:
        """The alignment is a power of two, and the size rounded up to it is no more than `isize` has
        [core::alloc::Layout::from_size_align].
        """
        size, align = (state.fresh(f"{name}.{part}", BitVec(WIDTH)) for part in ("size", "align"))
        below = make("bvsub", align, number(1, WIDTH))
        state.condition = (
            *state.condition,
            negation(equal(align, number(0, WIDTH))),
            equal(make("bvand", align, below), number(0, WIDTH)),
            make("bvule", size, make("bvsub", number(1 << (WIDTH - 1), WIDTH), align)),
        )
        return Struct(LAYOUT, (Scalar(size), Scalar(align)))

    def _character(self, state: State, name: str) -> Value:
        made = state.fresh(name, BitVec(32))
        _at_most(state, made, LAST_CHARACTER)
        low, high = SURROGATES
        state.condition = (
            *state.condition,
            either(make("bvult", made, number(low, 32)), make("bvult", number(high, 32), made)),
        )
        return Scalar(made)

    def _of_crate(self, state: State, path: str, name: str) -> Value:
        for one in self.facts.enums:
            if one.path.removeprefix("crate::") == path:
                return self._of_enum(state, one, path, name)
        for made in self.facts.structs:
            if made.path.removeprefix("crate::") == path and not made.is_union:
                hidden = any(field.visible != "pub" for field in made.fields)
                called = f"{HIDDEN} of {name}" if hidden else name
                fields = [self._any_plain(state, field.type, f"{called}.{field.name}") for field in made.fields]
                return Struct(path, tuple(fields))
        raise NotModelled(f"any value of {path}")

    def _of_enum(self, state: State, one: Enum, path: str, name: str) -> Value:
        tag = any_variant(state, path, len(one.variants), name).tag
        payloads = []
        for each in one.variants:
            fields = [self._any_plain(state, field.type, f"{name}.{each.name}.{field.name}") for field in each.fields]
            if fields:
                payloads.append((each.index, tuple(fields)))
        return Sum(path, tag, tuple(payloads))

    def _any_plain(self, state: State, of: source_types.Type, name: str) -> Value:
        """Of a field, by the sources: numbers only."""
        if isinstance(of, source_types.Primitive):
            return self.any_of(state, t.Primitive(of.name), name)
        count = _few(of.length) if isinstance(of, source_types.Array) else None
        if isinstance(of, source_types.Array) and isinstance(of.element, source_types.Primitive) and count is not None:
            return Array(tuple([self._any_plain(state, of.element, f"{name}[{n}]") for n in range(count)]))
        raise NotModelled(f"any value of the field {name}")


def any_variant(state: State, path: str, count: int, name: str) -> Sum:
    """One of so many, of which it is not known what it holds."""
    if count == 0:
        raise NotModelled(f"any value of {path}, of which no variant is known")
    tag = state.fresh(name, BitVec(WIDTH))
    _at_most(state, tag, count - 1)
    return Sum(path, tag, ())


def _at_most(state: State, term: Term, value: int) -> None:
    state.condition = (*state.condition, make("bvule", term, number(value, WIDTH)))


def _few(length: str) -> int | None:
    return int(length) if length.isdecimal() and int(length[:9]) <= MOST_ELEMENTS else None

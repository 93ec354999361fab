"""The arrays of a static, under the names by which debug information tells of them: `STATIC`, `STATIC.field`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extract.mir import types as t
from extract.rust import types as source
from extract.rust.items import CrateFacts
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from smt_models.runtime.names import plain_type
from smt_models.static_pools.alignment import bare
from smt_models.static_pools.explore import Explorer
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import CELLS, Array, Contents, NotModelled, Scalar, Struct, Value, size_of
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Literal

_MOST_ALIGNED = 8
"""Bytes of the largest number that lies at a multiple of its own size, whatever the compiler."""
_Type = t.Type | source.Type
"""Of statics as MIR prints it, of fields as the sources do, with their names resolved."""


@dataclass(frozen=True, slots=True)
class StaticArray:
    """`static`: by its path; `name`: with the fields that lead to the array. `element`: bytes of an entry, where they
    are known; `compound`: it is an array or a record.
    """

    static: str
    name: str
    count: int
    element: int | None
    compound: bool = False

    @property
    def size(self) -> int | None:
        return None if self.element is None else self.count * self.element


def arrays_of(subject: Subject, names: tuple[str, ...]) -> tuple[StaticArray, ...]:
    """Of statics of which the first value is known. Raises NotModelled."""
    first = Explorer(subject, names, frozenset()).first
    types = {name: subject.statics[name].item.type for name in names}
    return tuple(one for name in names for one in _arrays(name, "", (first[name], types[name]), subject.facts))


def _arrays(static: str, way: str, typed: tuple[Value, _Type], facts: CrateFacts) -> Iterator[StaticArray]:
    """`typed`: a part of the static, and its type."""
    value, of = typed[0], _bare(typed[1])
    match value:
        case Array(elements):
            layout = _layout(elements[0], facts) if elements else None
            size = None if layout is None else layout[0]
            compound = bool(elements) and isinstance(elements[0], Array | Struct)
            yield StaticArray(static, static + way, len(elements), size, compound)
        case Contents(Literal(value=int(count))):
            yield StaticArray(static, static + way, count, *_element(of))
        case Struct(name, fields):
            sizes = [_layout(one, facts) for one in fields]
            whole = [one for one, layout in enumerate(sizes) if layout is None or layout[0]]
            for number, (field, inner) in enumerate(_fields(name, of, len(fields), facts)):
                ways = way if whole == [number] else f"{way}.{field}"  # a record of one thing is that thing
                yield from _arrays(static, ways, (fields[number], inner), facts)
        case _:
            pass


def _element(of: _Type) -> tuple[int | None, bool]:
    """Of an array of which only the length was kept."""
    match of:
        case t.Array(element, _):
            return _size(element), not isinstance(element, t.Primitive)
        case source.Array(source.Primitive(name), _):
            return _size(t.Primitive(name)), False
        case _:
            return None, False


def _size(of: t.Type) -> int | None:
    try:
        return size_of(of)
    except NotModelled:
        return None


def _bare(of: _Type) -> _Type:
    """Without the cells of the library, which are what is in them."""
    match of:
        case t.PathType(t.Path((*_, t.Name(_, (inner,))))) if plain_type(of) in CELLS and isinstance(inner, t.Type):
            return _bare(inner)
        case source.External():
            return bare(of) or of
        case _:
            return of


def _fields(name: str, of: _Type, count: int, facts: CrateFacts) -> list[tuple[str, _Type]]:
    """Names and types."""
    for one in facts.structs:
        if one.path.removeprefix("crate::") == name and len(one.fields) == count:
            named, resolver = one.shape == "named", TypeNames(Names(facts))
            found = [resolver.resolve(field.type, one.environment) for field in one.fields]
            names = [field.name if named else f"__{field.name}" for field in one.fields]
            return list(zip(names, found, strict=True))
    types: Sequence[_Type] = [t.UNIT] * count
    if isinstance(of, t.Tuple | source.Tuple) and len(of.elements) == count:
        types = of.elements
    return [(f"__{number}", inner) for number, inner in enumerate(types)]


def _layout(value: Value, facts: CrateFacts) -> tuple[int, int] | None:
    """Size and alignment on wasm32; None where that is not known."""
    match value:
        case Scalar(term) if term.sort == BOOLEAN:
            return 1, 1
        case Scalar(term) if isinstance(term.sort, BitVec) and term.sort.width <= 8 * _MOST_ALIGNED:
            return term.sort.width // 8, term.sort.width // 8
        case Array(elements) if elements and (one := _layout(elements[0], facts)) is not None:
            return len(elements) * one[0], one[1]
        case Struct(of, fields) if not _has_own_layout(of, facts):
            inner = [_layout(one, facts) for one in fields]
            known = [one for one in inner if one is not None]
            if len(known) < len(inner):
                return None
            # the largest alignment comes first, so that nothing lies between fields
            align = max((one[1] for one in known), default=1)
            return -(-sum(one[0] for one in known) // align) * align, align
        case _:
            return None


def _has_own_layout(of: str, facts: CrateFacts) -> bool:
    return any(one.representation and one.path.removeprefix("crate::") == of for one in facts.structs)

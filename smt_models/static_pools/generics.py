"""Bodies of generic functions for the arguments of one call: MIR has one body for all of them.

What a parameter stands for is read off the types of what is passed. A parameter of which they do not tell stays, and
what depends on it has no meaning here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from extract.mir import operands as o
from extract.mir import types as t
from extract.mir.tree import Function, Source
from extract.rust import types as source_types
from extract.rust.generics import GenericParameter
from extract.rust.items import CrateFacts
from smt_models.runtime.names import plain_path, plain_type

Argument = t.Type | t.ConstArgument
_SLICES = ("Iter", "IterMut", "Windows", "Chunks", "ChunksMut", "ChunksExact", "ChunksExactMut")
_ITERATORS = frozenset((*(f"core::slice::{name}" for name in _SLICES), "core::array::IntoIter", "core::ops::Range"))
"""With the types of `core::iter`, all of which are."""


def parameters_of(facts: CrateFacts) -> dict[str, dict[str, str | None]]:
    """The parameters of each function and those of the impl around it, by the name of its body; of constants with the
    primitive type that they have.
    """
    found: dict[str, dict[str, str | None]] = {}
    for made in facts.implementations:
        for method in made.methods:
            found[method.path] = _named(made.generics.parameters) | _named(method.generics.parameters)
    for one in facts.functions:
        found[one.path] = _named(one.generics.parameters)
    root = _at_the_root(facts)
    told = {path: {name: of for name, of in names.items() if name not in root} for path, names in found.items()}
    return {path.removeprefix("crate::"): names for path, names in told.items() if names}


def _at_the_root(facts: CrateFacts) -> frozenset[str]:
    """The names of items there: MIR prints them as it prints parameters."""
    paths = [one.path for one in facts.structs] + [one.path for one in facts.enums]
    paths += [one.path for one in facts.aliases] + [one.path for one in facts.constants]
    return frozenset(one.removeprefix("crate::") for one in paths)


def _named(parameters: tuple[GenericParameter, ...]) -> dict[str, str | None]:
    return {
        one.name: one.default.name if one.kind == "const" and isinstance(one.default, source_types.Primitive) else None
        for one in parameters
        if one.kind != "lifetime"
    }


def arguments(
    names: Iterable[str], declared: Sequence[t.Type], given: Sequence[t.Type | None]
) -> dict[str, Argument] | None:
    """What the parameters stand for where types stand for declared ones; None if there is no such thing, or none that
    is known.
    """
    found: dict[str, Argument] = {}
    wanted = frozenset(names)
    for pattern, one in zip(declared, given, strict=True):
        if one is not None and not _match(pattern, one, wanted, found):
            return None
    return found


def _match(
    pattern: t.GenericArgument, given: t.GenericArgument, names: frozenset[str], found: dict[str, Argument]
) -> bool:
    """Whether the one is the other, but for lifetimes, under what was found."""
    match pattern, given:
        case t.PathType(t.Path((t.Name(name, ()),))), _ if name in names:
            if isinstance(given, t.Lifetime | t.Binding | t.BoundOn):
                return False
            return found.setdefault(name, given) == given
        case t.Lifetime(), t.Lifetime():
            return True
        case t.Reference(_, is_mutable, target), t.Reference(_, is_given_mutable, other):
            return is_mutable == is_given_mutable and _match(target, other, names, found)
        case t.RawPointer(is_mutable, target), t.RawPointer(is_given_mutable, other):
            return is_mutable == is_given_mutable and _match(target, other, names, found)
        case t.Slice(element), t.Slice(other):
            return _match(element, other, names, found)
        case t.Array(element, length), t.Array(other, other_length):
            return _match(element, other, names, found) and _match(length, other_length, names, found)
        case t.Tuple(elements), t.Tuple(others):
            return _all(elements, others, names, found)
        case t.PathType(t.Path(segments)), t.PathType(t.Path(others)) if len(segments) == len(others):
            return all(_segments(one, other, names, found) for one, other in zip(segments, others, strict=True))
        case _:
            return pattern == given


def _segments(one: t.Segment, other: t.Segment, names: frozenset[str], found: dict[str, Argument]) -> bool:
    match one, other:
        case t.Name(name, generics), t.Name(other_name, others):
            return name == other_name and _all(generics, others, names, found)
        case _:
            return one == other


def _all(
    patterns: Sequence[t.GenericArgument], given: Sequence[t.GenericArgument], names: frozenset[str],
    found: dict[str, Argument],
) -> bool:  # fmt: skip
    return len(patterns) == len(given) and all(
        _match(one, other, names, found) for one, other in zip(patterns, given, strict=True)
    )


def specialised(function: Function, arguments: Mapping[str, Argument], names: Mapping[str, str | None]) -> Function:
    """The function with these in the place of its parameters. `names`: with the types of those that are constants."""

    def change(part: Any) -> Any:
        match part:
            case t.PathType(t.Path((t.Name(name, ()),))) if name in arguments:
                return arguments[name]
            case o.Named(t.Path((t.Name(name, ()),))) if name in arguments:
                return _constant(part, arguments[name], names[name])
            case Source() | t.Span() | str() | int() | None:
                return part
            case tuple():
                return _rebuilt(part, tuple(map(change, part)))
            case _ if is_dataclass(part):
                changed = {one.name: (change(getattr(part, one.name))) for one in fields(part)}
                kept = all(value is getattr(part, name) for name, value in changed.items())
                return part if kept else projected(replace(part, **changed))  # type: ignore[type-var]
            case _:
                return part

    made = change(function)
    assert isinstance(made, Function)
    return made


def projected(part: Any) -> Any:
    """The iterator for which `IntoIter` of a type of the library stands; anything else as it is."""
    match part:
        case t.PathType(t.Path((t.Qualified(of, t.Path() as trait), t.Name("IntoIter", ())))) if (
            plain_path(trait) == "core::iter::IntoIterator"
        ):
            found = _iterator_of(of)
            return part if found is None else found
        case _:
            return part


def _iterator_of(of: t.Type) -> t.Type | None:
    """ "impl<I: Iterator> IntoIterator for I", of which it is I itself; of slices and arrays, and references to them,
    as their documentation says [core::iter::IntoIterator, "Implementors"]. None for what is not known.
    """
    match of:
        case t.PathType() if plain_type(of) in _ITERATORS or plain_type(of).startswith("core::iter::"):
            return of
        case t.Reference(_, is_mutable, t.Slice(element) | t.Array(element, _)):
            name = t.Name("IterMut" if is_mutable else "Iter", (t.Lifetime("'_"), element))
            return t.PathType(t.Path((t.Name("core", ()), t.Name("slice", ()), name)))
        case t.Array(element, length):
            name = t.Name("IntoIter", (element, length))
            return t.PathType(t.Path((t.Name("core", ()), t.Name("array", ()), name)))
        case _:
            return None


def _rebuilt(before: tuple[Any, ...], after: tuple[Any, ...]) -> tuple[Any, ...]:
    return before if all(one is other for one, other in zip(before, after, strict=True)) else after


def _constant(named: o.Named, argument: Argument, of: str | None) -> o.Constant:
    match argument:
        case t.ConstArgument(text) if of is not None and text.removeprefix("-").isdigit():
            return o.Integer(int(text), of)
        case t.PathType(path):
            return o.Named(path)
        case _:
            return named

"""At a multiple of what the array of a static lies, as far as Rust promises for targets with addresses of 32 bits
(reference, "Type layout"). What the compiler says for another target is not asked.

A field lies where its struct does if it is the only one; those of `repr(C)` lie one after the other, each at a multiple
of its type's alignment. Where another lies is not said, but that it is aligned as its type is.
"""

from __future__ import annotations

from collections.abc import Sequence

from extract.rust import types as source
from extract.rust.items import CrateFacts, Struct
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import CELLS, Element, Step

_DEEPEST = 20
_SIZES = {"u16": 2, "i16": 2, "u32": 4, "i32": 4, "f32": 4, "u64": 4, "i64": 4, "f64": 4, "usize": 4, "isize": 4}
"""The least alignment of numbers, in bytes, on targets with addresses of 32 bits."""


def alignment_of(subject: Subject, static: str, way: Sequence[Step]) -> int:
    """Of the outermost array on a way into a static, in bytes."""
    declared = subject.statics[static].declared
    if declared is None:
        return 1
    types = TypeNames(Names(subject.facts))
    of: source.Type | None = types.resolve(declared.type, declared.environment)
    best, is_packed = _declared(of, types, subject.facts), False
    for step in way:
        if isinstance(step, Element):
            return best
        made = _struct(of, subject.facts)
        if made is None or not isinstance(step, int) or step >= len(made.fields):
            return 1
        is_packed |= any(one.startswith("packed") for one in made.representation)
        before = [types.resolve(one.type, made.environment) for one in made.fields[: step + 1]]
        of = before[-1]
        at = 0 if len(made.fields) == 1 else _offset(before) if "C" in made.representation else None
        kept = 1 if at is None or (is_packed and at) else best if at == 0 else min(best, at & -at)
        best = max(kept, 1 if is_packed else _declared(of, types, subject.facts))
    return best


def _offset(fields: Sequence[source.Type]) -> int | None:
    """Where the last of these begins after the others; None if it is not known what one takes."""
    *before, last = fields
    at = 0
    for one in before:
        layout = _layout(one)
        if layout is None:
            return None
        size, align = layout
        at = -(-at // align) * align + size
    if not before:
        return 0
    own = _alignment(last)
    return None if own is None else -(-at // own) * own


def _alignment(of: source.Type) -> int | None:
    """Of an array that of its elements, however many they are."""
    whole = bare(of)
    if isinstance(whole, source.Array):
        return _alignment(whole.element)
    layout = _layout(of)
    return None if layout is None else layout[1]


def _layout(of: source.Type) -> tuple[int, int] | None:
    """Size and alignment, where all targets with addresses of 32 bits agree."""
    match bare(of):
        case source.Primitive("u8" | "i8" | "bool"):
            return 1, 1
        case source.Primitive(name) if name in _SIZES and not name.endswith("64"):
            return _SIZES[name], _SIZES[name]
        case source.Array(element, length):
            inner = _layout(element)
            count = length.strip()
            return None if inner is None or not count.isdigit() else (int(count) * inner[0], inner[1])
        case _:
            return None


def _declared(of: source.Type | None, types: TypeNames, facts: CrateFacts, depth: int = 0) -> int:
    """What a type is aligned to at least: as it says, and as its fields are, unless they are packed."""
    match bare(of):
        case source.Primitive(name):
            return _SIZES.get(name, 1)
        case source.Array(element):
            return _declared(element, types, facts, depth)
        case other:
            made = _struct(other, facts)
            if made is None or depth > _DEEPEST:
                return 1
            said = [one[len("align(") : -1].strip() for one in made.representation if one.startswith("align(")]
            found = [int(one) for one in said if one.isdigit()]
            if not any(one.startswith("packed") for one in made.representation):
                inner = (types.resolve(one.type, made.environment) for one in made.fields)
                found += [_declared(one, types, facts, depth + 1) for one in inner]
            return max(found, default=1)


def _struct(of: source.Type | None, facts: CrateFacts) -> Struct | None:
    match bare(of):
        case source.Local(path):
            return next((one for one in facts.structs if one.path == path), None)
        case _:
            return None


def _plain(path: str) -> str:
    return f"core::{path.removeprefix('std::')}" if path.startswith("std::") else path


def bare(of: source.Type | None) -> source.Type | None:
    """Without the cells of the library. Of a resolved type: one of the crate may be named as they are."""
    match of:
        case source.External(path, (inner,)) if _plain(path) in CELLS:
            return bare(inner)
        case _:
            return of

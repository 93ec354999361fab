"""Paths of MIR without generic arguments: the names in the tables of functions and types."""

from __future__ import annotations

from typing import TypeGuard

from extract.mir import types as t
from extract.mir.show import show_span, show_type

_ALLOC = frozenset({"vec", "boxed", "string", "rc", "collections", "borrow"})
_ALLOC_ITEMS = frozenset(
    {
        "alloc::alloc",
        "alloc::alloc_zeroed",
        "alloc::dealloc",
        "alloc::realloc",
        "alloc::handle_alloc_error",
        "sync::Arc",
    }
)
_ATOMIC = ["sync", "atomic", "Atomic"]
_STD = frozenset({"io", "thread", "process", "env", "fs", "net", "time", "sys", "rt"})


def plain_path(path: t.Path) -> str:
    """Of the standard library's items under the crate that defines them, not under `std`, which re-exports them."""
    names = [_segment(segment) for segment in path.segments]
    if names[0] == "std" and len(names) > 1 and names[1] not in _STD:
        in_alloc = names[1] in _ALLOC or "::".join(names[1:3]) in _ALLOC_ITEMS
        names[0] = "alloc" if in_alloc else "core"
    if names[1:4] == _ATOMIC:
        names[3] = _atomic(path.segments[3])
    return "::".join(names)


def _atomic(segment: t.Segment) -> str:
    """The name that the type had before it became generic, and that its documentation still has: `AtomicU32`."""
    match segment:
        case t.Name(_, (t.Primitive(name),)):
            return f"Atomic{name.capitalize()}"
        case t.Name(_, (t.RawPointer(),)):
            return "AtomicPtr"
        case _:
            return _segment(segment)


def _segment(segment: t.Segment) -> str:
    match segment:
        case t.Name(name) | t.CallSugar(name):
            return name
        case t.Numbered(kind, number):
            return f"{{{kind}#{number}}}"
        case t.Promoted(number):
            return f"promoted[{number}]"
        case t.ImplAt(span):
            return f"<impl at {show_span(span)}>"
        case t.ImplOf(trait, of):
            return f"<impl {'' if trait is None else plain_path(trait) + ' for '}{plain_type(of)}>"
        case t.Qualified(of, trait):
            return f"<{plain_type(of)}{'' if trait is None else ' as ' + plain_path(trait)}>"


def plain_type(of: t.Type) -> str:
    """The type's path; of other types its shape with plain paths, where a table may ask for it."""
    match of:
        case t.PathType(path):
            return plain_path(path)
        case t.RawPointer(mutable, _):
            return "*mut _" if mutable else "*const _"
        case t.Reference(_, mutable, target):
            return f"&mut {plain_type(target)}" if mutable else f"&{plain_type(target)}"
        case t.Slice():
            return "[_]"
        case _:
            return show_type(of)


def closure_name(span: t.Span) -> str:
    return f"{{closure@{show_span(span)}}}"


def is_pin(of: t.Type) -> TypeGuard[t.PathType]:
    return isinstance(of, t.PathType) and plain_path(of.path) == "core::pin::Pin"


def last_generics(path: t.Path) -> tuple[t.GenericArgument, ...]:
    """The generic arguments of the last segment: `cast::<T>`."""
    last = path.segments[-1]
    return last.generics if isinstance(last, t.Name) else ()


def owner_generics(path: t.Path) -> tuple[t.GenericArgument, ...]:
    """The generic arguments of the type whose function it is: `Vec::<T>::new`."""
    owner = path.segments[-2] if len(path.segments) > 1 else None
    return owner.generics if isinstance(owner, t.Name) else ()

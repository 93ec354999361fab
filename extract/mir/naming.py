"""How types, traits and functions are told apart when generic arguments are left aside.

The text does not say whether `T` is a parameter or a type at the root of the crate; one name alone counts as a
parameter, which leaves more candidates and never fewer.
"""

from __future__ import annotations

import re

from extract.mir.impls import ImplHeader
from extract.mir.show import show_path, show_type
from extract.mir.types import (
    BodyOf,
    Closure,
    Dynamic,
    ImplOf,
    Inferred,
    Name,
    Numbered,
    Opaque,
    Path,
    PathType,
    Qualified,
    RawPointer,
    Reference,
    Segment,
    Slice,
    Type,
)

_FACADE = re.compile(r"(?<![\w:])(?:core|alloc)::")


def through_std(text: str) -> str:
    """`core::option::Option` and `alloc::vec::Vec` by their names in `std`, as a crate with `std` prints them."""
    return _FACADE.sub("std::", text)


def name_of(segment: Segment) -> str:
    return segment.name if isinstance(segment, Name) else ""


def _bare(segment: Segment) -> Segment:
    match segment:
        case Name(name):
            return Name(name)
        case Numbered(kind, number):
            return Numbered(kind, number)
        case Qualified(of, trait):
            return Qualified(PathType(Path((Name(kind_of(of)),))), None if trait is None else without_generics(trait))
        case ImplOf(trait, of):
            return ImplOf(None if trait is None else without_generics(trait), _family(of))
        case _:
            return segment


def _family(of: Type) -> Type:
    """`*const _`, `[_]`: the impls that the library has for every pointer and slice."""
    match of:
        case RawPointer(mutable):
            return RawPointer(mutable, Inferred())
        case Slice():
            return Slice(Inferred())
        case _:
            return PathType(Path((Name(kind_of(of)),)))


def without_generics(path: Path) -> Path:
    return Path(tuple([_bare(segment) for segment in path.segments]))


def plain(path: Path) -> str:
    return show_path(without_generics(path))


def is_parameter(of: Type) -> bool:
    """`T`, `Self`, an opaque argument, or what is projected from one: the text does not say which type it is."""
    match of:
        case PathType(Path((Name(name, ()),))):
            return name[:1].isupper()
        case PathType(Path((Qualified(), *_))):
            return True
        case _:
            return isinstance(of, Opaque | Dynamic)


def kind_of(of: Type) -> str:
    """A type without its generic arguments; `_` for a parameter."""
    if is_parameter(of):
        return "_"
    match of:
        case PathType(path):
            return show_path(without_generics(path), turbofish=False)
        case Reference(_, mutable, target):
            return f"&{'mut ' if mutable else ''}{kind_of(target)}"
        case RawPointer(mutable, target):
            return f"*{'mut' if mutable else 'const'} {kind_of(target)}"
        case _:
            return show_type(of)


def last_name(of: Type) -> str:
    """The last name of a type, or what kind of type it is."""
    match of:
        case PathType(path):
            return name_of(path.segments[-1])
        case Reference(_, mutable, target):
            return f"&{'mut ' if mutable else ''}{last_name(target)}"
        case RawPointer(mutable, target):
            return f"*{'mut' if mutable else 'const'} {last_name(target)}"
        case _:
            return show_type(of)


def fits(header: ImplHeader, of: Type) -> bool:
    """Whether the impl could be for this type: by last names, its own parameters being any type."""
    match header.type, of:
        case PathType(Path((Name(name, ()),))), _ if name in header.parameters:
            return True
        case Reference(_, mutable, inner), Reference(_, other_mutable, other):
            return mutable == other_mutable and fits(
                ImplHeader(header.parameters, header.trait, inner, header.is_derived), other
            )
        case _:
            return last_name(header.type) == last_name(of)


def without_context(of: Type) -> Type:
    return Closure(of.kind, of.span, None) if isinstance(of, Closure) else of


def code_of(parameter: Type) -> Type | None:
    """The closure or coroutine that a body takes: `{..}`, `&{..}`, `Pin<&mut {..}>`, `*mut {..}`."""
    match parameter:
        case Closure() | BodyOf():
            return without_context(parameter)
        case Reference(_, _, target) | RawPointer(_, target):
            return code_of(target)
        case PathType(Path((*_, Name("Pin", (Reference(_, _, target),))))):
            return code_of(target)
        case _:
            return None

"""Drop glue as a tree, and the order of its steps."""

from __future__ import annotations

from dataclasses import dataclass

from extract.rust.implementors import Implementor
from extract.rust.library_types import LibraryType
from extract.rust.types import Coroutine, Dynamic, External, Type


@dataclass(frozen=True, slots=True)
class NoGlue:
    """Dropping it does nothing."""

    type: Type
    why: str


@dataclass(frozen=True, slots=True)
class FieldGlue:
    """`index` is MIR's field number."""

    name: str
    index: int
    glue: Glue


@dataclass(frozen=True, slots=True)
class Fields:
    """Its own `Drop`, if there is one, then the fields in this order."""

    type: Type
    own: Implementor | None
    fields: tuple[FieldGlue, ...]


@dataclass(frozen=True, slots=True)
class VariantGlue:
    name: str
    index: int
    fields: tuple[FieldGlue, ...]


@dataclass(frozen=True, slots=True)
class Variants:
    """Its own `Drop`, then the fields of the variant that it is."""

    type: Type
    own: Implementor | None
    variants: tuple[VariantGlue, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """Each element, from the first to the last; the length is text, None for a slice."""

    type: Type
    element: Glue
    length: str | None


@dataclass(frozen=True, slots=True)
class Library:
    """A type of the library: what its rule does, with the glue of each type argument."""

    type: External
    rule: LibraryType
    arguments: tuple[Glue, ...]


@dataclass(frozen=True, slots=True)
class CoroutineDrop:
    """It stands in the `coroutine_drop` body of this coroutine."""

    type: Coroutine


@dataclass(frozen=True, slots=True)
class VirtualDrop:
    """The glue that the vtable of a trait object names."""

    type: Dynamic


@dataclass(frozen=True, slots=True)
class OpenGlue:
    """It depends on a type that is not known here: a parameter, an associated type of one, an opaque type."""

    type: Type


@dataclass(frozen=True, slots=True)
class Recursion:
    """The glue of this type, in which one already is."""

    type: Type


@dataclass(frozen=True, slots=True)
class UnknownGlue:
    """Not known, and why; `name` says of what."""

    type: Type
    name: str
    why: str


Glue = (
    NoGlue | Fields | Variants | Repeated | Library | CoroutineDrop | VirtualDrop | OpenGlue | Recursion | UnknownGlue
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: at a place, by field names, what is run or named there."""

    place: tuple[str, ...]
    action: str
    glue: Glue


def ordered(glue: Glue, place: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """The steps in their order, without what does nothing; the place of a step in a variant says `as Variant`."""
    match glue:
        case NoGlue():
            return ()
        case Fields(_, own, fields):
            return (*_own(glue, own, place), *_inner(fields, place))
        case Variants(_, own, variants):
            inner = tuple(step for one in variants for step in _inner(one.fields, (*place, f"as {one.name}")))
            return (*_own(glue, own, place), *inner)
        case Repeated(_, element, _):
            return ordered(element, (*place, "[each]"))
        case Library(_, rule, arguments):
            return _library_steps(glue, rule, arguments, place)
        case CoroutineDrop():
            return (Step(place, "coroutine_drop", glue),)
        case VirtualDrop():
            return (Step(place, "vtable", glue),)
        case OpenGlue():
            return (Step(place, "open", glue),)
        case Recursion():
            return (Step(place, "again", glue),)
        case UnknownGlue():
            return (Step(place, "unknown", glue),)


def _own(glue: Glue, own: Implementor | None, place: tuple[str, ...]) -> tuple[Step, ...]:
    return (Step(place, f"<impl at {own.implementation.span}>::drop", glue),) if own is not None else ()


def _inner(fields: tuple[FieldGlue, ...], place: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(step for one in fields for step in ordered(one.glue, (*place, one.name)))


def _library_steps(
    glue: Library, rule: LibraryType, arguments: tuple[Glue, ...], place: tuple[str, ...]
) -> tuple[Step, ...]:
    """The contents, then what the type itself does (free, count down, call)."""
    inner: tuple[Step, ...] = ()
    if rule.action == "variants":
        for name, held in rule.variants:
            for number in held:
                if number < len(arguments):
                    inner += ordered(arguments[number], (*place, f"as {name}", "0"))
        return inner
    for number, argument in enumerate(arguments):
        inner += ordered(argument, (*place, f"<{number}>"))
    return inner if rule.action == "contents" else (*inner, Step(place, rule.action, glue))

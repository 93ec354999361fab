"""Drop glue, derived from types: no MIR has it (reference, "Destructors").

A type's own `Drop` comes first; then the fields of a struct in the order of declaration, those of the active variant of
an enum, the elements of a tuple or array from the first to the last. A closure drops what it captured; the order is
that of the captures, which only MIR knows. What a suspended coroutine drops stands in its `coroutine_drop` body alone.
"""

from __future__ import annotations

from extract.rust import limits
from extract.rust.glue import (
    CoroutineDrop,
    FieldGlue,
    Fields,
    Glue,
    Library,
    NoGlue,
    OpenGlue,
    Recursion,
    Repeated,
    UnknownGlue,
    VariantGlue,
    Variants,
    VirtualDrop,
)
from extract.rust.implementors import Implementors
from extract.rust.items import CrateFacts, Enum, Field, Struct
from extract.rust.library_types import library_type
from extract.rust.type_names import TypeNames, substitute
from extract.rust.types import (
    Array,
    ClosureType,
    Coroutine,
    Dynamic,
    External,
    FunctionPointer,
    Inferred,
    Local,
    Never,
    Opaque,
    Parameter,
    Path,
    Pointer,
    Primitive,
    Projection,
    Reference,
    SelfType,
    Slice,
    Tuple,
    Type,
    Unresolved,
    Unsupported,
)


class DropGlue:
    """Derives drop glue for the types of one crate."""

    def __init__(self, facts: CrateFacts, types: TypeNames, implementors: Implementors) -> None:
        self._types = types
        self._implementors = implementors
        self._items: dict[str, list[Struct | Enum]] = {}
        for struct in facts.structs:
            self._items.setdefault(struct.path, []).append(struct)
        for enum in facts.enums:
            self._items.setdefault(enum.path, []).append(enum)
        self._left = 0

    def drop_glue(self, given: Type) -> Glue:
        """The glue of a resolved type."""
        self._left = limits.MAX_GLUE_STEPS
        return self._glue(given, ())

    def _glue(self, given: Type, around: tuple[Type, ...]) -> Glue:
        given = self._implementors.normalised(given)
        self._left -= 1
        if self._left < 0 or len(around) > limits.MAX_RESOLUTION_STEPS:
            return UnknownGlue(given, "its parts", f"more than {limits.MAX_GLUE_STEPS} steps, or too deep")
        if given in around:
            return Recursion(given)
        within = (*around, given)
        match given:
            case Primitive() | Pointer() | FunctionPointer() | Never():
                return NoGlue(given, "it owns nothing")
            case Reference():
                return NoGlue(given, "a reference owns nothing")
            case Tuple(elements):
                return self._sequence(given, elements, within)
            case Array(element, length):
                return Repeated(given, self._glue(element, within), length)
            case Slice(element):
                return Repeated(given, self._glue(element, within), None)
            case Local():
                return self._local(given, within)
            case External():
                return self._library(given, within)
            case ClosureType():
                if given.captures is None:
                    return UnknownGlue(given, f"a closure at {given.span}", "its captures were not given")
                return self._sequence(given, given.captures, within)
            case Coroutine():
                return CoroutineDrop(given)
            case Dynamic():
                return VirtualDrop(given)
            case Parameter() | Projection() | SelfType() | Opaque():
                return OpenGlue(given)
            case Unresolved():
                return UnknownGlue(given, f"{given.name} at {given.span}", given.reason)
            case Unsupported():
                return UnknownGlue(given, f"{given.text} at {given.span}", "a form of type that is not read here")
            case Path():
                return UnknownGlue(given, f"{given.text} at {given.span}", "a name that was not resolved")
            case Inferred():
                return UnknownGlue(given, "_", "an inferred type")

    def _sequence(self, given: Type, elements: tuple[Type, ...], within: tuple[Type, ...]) -> Glue:
        parts = [FieldGlue(str(number), number, self._glue(one, within)) for number, one in enumerate(elements)]
        return Fields(given, None, tuple(parts)) if parts else NoGlue(given, "it holds nothing")

    def _local(self, given: Local, within: tuple[Type, ...]) -> Glue:
        items = self._items.get(given.path, [])
        same = sum(isinstance(one, Local) and one.path == given.path for one in within)
        if same > limits.MAX_GLUE_NESTING:
            return UnknownGlue(given, given.path, f"more than {limits.MAX_GLUE_NESTING} of it within one another")
        if len(items) != 1:
            why = "several items of this path" if items else "no struct or enum"
            return UnknownGlue(given, given.path, why)
        item = items[0]
        owns = self._implementors.of_type("ops::Drop", given.path)
        if len(owns) > 1:
            return UnknownGlue(given, given.path, "more than one impl of `Drop`")
        own = owns[0] if owns else None
        if self._implementors.of_type("marker::Copy", given.path):
            return NoGlue(given, "it is Copy")
        if isinstance(item, Enum):
            variants = tuple(
                VariantGlue(one.name, one.index, self._fields(item, one.fields, given, within)) for one in item.variants
            )
            return Variants(given, own, variants)
        if item.is_union:
            return Fields(given, own, ()) if own is not None else NoGlue(given, "a union drops no field")
        return Fields(given, own, self._fields(item, item.fields, given, within))

    def _fields(
        self, item: Struct | Enum, fields: tuple[Field, ...], given: Local, within: tuple[Type, ...]
    ) -> tuple[FieldGlue, ...]:
        arguments = dict(zip(item.generics.types, given.arguments, strict=False))
        found: list[FieldGlue] = []
        for index, one in enumerate(fields):
            resolved = substitute(self._types.resolve(one.type, item.environment), arguments)
            found.append(FieldGlue(one.name, index, self._glue(resolved, within)))
        return tuple(found)

    def _library(self, given: External, within: tuple[Type, ...]) -> Glue:
        rule = library_type(given.path)
        if rule is None:
            return UnknownGlue(given, given.path, "a type of another crate that has no entry in the table")
        if rule.action == "nothing":
            return NoGlue(given, rule.citation)
        return Library(given, rule, tuple(self._glue(one, within) for one in given.arguments))

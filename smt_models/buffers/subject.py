"""What of a crate is proved about blocks of the allocator: types that own one, and the canonical ABI's realloc.

A type owns a block if its own `Drop` gives one back. What makes its values, and what can change them, are its
functions: those of its impls that others can call, and any other that makes one or writes its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import TypeGuard

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.show import show_type
from extract.mir.tree import Body, Function
from extract.rust import types as source_types
from extract.rust.items import Field
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from smt_models.runtime.names import plain_path, plain_type
from smt_models.static_pools.subject import Subject

REALLOC = "cabi_realloc"
"""The name of the canonical ABI's realloc; tools put a version behind it."""
_WORD = t.Primitive("usize")
_BYTES = t.RawPointer(True, t.Primitive("u8"))
_DROPPED_FOR_NOTHING = frozenset({"NonNull", "Layout", "PhantomData"})
"""Of the standard library."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A type that owns a block. `functions`: that are called, in any order; `drop`: of its `Drop`. `readers`: functions
    elsewhere that read its fields, which get no further than that. `undropped`: a field whose own drop does something.
    """

    type: str
    drop: str
    functions: tuple[str, ...]
    readers: tuple[str, ...]
    undropped: str | None = None

    @property
    def name(self) -> str:
        return self.type

    @property
    def entered(self) -> tuple[str, ...]:
        return (self.drop, *self.functions)


@dataclass(frozen=True, slots=True)
class Realloc:
    """A function by which the host gets memory of the guest [CanonicalABI.md: realloc]."""

    function: str

    @property
    def name(self) -> str:
        return self.function

    @property
    def entered(self) -> tuple[str, ...]:
        return (self.function,)


Buffer = Owner | Realloc
Reads = Mapping[str, frozenset[str]]
"""By function, the types of which it names a field."""


def buffers_of(subject: Subject) -> tuple[Buffer, ...]:
    """Sorted by name."""
    found: list[Buffer] = [
        Realloc(name) for name, function in subject.program.functions.items() if _is_realloc(name, function)
    ]
    reads = {name: _reads(function.body) for name, function in subject.program.functions.items()}
    for one in subject.facts.structs:
        name = one.path.removeprefix("crate::")
        drop = subject.program.drop_of(name)
        if drop in subject.program.functions and _gives_back(subject, drop):
            found.append(_owner(subject, name, drop, reads))
    owners = frozenset(one.type for one in found if isinstance(one, Owner) and not one.undropped)
    found += _holders(subject, reads, owners)
    return tuple(sorted(found, key=lambda one: one.name))


def _holders(subject: Subject, reads: Reads, owners: frozenset[str]) -> Iterator[Owner]:
    """Types with a `Drop` of their own, and a value of a type that owns a block within."""
    types = TypeNames(Names(subject.facts))
    for one in subject.facts.structs:
        name = one.path.removeprefix("crate::")
        drop = subject.program.drop_of(name)
        held = (types.resolve(field.type, one.environment) for field in one.fields)
        if name not in owners and drop in subject.program.functions and any(_holds(of, owners) for of in held):
            yield _owner(subject, name, drop, reads, owners)


def _holds(of: source_types.Type, owners: frozenset[str]) -> bool:
    match of:
        case source_types.Local(path):
            return path.removeprefix("crate::") in owners
        case source_types.External(_, arguments):
            return any(_holds(one, owners) for one in arguments)
        case _:
            return False


def _is_realloc(name: str, function: Function) -> bool:
    last = name.rpartition("::")[2]
    return (
        last.startswith(REALLOC) and function.parameters == (_BYTES, _WORD, _WORD, _WORD) and function.result == _BYTES
    )


def _gives_back(subject: Subject, drop: str) -> bool:
    """Whether it, or what it calls, gives a block back itself; what another type's `Drop` does is that type's."""
    waiting, seen = [drop], {drop}
    while waiting:
        name = waiting.pop()
        for called in _called(subject.program.functions[name].body):
            if called == "alloc::alloc::dealloc":
                return True
        for one in subject.calls[name]:
            if one in subject.program.functions and one not in seen and not one.endswith("::drop"):
                seen.add(one)
                waiting.append(one)
    return False


ENTRIES = frozenset(f"alloc::alloc::{name}" for name in ("alloc", "alloc_zeroed", "dealloc", "realloc"))


def outside_of(subject: Subject, buffers: tuple[Buffer, ...]) -> tuple[str, ...]:
    """Functions that take or give blocks and are part of no buffer: nothing is said of them."""
    told: set[str] = set()
    waiting = [name for one in buffers for name in one.entered]
    while waiting:
        name = waiting.pop()
        if name in subject.program.functions and name not in told:
            told.add(name)
            waiting += subject.calls[name]
    using = (name for name, one in subject.program.functions.items() if ENTRIES & set(_called(one.body)))
    return tuple(sorted(set(using) - told))


def _called(body: Body) -> Iterator[str]:
    for block in body.blocks:
        match block.terminator.kind:
            case st.Call(o.FunctionValue(path)) | st.TailCall(o.FunctionValue(path)):
                yield plain_path(path)
            case _:
                pass


def _owner(subject: Subject, name: str, drop: str, reads: Reads, owners: frozenset[str] = frozenset()) -> Owner:
    """`owners`: types that own a block, of which this one may hold a value."""
    own = _own_functions(subject, name)
    writing = {one for one, function in subject.program.functions.items() if _writes(function.body, name)}
    reading = {one for one, types in reads.items() if name in types}
    entries = {one for one in own | writing if one != drop and _is_entry(subject, one, own | writing)}
    readers = tuple(sorted(reading - own - writing))
    return Owner(name, drop, tuple(sorted(entries)), readers, _undropped(subject, name, owners))


def _own_functions(subject: Subject, name: str) -> set[str]:
    """The bodies of its impls, of traits and not."""
    types = TypeNames(Names(subject.facts))
    found: set[str] = set()
    for made in subject.facts.implementations:
        of = types.resolve(made.self_type, made.environment)
        if isinstance(of, source_types.Local) and of.path.removeprefix("crate::") == name:
            found |= {one.path.removeprefix("crate::") for one in made.methods}
    return found & subject.program.functions.keys()


def _is_entry(subject: Subject, name: str, own: set[str]) -> bool:
    """A private function is seen where functions that are entries call it; else others may call it as they like."""
    callers = {one for one, called in subject.calls.items() if name in called}
    return subject.is_open(name) or not callers or not callers <= own


def not_modelled(subject: Subject, name: str) -> str | None:
    """Why nothing can be said of a type: a field that others can write."""
    public = [one.name for one in _fields(subject, name) if one.visible == "pub"]
    return f"the field {public[0]} of {name}, which is public" if public else None


def _undropped(subject: Subject, name: str, owners: frozenset[str]) -> str | None:
    types = TypeNames(Names(subject.facts))
    (struct,) = (one for one in subject.facts.structs if one.path.removeprefix("crate::") == name)
    found = [one.name for one in struct.fields if not _is_plain(types.resolve(one.type, struct.environment), owners)]
    return f"the drop of the field {found[0]} of {name}" if found else None


def _fields(subject: Subject, name: str) -> tuple[Field, ...]:
    return next(one.fields for one in subject.facts.structs if one.path.removeprefix("crate::") == name)


def _is_plain(of: source_types.Type, owners: frozenset[str]) -> bool:
    """Whether its drop has nothing to do with blocks: what a parameter's does is not the type's; of what owns a block
    none may be left (`execute.py`).
    """
    match of:
        case source_types.Primitive() | source_types.Pointer() | source_types.Reference():
            return True
        case source_types.Parameter():
            return True
        case source_types.External(path, (source_types.Local(held),)) if path.endswith("::Option"):
            return held.removeprefix("crate::") in owners
        case source_types.External(path, (source_types.External(inner),)) if path.endswith("::Vec"):
            return inner.endswith("::MaybeUninit")
        case source_types.External(path):
            words = path.split("::")  # under whichever of its crates it was imported from
            return words[0] in ("alloc", "core", "std") and words[-1] in _DROPPED_FOR_NOTHING
        case source_types.Array(element):
            return _is_plain(element, owners)
        case source_types.Tuple(elements):
            return all(_is_plain(one, owners) for one in elements)
        case _:
            return False


# What bodies do with the fields of a type


def _writes(body: Body, name: str) -> bool:
    """Makes a value of the type, or writes a field, or lets others write one."""
    if any(True for _ in body.unknowns()) and any(name in show_type(one.type) for one in body.locals):
        return True  # a line of it is not known
    for block in body.blocks:
        for statement in block.statements:
            match statement.kind:
                case st.Assign(place, given):
                    if _through(body, place, name) or _makes(given, name):
                        return True
                    if _for_writing(given) and _through(body, given.place, name):
                        return True
                case _:
                    pass
        match block.terminator.kind:
            case st.Call(_, _, destination, _, _) if _through(body, destination, name):
                return True
            case _:
                pass
    return False


def _for_writing(given: r.Rvalue) -> TypeGuard[r.Borrow | r.AddressOf]:
    match given:
        case r.AddressOf(mutable, _):
            return mutable
        case r.Borrow(kind, _):
            return kind.startswith("mut")
        case _:
            return False


def _makes(given: r.Rvalue, name: str) -> bool:
    return isinstance(given, r.AdtAggregate) and plain_path(given.path) == name


def _reads(body: Body) -> frozenset[str]:
    """The types of which a field is named anywhere in it."""
    return frozenset(name for place in _places(body.blocks) if place.projections for name in _way(body, place))


def _through(body: Body, place: o.Place, name: str) -> bool:
    """Whether a field of a value of the type is on the way."""
    return name in _way(body, place)


def _way(body: Body, place: o.Place) -> Iterator[str]:
    """The types of the values of which a field is on the way."""
    of: t.Type | None = body.locals[place.local].type
    for projection in place.projections:
        match projection, of:
            case o.Field(_, inner), _:
                if isinstance(of, t.PathType):
                    yield plain_type(of)
                of = inner
            case o.Deref(), (t.Reference(_, _, target) | t.RawPointer(_, target)):
                of = target
            case ((o.Index() | o.ConstantIndex()), (t.Array(element, _) | t.Slice(element))):
                of = element
            case o.Downcast(), _:
                pass
            case _:
                of = None


def _places(of: object) -> Iterator[o.Place]:
    """All that are written anywhere in it."""
    if isinstance(of, o.Place):
        yield of
    elif isinstance(of, tuple):
        for one in of:
            yield from _places(one)
    else:
        kind: type = type(of)
        for name in _field_names(kind):
            yield from _places(getattr(of, name))


@cache
def _field_names(of: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(of)) if is_dataclass(of) else ()

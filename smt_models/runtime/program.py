"""One crate as a program: its bodies by name, its types, and which body a call means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TypeVar

from extract.mir import types as t
from extract.mir.tree import ConstantItem, Function, MirFile
from extract.rust.configuration import Configuration
from extract.rust.crate import read_crate
from extract.rust.dependencies import dependencies
from extract.rust.implementors import Implementors
from extract.rust.items import CrateFacts, Trait
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from extract.rust.types import External, Local, Parameter, Type
from smt_models.runtime.doubled import Doubled, by_name
from smt_models.runtime.names import closure_name, is_pin, last_generics, plain_path
from smt_models.runtime.shadowing import shadowing
from smt_models.runtime.values import CONTROL_FLOW, COROUTINE_STATE, OPTION, POLL, RESULT

Item = TypeVar("Item")

LIBRARY_ENUMS = {
    OPTION: ("None", "Some"),
    RESULT: ("Ok", "Err"),
    POLL: ("Ready", "Pending"),
    CONTROL_FLOW: ("Continue", "Break"),
    COROUTINE_STATE: ("Unresumed", "Returned", "Panicked", "Suspend0"),
}


@dataclass(frozen=True, slots=True)
class Program:
    """Names are paths without generic arguments; types as MIR prints them, without `crate::`."""

    functions: dict[str, Function]
    closures: dict[str, str]
    constants: dict[str, ConstantItem]
    enums: dict[str, tuple[str, ...]]
    discriminants: dict[str, tuple[int | None, ...]]
    fields: dict[str, tuple[str, ...]]
    methods: dict[tuple[str, str], tuple[str, ...]]
    """Inherent methods by type and name."""
    implementations: dict[tuple[str, str], tuple[str, ...]]
    """The impl of a trait for a type: as MIR names it."""
    foreign: dict[str, str]
    """Foreign functions by name, with the name they link to."""
    traits: dict[str, tuple[str, ...]]
    """The methods and constants of each trait of the crate."""
    cleans_up: bool
    """Whether there are clean-up blocks, which only `panic = "unwind"` makes."""
    shadowing: str | None = None
    """What of the crate MIR prints as it prints the library's functions or primitive types: no name can be trusted."""
    doubled: Doubled = field(default_factory=dict)
    """Functions, constants and statics of which the name does not say which is meant."""
    files: tuple[str, ...] = ()
    """The sources that were read."""
    coroutines: dict[str, str] = field(default_factory=dict)
    """The bodies that poll `async` blocks, by their places."""

    def drop_of(self, type_name: str) -> str | None:
        """The body of the type's own `Drop`."""
        found = self.implementations.get((type_name, "ops::Drop"), ())
        return f"{found[0]}::drop" if len(found) == 1 else None

    def body_of(self, path: str) -> str | None:
        """The name of the body of a function, of an inherent method by its type, or of `<Type as Trait>::method`."""
        if path in self.functions:
            return path
        owner, _, method = path.rpartition("::")
        if owner.startswith("<"):
            of, _, trait = owner.removeprefix("<").removesuffix(">").partition(" as ")
            bodies = tuple(f"{made}::{method}" for made in self.implementations.get((of, trait), ()))
        else:
            bodies = self.methods.get((owner, method), ())
        return bodies[0] if len(bodies) == 1 and bodies[0] in self.functions else None


def load_program(mir: MirFile, directory: FilePath, configuration: Configuration) -> Program:
    facts = read_crate(directory, configuration)
    types = TypeNames(Names(facts))
    functions, doubled = by_name((plain_path(item.path), item) for item in mir.functions())
    closures, doubled_closures = _closures(functions, _captures)
    coroutines, doubled_coroutines = _closures(functions, _polled)
    methods: dict[tuple[str, str], tuple[str, ...]] = {}
    for made in facts.implementations:
        of = types.resolve(made.self_type, made.environment)
        if made.trait is None and isinstance(of, Local):
            for method in made.methods:
                key = (_mir(of.path), method.name)
                methods[key] = (*methods.get(key, ()), _mir(method.path))
    times = Counter(one.path for one in facts.enums)
    told_apart = [one for one in facts.enums if times[one.path] == 1]
    enums = {_mir(one.path): tuple(v.name for v in one.variants) for one in told_apart} | LIBRARY_ENUMS
    discriminants = {_mir(one.path): tuple(v.discriminant for v in one.variants) for one in told_apart}
    impls, implementations = _Impls(methods), _implementations(facts, types)
    named = [(plain_path(item.path), item) for item in mir.items if isinstance(item, ConstantItem)]
    used = [(other, item) for name, item in named if (other := impls.used(name)) != name]
    constants, doubled_constants = by_name((*named, *used))
    return Program(
        functions,
        closures,
        constants,
        enums,
        discriminants,
        impls.both({_mir(one.path): tuple(f.name for f in one.fields) for one in facts.structs}),
        methods,
        {(impls.used(of), trait): made for (of, trait), made in implementations.items()} | implementations,
        {_mir(one.function.path): one.link_name for one in facts.foreign},
        {_mir(one.path): _items(one) for one in facts.traits},
        any(block.is_cleanup for item in mir.functions() for block in item.body.blocks),
        shadowing(facts, functions, dependencies(directory)),
        {**doubled, **doubled_closures, **doubled_coroutines, **doubled_constants},
        facts.files,
        coroutines,
    )


class _Impls:
    """What is declared in an inherent impl, or in its methods, goes by the impl's place where it is declared, and by
    the type's path where it is used.
    """

    def __init__(self, methods: dict[tuple[str, str], tuple[str, ...]]) -> None:
        self._types = {
            f"{body.rpartition('::')[0]}::": f"{of}::" for (of, _), bodies in methods.items() for body in bodies
        }

    def used(self, declared: str) -> str:
        """The name where it is used."""
        impl = next((one for one in self._types if declared.startswith(one)), "")
        return self._types.get(impl, "") + declared.removeprefix(impl)

    def both(self, items: dict[str, Item]) -> dict[str, Item]:
        return {self.used(name): item for name, item in items.items()} | items


def _mir(path: str) -> str:
    return path.removeprefix("crate::")


def _implementations(facts: CrateFacts, types: TypeNames) -> dict[tuple[str, str], tuple[str, ...]]:
    """A blanket implementation may be that of any type, for which the name does not say then which is meant."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for one in sorted(Implementors(facts, types).all, key=lambda one: isinstance(one.self_type, Parameter)):
        key = (_type_name(one.self_type), _trait_name(one.trait))
        made = f"{_mir(one.implementation.module)}::<impl at {one.implementation.span}>"
        made = made.removeprefix("crate::").removeprefix("::")
        found[key] = (*found.get(key, ()), made)
        if isinstance(one.self_type, Parameter):
            found |= {other: (*those, made) for other, those in found.items() if other[1] == key[1] and other != key}
    return found


def _type_name(given: Type) -> str:
    return _mir(given.path) if isinstance(given, Local) else repr(given)


def _trait_name(trait: Local | External) -> str:
    for crate in ("crate::", "core::", "alloc::", "std::"):
        if trait.path.startswith(crate):
            return trait.path.removeprefix(crate)
    return trait.path


def _captures(first: t.Type) -> t.Type | None:
    """What the body of a closure takes: the closure, or a reference to it."""
    return first.target if isinstance(first, t.Reference) else first


def _polled(first: t.Type) -> t.Type | None:
    """What the body of a coroutine takes: `Pin<&mut {async block@..}>`. One that takes anything else is a closure's."""
    if not is_pin(first):
        return None
    (inner,) = last_generics(first.path) or (None,)
    return inner.target if isinstance(inner, t.Reference) else None


def _closures(
    functions: Mapping[str, Function], of: Callable[[t.Type], t.Type | None]
) -> tuple[dict[str, str], Doubled]:
    """A closure's body by the closure's place: its first parameter has the closure's type. And those of one place."""
    found: dict[str, str] = {}
    doubled: dict[str, frozenset[str]] = {}
    for name, function in functions.items():
        if not function.parameters or not isinstance(function.path.segments[-1], t.Numbered):
            continue
        first = of(function.parameters[0])
        if isinstance(first, t.Closure):
            other = found.setdefault(closure_name(first.span), name)
            if other != name:
                family = doubled.get(other, frozenset({other})) | {name}
                doubled |= dict.fromkeys(family, family)
    return found, doubled


def _items(trait: Trait) -> tuple[str, ...]:
    constants = (one.path.rpartition("::")[2] for one in trait.constants)
    return (*(method.name for method in trait.methods), *constants)

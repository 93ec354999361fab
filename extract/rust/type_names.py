"""Types with their names resolved: aliases expanded, `Self` put in, default arguments filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from extract.rust.generics import Environment, Generics
from extract.rust.items import CrateFacts, Enum, Implementation, Struct, Trait, TypeAlias
from extract.rust.limits import MAX_RESOLUTION_STEPS
from extract.rust.names import Associated, BuiltIn, Elsewhere, EnumVariant, Names, NotFound
from extract.rust.prelude import DERIVES
from extract.rust.types import (
    AssociatedBinding,
    Bound,
    External,
    Lifetime,
    Local,
    Parameter,
    Path,
    Primitive,
    Projection,
    Segment,
    SelfType,
    Type,
    Unresolved,
)


class TypeNames:
    """Resolves the types of one crate, each in the environment of the item that it stands in."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._traits = {trait.path: trait for trait in names.facts.traits}
        self._depth = 0
        self._open: set[str] = set()

    def resolve(self, written: Type, environment: Environment) -> Type:
        """The same type with every path resolved, or Unresolved in its place."""
        if isinstance(written, Path):
            if self._depth > MAX_RESOLUTION_STEPS:
                return Unresolved(written.text, written.span, "its definition goes round in a circle")
            self._depth += 1
            try:
                return self._path(written, environment)
            finally:
                self._depth -= 1
        return _rebuilt(written, lambda inner: self.resolve(inner, environment))

    def trait_of(self, made: Implementation) -> Type | None:
        """The trait of an impl; the standard ones in `derive` need no import."""
        if made.trait is None or not made.derived:
            return None if made.trait is None else self.resolve(made.trait, made.environment)
        assert isinstance(made.trait, Path)
        found = DERIVES.get(made.trait.segments[-1].name)
        if found is None:
            return Unresolved(made.trait.text, made.trait.span, "a procedural macro")
        return External(found)

    def _path(self, path: Path, environment: Environment) -> Type:
        if path.qualified is not None:
            base = self.resolve(path.qualified, environment)
            trait: Type | None = None
            if path.trait_segments:
                named = replace(path, segments=path.segments[: path.trait_segments], qualified=None, trait_segments=0)
                trait = self.resolve(named, environment)
            return self._projected(base, trait, path.segments[path.trait_segments :], environment)
        first = path.segments[0].name
        if first == "Self" and not path.is_global:
            if environment.self_type is not None:
                inner = replace(environment, self_type=None)
                return self._projected(self.resolve(environment.self_type, inner), None, path.segments[1:], environment)
            if environment.trait is not None:
                return self._projected(SelfType(), None, path.segments[1:], environment)
            return Unresolved(path.text, path.span, "`Self` outside of an impl or trait")
        if first in environment.generics and not path.is_global:
            return self._projected(Parameter(first), None, path.segments[1:], environment)
        return self._named(path, environment)

    def _projected(
        self, base: Type, trait: Type | None, members: tuple[Segment, ...], environment: Environment
    ) -> Type:
        """One associated type after another; the trait of the first may be given."""
        for member in members:
            trait = trait if trait is not None else self._bounding(base, member.name, environment)
            base = Projection(base, trait, member.name, self._arguments(member, environment))
            trait = None
        return base

    def _bounding(self, base: Type, name: str, environment: Environment) -> Type | None:
        """The one trait of this crate among the bounds of a parameter, or around `Self`, that declares the type."""
        match base:
            case Parameter(parameter):
                bounds = [bound for known, bound in environment.bounds if known == parameter]
                traits = [self.resolve(bound, environment) for bound in bounds]
            case SelfType() if environment.trait is not None:
                traits = [Local(environment.trait)]
            case _:
                return None
        found: dict[Type, None] = {}
        seen: set[str] = set()
        while traits:
            trait = traits.pop()
            item = self._traits.get(trait.path) if isinstance(trait, Local) else None
            if item is None or item.path in seen:
                continue
            seen.add(item.path)
            if any(one.name == name for one in item.types):
                found[trait] = None
            traits += [self.resolve(one.type, item.environment) for one in item.supertraits if one.type is not None]
        return next(iter(found)) if len(found) == 1 else None

    def _arguments(self, segment: Segment, environment: Environment) -> tuple[Type, ...]:
        """The types among the generic arguments."""
        types = []
        for argument in segment.arguments:
            match argument:
                case AssociatedBinding():
                    pass
                case _ if isinstance(argument, Type):
                    types.append(self.resolve(argument, environment))
                case _:
                    pass
        return tuple(types)

    def _bindings(self, segment: Segment, environment: Environment) -> tuple[tuple[str, Type], ...]:
        return tuple(
            (argument.name, self.resolve(argument.type, environment))
            for argument in segment.arguments
            if isinstance(argument, AssociatedBinding) and argument.type is not None
        )

    def _named(self, path: Path, environment: Environment) -> Type:
        segments = [segment.name for segment in path.segments]
        meaning = self.names.resolve(segments, environment.scope, "type", path.is_global)
        last = path.segments[-1]
        match meaning:
            case Struct() | Enum() | Trait() as item:
                return Local(item.path, self._filled(item.generics, item.environment, last, environment))
            case TypeAlias():
                return self._expanded(meaning, last, environment)
            case Elsewhere():
                return External(meaning.path, self._arguments(last, environment), self._bindings(last, environment))
            case BuiltIn():
                return Primitive(meaning.name)
            case Associated():
                split = len(path.segments) - len(meaning.members)
                base = replace(path, segments=path.segments[:split])
                return self._projected(self._named(base, environment), None, path.segments[split:], environment)
            case EnumVariant():
                return Unresolved(path.text, path.span, "a variant, where a type is asked for")
            case NotFound():
                return Unresolved(path.text, path.span, meaning.reason)
            case _:
                return Unresolved(path.text, path.span, "no type")

    def _filled(
        self, generics: Generics, defined: Environment, segment: Segment, environment: Environment
    ) -> tuple[Type, ...]:
        """One type for each type parameter; constants among the arguments are left out."""
        given = [one for one in segment.arguments if not isinstance(one, Lifetime)]
        found: dict[str, Type] = {}
        wanted = [parameter for parameter in generics.parameters if parameter.kind != "lifetime"]
        for number, parameter in enumerate(wanted):
            argument = given[number] if number < len(given) else None
            if parameter.kind != "type":
                continue
            if argument is not None and isinstance(argument, Type):
                found[parameter.name] = self.resolve(argument, environment)
            elif parameter.default is not None:
                found[parameter.name] = substitute(self.resolve(parameter.default, defined), found)
            else:
                break
        return tuple(found.values())

    def _expanded(self, alias: TypeAlias, segment: Segment, environment: Environment) -> Type:
        arguments = self._filled(alias.generics, alias.environment, segment, environment)
        if alias.path in self._open:
            return Unresolved(segment.name, alias.span, "its definition goes round in a circle")
        self._open.add(alias.path)
        target = self.resolve(alias.type, alias.environment)
        self._open.discard(alias.path)
        return substitute(target, dict(zip(alias.generics.types, arguments, strict=False)))


def substitute(given: Type, arguments: Mapping[str, Type], self_type: Type | None = None) -> Type:
    """Puts types in for parameters, and for `Self` of a trait."""
    match given:
        case Parameter(name):
            return arguments.get(name, given)
        case SelfType():
            return given if self_type is None else self_type
        case _:
            return _rebuilt(given, lambda inner: substitute(inner, arguments, self_type))


def _rebuilt(given: Type, change: object) -> Type:
    """The same form with its inner types changed."""
    assert callable(change)
    changed: dict[str, object] = {}
    for field in fields(given):
        value = getattr(given, field.name)
        new = _changed(value, change)
        if new is not value:
            changed[field.name] = new
    return replace(given, **changed) if changed else given  # type: ignore[arg-type]


def _changed(value: object, change: object) -> object:
    assert callable(change)
    match value:
        case Bound():
            return replace(value, type=change(value.type)) if value.type is not None else value
        case tuple() if value:
            return tuple(_changed(one, change) for one in value)
        case _ if isinstance(value, Type):
            return change(value)
        case _:
            return value


def faults(given: object) -> Iterator[Unresolved]:
    """All names in a resolved type that could not be resolved."""
    if isinstance(given, Unresolved):
        yield given
    elif isinstance(given, tuple):
        for one in given:
            yield from faults(one)
    elif is_dataclass(given):
        for field in fields(given):
            yield from faults(getattr(given, field.name))


def unresolved(facts: CrateFacts, types: TypeNames) -> tuple[Unresolved, ...]:
    """Every name of the fields, impl headers and associated types of a crate that could not be resolved."""
    found: dict[Unresolved, None] = {}

    def check(written: Type | None, environment: Environment) -> None:
        if written is not None:
            found.update(dict.fromkeys(faults(types.resolve(written, environment))))

    for struct in facts.structs:
        for one in struct.fields:
            check(one.type, struct.environment)
    for enum in facts.enums:
        for variant in enum.variants:
            for one in variant.fields:
                check(one.type, enum.environment)
    for made in facts.implementations:
        check(made.self_type, made.environment)
        found.update(dict.fromkeys(faults(types.trait_of(made))))
        for associated in made.types:
            check(associated.type, made.environment)
    for trait in facts.traits:
        for bound in trait.supertraits:
            check(bound.type, trait.environment)
    return tuple(found)

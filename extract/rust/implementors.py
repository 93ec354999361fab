"""Which types implement a trait, and what their associated types are (reference, "Implementations")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from extract.rust.items import CrateFacts, Implementation
from extract.rust.library_types import standard_path
from extract.rust.type_names import TypeNames, substitute
from extract.rust.types import External, Local, Parameter, Projection, SelfType, Type


@dataclass(frozen=True, slots=True)
class Implementor:
    """One impl of a trait, its types resolved."""

    implementation: Implementation
    trait: Local | External
    self_type: Type
    associated: tuple[tuple[str, Type], ...]

    def type(self, name: str) -> Type | None:
        return next((one for known, one in self.associated if known == name), None)


class Implementors:
    """All impls of traits in one crate."""

    def __init__(self, facts: CrateFacts, types: TypeNames) -> None:
        self.all: list[Implementor] = []
        for made in facts.implementations:
            trait = types.trait_of(made)
            if made.negative or not isinstance(trait, Local | External):
                continue
            environment = made.environment
            associated = tuple((one.name, types.resolve(one.type, environment)) for one in made.types if one.type)
            self.all.append(Implementor(made, trait, types.resolve(made.self_type, environment), associated))

    def of(self, trait: str) -> tuple[Implementor, ...]:
        """By the trait's full path; one of the library's without its crate (`ops::Drop`)."""
        return tuple(one for one in self.all if trait in (one.trait.path, standard_path(one.trait.path)))

    def of_type(self, trait: str, type_path: str) -> tuple[Implementor, ...]:
        """Those for one struct or enum of the crate."""
        return tuple(
            one for one in self.of(trait) if isinstance(one.self_type, Local) and one.self_type.path == type_path
        )

    def project(self, projection: Projection) -> Type:
        """The associated type, if exactly one impl of this crate can say it, else the projection itself."""
        found: list[Type] = []
        for one in self.all:
            given = one.type(projection.name)
            wanted = projection.trait
            if given is None or (isinstance(wanted, Local | External) and wanted.path != one.trait.path):
                continue
            bound: dict[str, Type] = {}
            names = one.implementation.generics.types
            if matches(one.self_type, projection.type, bound, names):
                found.append(substitute(given, bound, projection.type))
        return found[0] if len(found) == 1 else projection

    def normalised(self, given: Type, arguments: Mapping[str, Type] | None = None) -> Type:
        """Puts arguments in, then takes projections for what they stand for, from the outside in."""
        given = substitute(given, arguments or {})
        for _ in range(8):
            if not isinstance(given, Projection):
                break
            inner = self.normalised(given.type)
            taken = self.project(Projection(inner, given.trait, given.name, given.arguments))
            if taken == given:
                break
            given = taken
        return given


def matches(pattern: Type, given: Type, bound: dict[str, Type], names: tuple[str, ...]) -> bool:
    """Whether an impl for `pattern`, generic in `names`, is one for `given`; lifetimes do not count."""
    if isinstance(pattern, Parameter) and pattern.name in names:
        return bound.setdefault(pattern.name, given) == given
    if isinstance(given, SelfType | Parameter) or type(pattern) is not type(given):
        return pattern == given
    return all(_same(getattr(pattern, one.name), getattr(given, one.name), bound, names) for one in fields(pattern))


def _same(pattern: object, given: object, bound: dict[str, Type], names: tuple[str, ...]) -> bool:
    match pattern, given:
        case tuple(), tuple():
            same = len(pattern) == len(given)
            return same and all(_same(a, b, bound, names) for a, b in zip(pattern, given, strict=True))
        case _ if isinstance(pattern, Type) and isinstance(given, Type):
            return matches(pattern, given, bound, names)
        case (str() as lifetime, _) if lifetime.startswith("'"):
            return True
        case (None, str() as lifetime) if lifetime.startswith("'"):
            return True
        case _:
            return pattern == given

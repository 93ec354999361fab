"""Generic parameters with their bounds, and where an item's names are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.rust.types import Bound, Lifetime, Path, Type


@dataclass(frozen=True, slots=True)
class GenericParameter:
    """`default` of a constant is its type."""

    name: str
    kind: Literal["lifetime", "type", "const"]
    bounds: tuple[Bound, ...]
    default: Type | None


@dataclass(frozen=True, slots=True)
class WherePredicate:
    subject: Type | Lifetime
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Generics:
    parameters: tuple[GenericParameter, ...] = ()
    predicates: tuple[WherePredicate, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of types and constants."""
        return tuple(parameter.name for parameter in self.parameters if parameter.kind != "lifetime")

    @property
    def traits(self) -> tuple[tuple[str, Path], ...]:
        """The traits that bound each type parameter by name, in the list and the where clause."""
        found = [(one.name, bound) for one in self.parameters for bound in one.bounds]
        for predicate in self.predicates:
            subject = predicate.subject
            if isinstance(subject, Path) and subject.qualified is None and len(subject.segments) == 1:
                found += [(subject.segments[0].name, bound) for bound in predicate.bounds]
        return tuple((name, bound.type) for name, bound in found if isinstance(bound.type, Path))

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.parameters if parameter.kind == "type")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where names are looked up: the module or block, the generics in scope with their bounds, and what `Self` is.

    `trait` is the path of the trait around, whose `Self` has no type of its own.
    """

    scope: str
    generics: frozenset[str] = frozenset()
    self_type: Type | None = None
    trait: str | None = None
    bounds: tuple[tuple[str, Path], ...] = ()

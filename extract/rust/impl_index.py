"""From the names in MIR text to the facts: impls by their place, functions and constructors by their path."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from extract.rust.items import Closure, Constant, CrateFacts, Function, Implementation, Struct, Trait
from extract.rust.names import EnumVariant

_IMPL = re.compile(r"<impl at (.+?): (\d+:\d+)>(?:::(.*))?")
_GENERICS = re.compile(r"::<")


@dataclass(frozen=True, slots=True)
class FoundMethod:
    """`method` is None where `derive` wrote it; `inside` is what follows it (`{closure#0}`, `promoted[0]`, ...)."""

    implementation: Implementation
    method: Function | None
    name: str
    inside: str


@dataclass(frozen=True, slots=True)
class FoundFunction:
    """A free function, or one that a trait provides."""

    function: Function
    trait: Trait | None
    inside: str


Found = FoundMethod | FoundFunction | Constant | Struct | EnumVariant


class ImplIndex:
    """`directory` is the crate's, as the compiler spelled it in places; empty if it ran there."""

    def __init__(self, facts: CrateFacts, directory: str = "") -> None:
        self._directory = directory
        self._impls: dict[str, list[Implementation]] = {}
        for made in facts.implementations:
            self._impls.setdefault(str(made.span), []).append(made)
        self._closures: dict[str, list[Closure]] = {}
        for closure in facts.closures:
            place = closure.body if closure.kind == "async fn body" else closure.header
            self._closures.setdefault(str(place), []).append(closure)
        self._functions: dict[str, list[tuple[tuple[str, ...], FoundFunction]]] = {}
        self._values: dict[str, list[tuple[tuple[str, ...], Constant | Struct | EnumVariant]]] = {}
        for function in facts.functions:
            self._add(FoundFunction(function, None, ""))
        for trait in facts.traits:
            for method in trait.methods:
                self._add(FoundFunction(method, trait, ""))
        for constant in facts.constants:
            parts = _parts(constant.path)
            self._values.setdefault(parts[-1], []).append((parts, constant))
        for struct in facts.structs:
            self._values.setdefault(_parts(struct.path)[-1], []).append((_parts(struct.path), struct))
        for enum in facts.enums:
            for variant in enum.variants:
                path = (*_parts(enum.path), variant.name)
                self._values.setdefault(variant.name, []).append((path, EnumVariant(enum, variant)))

    def _add(self, found: FoundFunction) -> None:
        parts = _parts(found.function.path)
        self._functions.setdefault(parts[-1], []).append((parts, found))

    def _own(self, place: str) -> str | None:
        """A place as the facts spell it; None if it is in another directory."""
        if not self._directory:
            return place
        start = posixpath.join(self._directory, "")
        return place.removeprefix(start) if place.startswith(start) else None

    def implementations(self, place: str) -> tuple[Implementation, ...]:
        """The impls at `FILE:L:C: L:C`: one, or one for each type that a macro wrote it for."""
        own = self._own(place)
        return tuple(self._impls.get(own, ())) if own is not None else ()

    def closures(self, place: str) -> tuple[Closure, ...]:
        """Those that MIR writes as `{closure@place}`, `{async block@place}` or `{coroutine@place (#0)}`."""
        own = self._own(place.split(" (#", maxsplit=1)[0])
        return tuple(self._closures.get(own, ())) if own is not None else ()

    def find(self, name: str) -> tuple[Found, ...]:
        """All that a function's name in MIR can mean: rustc leaves out modules at the start of a path."""
        last = name.rfind("<impl at ")
        place = _IMPL.match(name, last) if last >= 0 else None
        if place is not None:
            return self._methods(f"{place[1]}: {place[2]}", place[3] or "")
        return self._by_path(name)

    def _methods(self, place: str, rest: str) -> tuple[Found, ...]:
        name, _, inside = _without_generics(rest).partition("::")
        found: list[Found] = []
        for made in self.implementations(place):
            members = [one for one in made.methods if one.name == name]
            if members or made.derived or name in {constant.path.rpartition("::")[2] for constant in made.constants}:
                found.append(FoundMethod(made, members[0] if members else None, name, inside))
        return tuple(found)

    def _by_path(self, name: str) -> tuple[Found, ...]:
        parts = _parts(_without_generics(name))
        ends = next((at for at, part in enumerate(parts) if part.startswith("{") or "[" in part), len(parts))
        path, inside = parts[:ends], "::".join(parts[ends:])
        if not path:
            return ()
        found: list[Found] = [
            FoundFunction(one.function, one.trait, inside)
            for known, one in self._functions.get(path[-1], ())
            if known[-len(path) :] == path
        ]
        for known, one in self._values.get(path[-1], ()):
            if known[-len(path) :] == path and (isinstance(one, Constant) or not inside or "promoted[" in inside):
                found.append(one)
        return tuple(found)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.split("::"))


def _without_generics(name: str) -> str:
    """Drops `::<..>` and what follows a name in angle brackets."""
    found = _GENERICS.search(name)
    return name[: found.start()] if found else name

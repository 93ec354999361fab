"""What a path names (reference, "Names / Namespaces, Scopes, Preludes, Paths, Name resolution").

Within the crate this follows modules, blocks, imports and globs; into other crates only as far as the path says. What
another crate's glob may bring is not known, so a name that only it could explain, or that it could hide, is not
resolved, and says so; except the names of crates, which no glob is taken to hide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extract.rust import limits
from extract.rust.items import Constant, CrateFacts, Enum, Function, Import, Module, Struct, Trait, TypeAlias, Variant
from extract.rust.prelude import CORE_PRELUDE, PRIMITIVES, STANDARD_CRATES, STD_PRELUDE

Namespace = Literal["type", "value"]


@dataclass(frozen=True, slots=True)
class EnumVariant:
    enum: Enum
    variant: Variant


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something in another crate, by its path."""

    path: str


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A primitive type."""

    name: str


@dataclass(frozen=True, slots=True)
class Associated:
    """A member of a type or trait: the segments of the path after it."""

    base: Struct | Enum | Trait | TypeAlias | BuiltIn
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    reason: str


Item = Module | Struct | Enum | TypeAlias | Trait | Function | Constant
Meaning = Item | EnumVariant | Elsewhere | BuiltIn | Associated | NotFound
_NOTHING = NotFound("nothing of this name is in scope")


class Names:
    """Resolves the paths of one crate. `dependencies` are the crates that cargo passes to the compiler by name."""

    def __init__(self, facts: CrateFacts, dependencies: Sequence[str] = ()) -> None:
        self.facts = facts
        self.modules = {module.path: module for module in facts.modules}
        self._declared: dict[tuple[str, str, Namespace], Item] = {}
        self._imports: dict[tuple[str, str], list[Import]] = defaultdict(list)
        self._globs: dict[str, list[Import]] = defaultdict(list)
        no_std = any(attribute.path in ("no_std", "no_core") for attribute in facts.attributes)
        self._prelude = CORE_PRELUDE if no_std else STD_PRELUDE
        self._crates = STANDARD_CRATES | set(dependencies)
        self._extern = {(one.scope, one.name): one.crate for one in facts.extern_crates}
        self._active: set[tuple[str, str, Namespace]] = set()
        self._declare()

    def _declare(self) -> None:
        for module in self.facts.modules:
            if module.parent is not None and not module.is_block:
                self._declared[module.parent, _last(module.path), "type"] = module
        for kind in (self.facts.enums, self.facts.aliases, self.facts.traits):
            for item in kind:
                self._declared[item.environment.scope, _last(item.path), "type"] = item
        for struct in self.facts.structs:
            self._declared[struct.environment.scope, _last(struct.path), "type"] = struct
            if struct.shape != "named":
                self._declared[struct.environment.scope, _last(struct.path), "value"] = struct
        for values in (self.facts.functions, self.facts.constants):
            for value in values:
                self._declared[value.environment.scope, _last(value.path), "value"] = value
        for one in self.facts.imports:
            if one.name is None:
                self._globs[one.scope].append(one)
            else:
                self._imports[one.scope, one.name].append(one)

    def resolve(
        self, segments: Sequence[str], scope: str, namespace: Namespace = "type", is_global: bool = False
    ) -> Meaning:
        """What a path names, seen from a module or block."""
        if not segments:
            return self.modules["crate"]
        first, rest = segments[0], list(segments[1:])
        at: Meaning
        if is_global:
            at = self._crate(first)
        elif first in ("crate", "self", "super"):
            module: Module | None = self.modules["crate"] if first == "crate" else self._module_around(scope)
            if first == "super":
                rest = [first, *rest]
            while rest and rest[0] == "super" and module is not None:
                module = self.modules.get(module.parent) if module.parent is not None else None
                module = self._module_around(module.path) if module is not None else None
                rest = rest[1:]
            at = module if module is not None else NotFound("there is no module above the crate")
        else:
            at = self._lexical(first, scope, namespace if not rest else "type")
        for number, name in enumerate(rest):
            at = self._member(at, name, namespace if number == len(rest) - 1 else "type", scope)
        return at

    def _crate(self, name: str) -> Meaning:
        known = self._extern.get(("crate", name), name if name in self._crates else None)
        return Elsewhere(known) if known is not None else NotFound(f"`{name}` is no crate that is known here")

    def _module_around(self, scope: str) -> Module | None:
        module = self.modules.get(scope)
        while module is not None and module.is_block:
            module = self.modules.get(module.parent) if module.parent is not None else None
        return module

    def _member(self, base: Meaning, name: str, namespace: Namespace, asking: str) -> Meaning:
        match base:
            case Module():
                return self._in_scope(base.path, name, namespace, asking)
            case Enum():
                variant = next((one for one in base.variants if one.name == name), None)
                return EnumVariant(base, variant) if variant is not None else Associated(base, (name,))
            case Elsewhere():
                return Elsewhere(f"{base.path}::{name}")
            case Struct() | Trait() | TypeAlias() | BuiltIn():
                return Associated(base, (name,))
            case Associated():
                return Associated(base.base, (*base.members, name))
            case NotFound():
                return base
            case Function() | Constant() | EnumVariant():
                return NotFound(f"`{name}` is looked for in what has no members")

    def _lexical(self, name: str, scope: str, namespace: Namespace) -> Meaning:
        """Outwards through blocks to the module, then crates, primitive types, and the prelude."""
        unknown: NotFound | None = None
        at: str | None = scope
        while at is not None:
            found = self._in_scope(at, name, namespace, scope)
            if not isinstance(found, NotFound):
                return found
            if found is not _NOTHING and unknown is None:
                unknown = found
            module = self.modules.get(at)
            at = module.parent if module is not None and module.is_block else None
        if namespace == "type" and not isinstance(crate := self._crate(name), NotFound):
            return crate
        if unknown is not None:
            return unknown
        if namespace == "type" and name in PRIMITIVES:
            return BuiltIn(name)
        path = self._prelude.get(name)
        return Elsewhere(path) if path is not None else _NOTHING

    def _in_scope(self, scope: str, name: str, namespace: Namespace, asking: str) -> Meaning:
        """Declared or imported there, and visible from `asking`."""
        key = (scope, name, namespace)
        if key in self._active or len(self._active) > limits.MAX_RESOLUTION_STEPS:
            return _NOTHING
        self._active.add(key)
        try:
            declared = self._declared.get(key)
            if declared is not None and (self._inside(asking, scope) or (scope, name) not in self.facts.private):
                return declared
            reason = _NOTHING
            for one in self._imports.get((scope, name), ()):
                if one.public or self._inside(asking, scope):
                    found = self._imported(one, namespace)
                    if not isinstance(found, NotFound):
                        return found
            if namespace == "type" and (crate := self._extern.get((scope, name))) is not None:
                return Elsewhere(crate)
            return self._from_globs(scope, name, namespace, asking, reason)
        finally:
            self._active.discard(key)

    def _imported(self, one: Import, namespace: Namespace) -> Meaning:
        segments = [segment.name for segment in one.path.segments]
        return self.resolve(segments, one.scope, namespace, one.path.is_global)

    def _from_globs(self, scope: str, name: str, namespace: Namespace, asking: str, reason: NotFound) -> Meaning:
        for one in self._globs.get(scope, ()):
            if not (one.public or self._inside(asking, scope)):
                continue
            target = self._imported(one, "type")
            match target:
                case Module():
                    found = self._in_scope(target.path, name, namespace, scope)
                    if not isinstance(found, NotFound):
                        return found
                    if found is not _NOTHING:
                        reason = found
                case Enum():
                    variant = next((v for v in target.variants if v.name == name), None)
                    if variant is not None:
                        return EnumVariant(target, variant)
                case Elsewhere() if "prelude" not in target.path:
                    reason = NotFound(f"it may come from `use {target.path}::*`")
                case _:
                    pass
        return reason

    def _inside(self, scope: str, around: str) -> bool:
        """Whether `scope` is `around` or lies in it: what is private there can be seen."""
        module = self._module_around(scope)
        seen = module.path if module is not None else scope
        return scope == around or seen == around or seen.startswith(f"{around}::") or scope.startswith(f"{around}::")


def _last(path: str) -> str:
    return path.rpartition("::")[2]

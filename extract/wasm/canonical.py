"""Canonical definitions as evaluated: numbers, options, and what they are about (rules C1 to C4, V2)."""

from __future__ import annotations

from dataclasses import replace

from extract.wasm.canon import SPAWNING
from extract.wasm.canonical_abi import built_in_needs
from extract.wasm.component_scope import ComponentFunction, FunctionFacts, Resource, Scope
from extract.wasm.component_syntax import Canon, Sort
from extract.wasm.world import CanonicalDefinition, FromCanon, FromHost

_RESOURCE_KINDS = frozenset({"resource.new", "resource.drop", "resource.rep"})


class Canonicals:
    """The canonical definitions that were made so far, in order, and the names of lifts and resources for people."""

    def __init__(self) -> None:
        self._made: list[CanonicalDefinition] = []
        self._about: list[FromCanon | FromHost | Resource | str] = []
        self.lift_names: dict[FromCanon, str] = {}
        self.resource_names: dict[Resource, str] = {}

    def define(self, scope: Scope, canon: Canon) -> None:
        """Adds the definition, and the function that it makes to its index space."""
        for sort, index in (
            (Sort.CORE_MEMORY, canon.memory),
            (Sort.CORE_MEMORY, canon.options.memory),
            (Sort.CORE_TABLE, canon.table),
            (Sort.CORE_TYPE, canon.core_type),
        ):
            if index is not None:
                scope.get(sort, index, canon.offset)
        if canon.kind != "lift" and (canon.options.post_return, canon.options.callback) != (None, None):
            scope.fail(canon.offset, f"post-return or callback of canon {canon.kind}", "these options on a lift only")
        made = CanonicalDefinition(
            number=len(self._made),
            kind=canon.kind,
            name="",
            offset=canon.offset,
            realloc=scope.core_function(canon.options.realloc, canon.offset),
            post_return=scope.core_function(canon.options.post_return, canon.offset),
            callback=scope.core_function(canon.options.callback, canon.offset),
            spawns=canon.kind in SPAWNING,
        )
        match canon.kind:
            case "lift":
                self._lift(scope, canon, made)
                return
            case "lower":
                self._lower(scope, canon, made)
            case kind if kind in _RESOURCE_KINDS:
                self._resource(scope, canon, made)
            case kind:
                needs = built_in_needs(scope, kind, canon.type, canon.offset)
                name = "" if canon.type is None else scope.names.of(Sort.TYPE, canon.type)
                self._add(replace(made, needs_realloc=needs), name)
        scope.add(Sort.CORE_FUNCTION, FromCanon(made.number))

    def named(self) -> tuple[CanonicalDefinition, ...]:
        """All of them, with the names that exports have given in the meantime."""
        return tuple(replace(made, name=self._name(about)) for made, about in zip(self._made, self._about, strict=True))

    def lifts(self) -> list[CanonicalDefinition]:
        return [made for made in self._made if made.kind == "lift"]

    def _add(self, made: CanonicalDefinition, about: FromCanon | FromHost | Resource | str) -> None:
        self._made.append(made)
        self._about.append(about)

    def _name(self, about: FromCanon | FromHost | Resource | str) -> str:
        match about:
            case FromHost(name):
                return name
            case FromCanon():
                return self.lift_names.get(about, "")
            case Resource():
                return about.name or self.resource_names.get(about, "")
            case str():
                return about

    def _lift(self, scope: Scope, canon: Canon, made: CanonicalDefinition) -> None:
        assert canon.type is not None, "the decoder gives each lift a type"
        facts = scope.of_kind(Sort.TYPE, canon.type, FunctionFacts, "a function type", canon.offset)
        core = scope.core_function(canon.function, canon.offset)
        lift = FromCanon(made.number)
        self._add(replace(made, core=core, needs_realloc=facts.lift_needs), lift)
        scope.add(Sort.FUNCTION, ComponentFunction(lift, facts))

    def _lower(self, scope: Scope, canon: Canon, made: CanonicalDefinition) -> None:
        assert canon.function is not None, "the decoder gives each lower a function"
        function = scope.function(canon.function, canon.offset)
        needs = function.facts.lower_needs
        self._add(replace(made, callee=function.callee, needs_realloc=needs), function.callee)

    def _resource(self, scope: Scope, canon: Canon, made: CanonicalDefinition) -> None:
        assert canon.type is not None, "the decoder gives each of these a type"
        resource = scope.resource(canon.type, canon.offset)
        if canon.kind == "resource.drop":
            made = replace(made, destructor=resource.destructor, host_drop=resource.host_drop)
        self._add(made, resource)

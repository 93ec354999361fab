"""The statics of a crate, the functions that touch them, and who may call those.

A function is called from outside if it is `pub`, exported by name, of a trait, or has its reference taken; so is what
touches a static and is reached in no way that is known here. All others are seen where these call them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath
from typing import TypeVar

from extract.mir import operands as o
from extract.mir.show import show_type
from extract.mir.tree import Alloc, Body, ConstantKind, MirFile, UnknownItem
from extract.rust.configuration import Configuration
from extract.rust.crate import read_crate
from extract.rust.dependencies import published
from extract.rust.items import CrateFacts, Function, Struct
from extract.rust.macro_use import ASSEMBLY
from smt_models.runtime.dispatch import body_of
from smt_models.runtime.names import plain_path
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.state import State as NoState
from smt_models.static_pools.library_critical_section import CRATE, SUPPLIED
from smt_models.static_pools.owners import OwnerType, makes_or_alters, owner_types, takes, uses
from smt_models.static_pools.plain import Static, is_exported
from smt_models.static_pools.references import References, operands
from smt_models.static_pools.sharing import Sharing, is_closure

Model = TypeVar("Model")
_SAYS_NO_CALL = frozenset(("allow", "cfg", "cfg_attr", "cold", "deny", "doc", "expect", "inline", "must_use", "warn"))
"""Attributes of functions by which nothing calls them."""
_ABOUT = "static: "
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Subject:
    """`without`: functions of the library of which nothing is taken to be known."""

    program: Program
    facts: CrateFacts
    statics: dict[str, Static]
    allocations: dict[str, str]
    """Names of allocations, with the static that each is."""
    reaching: dict[str, frozenset[str]]
    """Names of allocations, with the statics that they are or point at."""
    alignments: dict[str, int]
    """Of statics, in bytes."""
    without: frozenset[str] = frozenset()
    published: frozenset[str] = frozenset()
    """The crates that it depends on as they are published."""
    passed_over: str | None = None
    """What of the MIR was not read: a function there may touch any static."""

    def known(self, models: Mapping[str, Model]) -> Mapping[str, Model]:
        """What is known of the library, by name."""
        hidden = () if self._has_critical_sections else (CRATE,)
        return {
            name: model for name, model in models.items() if name not in self.without and not name.startswith(hidden)
        }

    @cached_property
    def _has_critical_sections(self) -> bool:
        """Whether what MIR prints with that crate's name first is the crate's, and runs nothing of this one: modules
        are printed in the same way.
        """
        bodies = self.program.functions
        modules = {one.path.removeprefix("crate::").partition("::")[0] for one in self.facts.modules}
        names = (part for name in bodies for part in name.split("::"))
        if CRATE in modules or any(one == CRATE or one.startswith(SUPPLIED) for one in names):
            return False
        attributes = (f"{each.path}{each.arguments}" for one in self.declared.values() for each in one.attributes)
        exported = [one for one in attributes if "export_name" in one]
        return CRATE in self.published and not any("\\" in one or "!" in one for one in exported)

    @cached_property
    def references(self) -> References:
        return References(self.program, self.statics, self.reaching)

    @cached_property
    def declared(self) -> dict[str, Function]:
        """Functions and methods of the sources, by the name of their body."""
        methods = [one for made in self.facts.implementations for one in made.methods]
        provided = [one for trait in self.facts.traits for one in trait.methods]
        return {one.path.removeprefix("crate::"): one for one in (*self.facts.functions, *methods, *provided)}

    @cached_property
    def touched(self) -> dict[str, frozenset[str]]:
        """The statics that each function names or reaches; and those of the owners that it makes or alters."""
        found = dict(self.reached)
        for of, statics in self.owners.items():
            for name, one in self.program.functions.items():
                if makes_or_alters(of, one.body):
                    found[name] |= statics
        return self._with_calls(found)

    @cached_property
    def reached(self) -> dict[str, frozenset[str]]:
        functions = self.program.functions.items()
        return self._with_calls({name: frozenset(self.references.statics_of(one.body)) for name, one in functions})

    def _is_in_constants(self, of: OwnerType) -> bool:
        """Whether some constant or static may hold one: of a constant everybody has as many values as they like, and a
        static lends its own.
        """
        last = repr(of.type.rpartition("::")[2])
        makers = {name for name, one in self.program.functions.items() if makes_or_alters(of, one.body)}
        for item in self.program.constants.values():
            if last in f"{item.type!r} {item.value!r}":
                return True
            waiting = list(self.references.functions_in(item.value)) if isinstance(item.value, Body) else []
            seen = set(waiting)
            while waiting:
                name = waiting.pop()
                if name in makers:
                    return True
                more = self.calls.get(name, frozenset()) - seen
                seen |= more
                waiting += more
        return False

    def _with_calls(self, found: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        """With what each function reaches through those that it calls."""
        changed = True
        while changed:
            changed = False
            for name, others in self.calls.items():
                more = found[name].union(*(found[one] for one in others if one in found))
                if more != found[name]:
                    found[name], changed = more, True
        return found

    @cached_property
    def owners(self) -> dict[OwnerType, frozenset[str]]:
        """The types whose values are given back to statics, when they are dropped or passed on: with all the statics
        that whoever makes, alters, lends or takes one touches.
        """
        found: dict[OwnerType, frozenset[str]] = {}
        for of in owner_types(self.facts, self.program):
            if self._is_in_constants(of):
                continue
            ends = {name for name, one in self.program.functions.items() if name == of.drop or takes(of, one)}
            if any(self.reached[name] for name in ends):
                users = (name for name, one in self.program.functions.items() if uses(of, one))
                found[of] = frozenset().union(*(self.reached[name] for name in users))
        return found

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self)

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """Functions that touch a static and may be called from outside, sorted."""
        touching = {name for name, statics in self.touched.items() if statics}
        outer = {name for name in touching if self.is_open(name)} | (self.referenced & touching)
        reached, waiting = set(outer), sorted(outer)
        while waiting:
            for one in self.calls[waiting.pop()]:
                if one in touching and one not in reached:
                    reached.add(one)
                    waiting.append(one)
        lost = {name for name in touching - reached if not self._is_dead(name)}
        return tuple(sorted(outer | lost))

    def is_open(self, name: str) -> bool:
        """Whether others can call it by its name."""
        if name in self.program.doubled:
            return not is_closure(name)
        one = self.declared.get(name)
        if one is None and (constructed := self._constructors.get(name)) is not None:
            return all(field.visible == "pub" for field in constructed.fields)
        if one is None:
            return not is_closure(name)  # made by a macro, or by a derive
        if self.is_in_assembly(name):
            return True
        of_trait = any(
            one.path.startswith(f"{made.module}::<impl at {made.span}>::")
            for made in self.facts.implementations
            if made.trait is not None
        )
        provided = any(one is method for trait in self.facts.traits for method in trait.methods)
        return one.visible == "pub" or of_trait or provided or is_exported(one)

    def is_in_assembly(self, name: str) -> bool:
        """Whether `asm` or `global_asm` names a function or static."""
        return name.rpartition("::")[2] in self._in_assembly

    @cached_property
    def _in_assembly(self) -> frozenset[str]:
        """The words of macros like `global_asm`, by which they may name functions and statics (`sym`)."""
        texts = (one.reason for one in self.facts.unread if one.reason.startswith(ASSEMBLY))
        return frozenset(word for text in texts for word in _WORD.findall(text))

    @cached_property
    def _constructors(self) -> dict[str, Struct]:
        """Of tuple structs, which are functions: as open as their fields."""
        return {one.path.removeprefix("crate::"): one for one in self.facts.structs if one.shape == "tuple"}

    def _is_dead(self, name: str) -> bool:
        """A private function of which no body says the name, and no attribute or name of its own has it called, as
        `#[panic_handler]` has.
        """
        one = self.declared.get(name)
        if name in self._constructors:
            return not any(name in others for others in self.calls.values())
        if (
            one is None
            or one.visible
            or name == "main"
            or any(each.path not in _SAYS_NO_CALL for each in one.attributes)
        ):
            return False
        return not any(name in others for others in self.calls.values())

    @cached_property
    def calls(self) -> dict[str, frozenset[str]]:
        """The functions that each calls or names; those of one name all that one of them does."""
        doubled = self.program.doubled
        return {
            name: doubled.get(name, frozenset()).union(self.references.functions_in(one.body))
            for name, one in self.program.functions.items()
        }

    @cached_property
    def referenced(self) -> frozenset[str]:
        """Functions that stand as a value elsewhere than where they are called."""
        found: set[str] = set()
        bodies = [one.body for one in self.program.functions.values()]
        bodies += [one.value for one in self.program.constants.values() if isinstance(one.value, Body)]
        for body in bodies:
            for operand in operands(body, calls=False):
                if isinstance(operand, o.FunctionValue):
                    name = body_of(self.program, {}, NoState(), plain_path(operand.path), operand.path, ())
                    found |= {name} if name is not None else set()
        return frozenset(found)


def load_subject(mir: MirFile, directory: FilePath, configuration: Configuration) -> Subject:
    """Raises InputError."""
    program = load_program(mir, directory, configuration)
    facts = read_crate(directory, configuration)
    declared = {one.path.removeprefix("crate::"): one for one in facts.constants}
    statics: dict[str, Static] = {}
    for name, item in program.constants.items():
        if item.kind in (ConstantKind.STATIC, ConstantKind.STATIC_MUT):
            statics[name] = Static(name, item, declared.get(name))
    meant = {
        one.name: _meant(one.about.removeprefix(_ABOUT), statics)
        for one in mir.items
        if isinstance(one, Alloc) and one.about.startswith(_ABOUT)
    }
    allocations = {alloc: names[0] for alloc, names in meant.items() if len(names) == 1}
    memories = {one.name: one.memory for one in mir.items if isinstance(one, Alloc)}
    alignments = {name: memory.align for alloc, name in allocations.items() if (memory := memories.get(alloc))}
    reaching = _reaching(mir, meant)
    of_others, unread = published(directory), _passed_over(mir)
    sources = (one for one in (directory / "src").rglob("*.rs") if one.is_file())
    if CRATE in of_others and any(SUPPLIED in one.read_text("utf-8", "replace") for one in sources):
        of_others -= {CRATE}  # it may be a macro's, or in assembly
    return Subject(program, facts, statics, allocations, reaching, alignments, published=of_others, passed_over=unread)


def _passed_over(mir: MirFile) -> str | None:
    """Lengths that were computed, `const PATH::{constant#0}: usize = ..`, are nowhere named."""
    unread = (item.construct for item in mir.items if isinstance(item, UnknownItem))
    return next((f"line {one.line} of the MIR: {one.text}" for one in unread if "::{constant#" not in one.text), None)


def _meant(about: str, statics: dict[str, Static]) -> tuple[str, ...]:
    """The statics that an allocation may be, of `PATH, size: ..`: one in a method of an impl goes by the type that the
    impl is for, with its arguments; then by the method's name and its own.
    """
    path = about.partition(", size:")[0]
    if path in statics:
        return (path,)
    last = path.split("::")[-2:]
    alike = {id(one.item): name for name, one in statics.items() if name.split("::")[-2:] == last}
    return tuple(sorted(alike.values()))


def _reaching(mir: MirFile, meant: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Through the pointers that allocations hold."""
    points = {
        one.name: {place.target for place in one.memory.relocations}
        for one in mir.items
        if isinstance(one, Alloc) and one.memory is not None
    }
    found = {alloc: frozenset(names) for alloc, names in meant.items()}
    changed = True
    while changed:
        changed = False
        for alloc, targets in points.items():
            before = found.get(alloc, frozenset())
            more = before.union(*(found.get(one, frozenset()) for one in targets))
            if more != before:
                found[alloc], changed = more, True
    return found


def described(static: Static) -> str:
    """`NAME: TYPE`."""
    return f"{static.name}: {show_type(static.item.type)}"

"""The statics that others can name, or find in what they can name; and who may be passed a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.show import show_type
from extract.mir.tree import Body, ConstantItem, ConstantKind
from extract.rust.items import Constant, CrateFacts, Function
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.program import Program
from smt_models.static_pools.callers import Holders, Naming, Parts
from smt_models.static_pools.plain import Static, is_exported, is_plain
from smt_models.static_pools.references import References

_ADDRESSES = re.compile("RawPointer|NonNull|AtomicPtr|[Ee]xposed|[Tt]ransmute")
"""What a body has in it that makes a reference of an address."""
_SAY_NOTHING = frozenset(
    ("Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd", "Send", "Sized", "Sync")
)
"""Bounds by which a function comes to nothing of its callers but what it is passed."""


class Crate(Protocol):
    """`reached`: the statics that each function comes to; `referenced`: functions that stand as values."""

    @property
    def program(self) -> Program: ...
    @property
    def facts(self) -> CrateFacts: ...
    @property
    def statics(self) -> Mapping[str, Static]: ...
    @property
    def references(self) -> References: ...
    @property
    def reached(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def calls(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def declared(self) -> Mapping[str, Function]: ...
    @property
    def referenced(self) -> frozenset[str]: ...
    def is_open(self, name: str) -> bool: ...


def is_closure(name: str) -> bool:
    return name.rpartition("::")[2].startswith("{")


class Sharing:
    def __init__(self, subject: Crate) -> None:
        self._subject = subject
        self._parts = Parts(subject.facts)
        self._receivers: dict[frozenset[str], frozenset[str]] = {}

    @cached_property
    def statics(self) -> frozenset[str]:
        """That others can name, or find in a constant or static that they can name."""
        found = {name for name, one in self._subject.statics.items() if one.is_open}
        for _, shown in self._shown:
            found |= shown
        return frozenset(name for name in found if not self._subject.statics[name].frozen)

    @cached_property
    def in_parts(self) -> frozenset[str]:
        """Those of which something else refers to a part, it may be a private one."""
        found: set[str] = set()
        for item, shown in self._shown:
            whole = item.type.target if isinstance(item.type, t.Reference) else None
            found |= {name for name in shown if whole is None or whole != self._subject.statics[name].item.type}
        return frozenset(found)

    @cached_property
    def _shown(self) -> tuple[tuple[ConstantItem, frozenset[str]], ...]:
        """The constants and statics that others can name, each with the statics that it may refer to."""
        items = self._subject.program.constants.items()
        named = [one for name, one in items if not is_plain(one.type) and self._is_nameable(name, one)]
        return tuple((one, frozenset(self._shown_by(one))) for one in named)

    def _is_nameable(self, name: str, item: ConstantItem) -> bool:
        """Whether others may name a constant or static. One of a trait or an impl always: it is not asked whose."""
        if item.kind is ConstantKind.ANONYMOUS or isinstance(item.path.segments[-1], t.Promoted | t.Numbered):
            return False
        one = self._constants.get(name)
        return one is None or one.visible == "pub" or is_exported(one)

    @cached_property
    def _constants(self) -> dict[str, Constant]:
        """Those that stand in no trait and no impl."""
        facts = self._subject.facts
        traits = {one.path for one in facts.traits}
        found = [one for one in facts.constants if one.path.rpartition("::")[0] not in traits]
        return {one.path.removeprefix("crate::"): one for one in found if "<impl at " not in one.path}

    def _shown_by(self, item: ConstantItem) -> Iterator[str]:
        """Of one that is computed, all that its functions reach."""
        references = self._subject.references
        if isinstance(item.value, Body):
            yield from references.statics_of(item.value)
            for name in references.functions_in(item.value):
                yield from self._subject.reached[name]
        else:
            yield from references.statics_in([] if isinstance(item.value, st.UnknownConstruct) else [item.value])

    @cached_property
    def types(self) -> frozenset[str]:
        """The last names of the types of these statics and of their parts: what is of one may be in a static."""
        return frozenset().union(*(self._types_of(name) for name in self.statics))

    def _types_of(self, static: str) -> frozenset[str]:
        found = set(self._parts.of(self._subject.statics[static].item.type, static in self.in_parts))
        of = self._subject.statics[static].item.type
        return frozenset(found | ({plain_path(of.path).rpartition("::")[2]} if isinstance(of, t.PathType) else set()))

    @cached_property
    def receiving(self) -> dict[str, frozenset[str]]:
        """Of each static the functions to which others may pass a reference to it or to a part of it, or something that
        holds one.
        """
        return {name: self._receiving(name) for name in self.statics}

    def _receiving(self, static: str) -> frozenset[str]:
        of = self._subject.statics[static].item.type
        functions = self._subject.program.functions.items()
        text = show_type(of)
        found = {name for name, one in functions if any(text in show_type(each) for each in one.parameters)}
        return self.receivers(self._types_of(static)) | frozenset(filter(self._subject.is_open, found))

    def receivers(self, types: frozenset[str]) -> frozenset[str]:
        """Functions that others may call with something of these types, or that holds it."""
        if types not in self._receivers:
            holders = Holders(self._subject.facts, types)
            named = self._naming.of(types)
            self._receivers[types] = frozenset(name for name in named if self._may_receive(name, holders))
        return self._receivers[types]

    @cached_property
    def _naming(self) -> Naming:
        return Naming(self._subject.program.functions, self._subject.calls)

    def _may_receive(self, name: str, holders: Holders) -> bool:
        subject = self._subject
        parameters = subject.program.functions[name].parameters
        if is_closure(name):  # which may be given away: what it keeps is seen there
            return any(map(holders.may_hold, parameters[1:]))
        if not subject.is_open(name) and name not in subject.referenced:
            return False
        return any(map(holders.may_hold, parameters)) or self._comes_to_more(name)

    def _comes_to_more(self, name: str) -> bool:
        """Whether its parameters' types have functions or constants of callers, which may give a static."""
        one = self._subject.declared.get(name)
        if one is None:
            return False
        provided = any(one is method for trait in self._subject.facts.traits for method in trait.methods)
        bounds = (path.segments[-1].name for _, path in one.environment.bounds)
        return provided or any(bound not in _SAY_NOTHING for bound in bounds)

    def lent(self, of: t.Type) -> tuple[str, ...]:
        """The types with an array in them that stand in the type of a result, and that some function takes, or of which
        it takes a part: an element of a static that is lent may be indexed there. Sorted.
        """
        named = sorted(self._parts.structs_in(of))
        return tuple(name for name in named if self._parts.has_array(name) and self._users(name))

    def _reached(self, name: str) -> frozenset[str]:
        """The last names of a type and of the parts of it that others can name, of the crate."""
        return frozenset({name.rpartition("::")[2]}) | self._parts.shown(name)

    def _users(self, of: str) -> frozenset[str]:
        return self.receivers(self._reached(of)) | self._by_address(of)

    def _by_address(self, of: str) -> frozenset[str]:
        """The functions others may call that name it and raw pointers, or make one: an element can be passed to them by
        a pointer to something else, or by its address.
        """
        functions, subject = self._subject.program.functions, self._subject
        making = {
            name
            for name in self._naming.of(self._reached(of))
            if _ADDRESSES.search(repr((functions[name].parameters, functions[name].body)))
        }
        coming = self._naming.coming_to(making)
        return frozenset(
            name for name in coming if not is_closure(name) and (subject.is_open(name) or name in subject.referenced)
        )

    def closures_taking(self, of: str) -> frozenset[str]:
        """Those of the crate that take one, or a part of one: who is given one can call it."""
        return frozenset(filter(is_closure, self.receivers(self._reached(of))))

    def takers(self, of: str) -> frozenset[str] | None:
        """The functions that others may pass one of these, where each takes it by a plain reference, and those that may
        make one of an address; None if it is taken in other ways.
        """
        found = self.receivers(self._reached(of)) - self.closures_taking(of)
        holders = Holders(self._subject.facts, self._reached(of))
        for name in found:
            parameters = self._subject.program.functions[name].parameters
            held = [one for one in parameters if holders.may_hold(one)]
            if not held or not all(isinstance(one, t.Reference) and plain_type(one.target) == of for one in held):
                return None
        return None if self._has_provided_methods(of) else found | self._by_address(of)

    def _has_provided_methods(self, of: str) -> bool:
        """Of traits of the crate, or in impls for types that are not known: one may index what another of its methods
        gives it.
        """
        of_traits = [made for made in self._subject.facts.implementations if made.trait is not None]
        if any(
            made.methods and any(repr(name) in repr(made.self_type) for name in made.generics.names)
            for made in of_traits
        ):
            return True  # it may be one of the types that an impl is for
        own = [made for made in of_traits if repr(of.rpartition("::")[2]) in repr(made.self_type)]
        return any(repr(name) in repr(made.trait) for made in own for name in self._providing)

    @cached_property
    def _providing(self) -> frozenset[str]:
        """The last names of the crate's traits with methods that have a body."""
        functions = self._subject.program.functions
        return frozenset(
            one.path.rpartition("::")[2]
            for one in self._subject.facts.traits
            for method in one.methods
            if f"{one.path.removeprefix('crate::')}::{method.path.rpartition('::')[2]}" in functions
        )

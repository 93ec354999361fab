"""Which functions others may give a static to that they can name.

What is private in a struct is written by bodies that name its type, and by no others. A static of such a type is
changed from outside by calls that come to one of these bodies, if something is passed to them by which the static can
be reached: a reference to it, a struct that holds one, a value of a type that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from extract.mir import types as t
from extract.mir.tree import Function
from extract.rust import types as source_types
from extract.rust.items import CrateFacts
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from smt_models.runtime.names import plain_path
from smt_models.runtime.shadowing import parameter_names

_QUOTED = re.compile(r"'(\w+)'")
"""A name in the text of a tree."""
_WORD = re.compile(r"\w+")
_LIBRARY = ("alloc", "core", "std")


class Naming:
    """Which functions name a type: each is gone over once, however many types are asked for."""

    def __init__(self, functions: Mapping[str, Function], calls: Mapping[str, frozenset[str]]) -> None:
        self._names: dict[str, set[str]] = {}
        for name, one in functions.items():
            for last in _QUOTED.findall(repr((one.parameters, one.result, one.body))):
                self._names.setdefault(last, set()).add(name)
        self._callers = _callers(calls)

    def of(self, types: Iterable[str]) -> frozenset[str]:
        """The functions in which a type with one of these last names stands, and all that come to one of them."""
        return self.coming_to(set[str]().union(*(self._names.get(one, ()) for one in types)))

    def coming_to(self, functions: Iterable[str]) -> frozenset[str]:
        """These, and all that call one, or call what does."""
        found = set(functions)
        waiting = list(found)
        while waiting:
            new = self._callers.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return frozenset(found)


def _callers(calls: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, others in calls.items():
        for one in others:
            found.setdefault(one, set()).add(name)
    return found


class Holders:
    """The types of a crate a value of which may refer to one with one of the last names `types`."""

    def __init__(self, facts: CrateFacts, types: frozenset[str]) -> None:
        self._types = _fields(facts)
        self._wanted = types
        self._held = {one for one in self._types if one.rpartition("::")[2] in types}
        self._parameters = frozenset(parameter_names(facts))
        grown = True
        while grown:
            found = {one for one, parts in self._types.items() if any(map(self._written, parts))} - self._held
            self._held |= found
            grown = bool(found)

    def may_hold(self, of: t.GenericArgument) -> bool:
        """Of a parameter, or what one is made of. A type that is not known may hold anything."""
        match of:
            case t.Primitive() | t.Never() | t.FunctionItem() | t.Lifetime() | t.ConstArgument():
                return False
            case t.Reference(_, _, target) | t.RawPointer(_, target):
                return self.may_hold(target)
            case t.Slice(element) | t.Array(element, _):
                return self.may_hold(element)
            case t.Tuple(elements):
                return any(map(self.may_hold, elements))
            case t.PathType(path):
                return self._may_path_hold(path)
            case _:
                return True

    def _may_path_hold(self, path: t.Path) -> bool:
        name = plain_path(path)
        first, last = path.segments[0], path.segments[-1]
        if not isinstance(first, t.Name) or not isinstance(last, t.Name) or name in self._parameters:
            return True
        if name in self._held or (
            name not in self._types and (first.name not in _LIBRARY or last.name in self._wanted)
        ):
            return True
        return any(map(self.may_hold, last.generics))

    def _written(self, of: source_types.Type) -> bool:
        """Of a field, as the sources have it; a parameter stands for what the arguments of its type say."""
        match of:
            case source_types.Primitive() | source_types.Parameter() | source_types.Never():
                return False
            case source_types.Reference(target) | source_types.Pointer(target):
                return self._written(target)
            case source_types.Array(element) | source_types.Slice(element):
                return self._written(element)
            case source_types.Tuple(elements):
                return any(map(self._written, elements))
            case source_types.Local(path, arguments):
                name = path.removeprefix("crate::")
                return name in self._held or name not in self._types or any(map(self._written, arguments))
            case source_types.External(path, arguments, bindings):
                if path.rpartition("::")[2] in self._wanted:
                    return True
                return any(map(self._written, (*arguments, *(one for _, one in bindings))))
            case _:
                return True


class Parts:
    """What the types of a crate are made of."""

    def __init__(self, facts: CrateFacts) -> None:
        self._fields = _fields(facts)
        self._open = {
            one.path.removeprefix("crate::"): [field.visible == "pub" for field in one.fields] for one in facts.structs
        }

    def of(self, given: t.Type, private: bool) -> frozenset[str]:
        """The last names of the types of parts: of those that others can name, or of private ones, too. Numbers are
        none.
        """
        waiting: list[source_types.Type] = []
        found: set[str] = set()
        self._enter(given, waiting, private)
        seen: set[str] = set()
        while waiting:
            match waiting.pop():
                case source_types.Array(element) | source_types.Slice(element):
                    waiting.append(element)
                case source_types.Tuple(elements):
                    waiting += elements
                case source_types.Reference(target) | source_types.Pointer(target):
                    waiting.append(target)
                case source_types.Local(path, arguments):
                    name = path.removeprefix("crate::")
                    found.add(name.rpartition("::")[2])
                    waiting += arguments
                    if name not in seen:
                        seen.add(name)
                        waiting += self._inner(name, private)
                case source_types.External(path, arguments):
                    found.add(path.rpartition("::")[2])
                    waiting += arguments
                case _:
                    pass
        return frozenset(found)

    def _enter(self, given: t.Type, waiting: list[source_types.Type], private: bool) -> None:
        """The parts of a static of this type: its own name is none of theirs."""
        match given:
            case t.PathType(path):
                waiting += self._inner(plain_path(path), private)
                for one in getattr(path.segments[-1], "generics", ()):
                    self._enter_part(one, waiting)
            case t.Array() | t.Slice() | t.Tuple():
                self._enter_part(given, waiting)
            case _:
                pass

    def _enter_part(self, given: t.GenericArgument, waiting: list[source_types.Type]) -> None:
        match given:
            case t.Array(element, _) | t.Slice(element):
                self._enter_part(element, waiting)
            case t.Tuple(elements):
                for one in elements:
                    self._enter_part(one, waiting)
            case t.Reference(_, _, target) | t.RawPointer(_, target):
                self._enter_part(target, waiting)
            case t.PathType(path):
                name = plain_path(path)
                waiting.append(source_types.Local(name) if name in self._fields else source_types.External(name))
                for one in getattr(path.segments[-1], "generics", ()):
                    self._enter_part(one, waiting)
            case _:
                pass

    def _inner(self, name: str, private: bool) -> list[source_types.Type]:
        shown = self._open.get(name)
        fields = self._fields.get(name, ())
        if private or shown is None:
            return list(fields)
        return [one for one, is_shown in zip(fields, shown, strict=True) if is_shown]

    def shown(self, name: str) -> frozenset[str]:
        """The last names of the crate's types of which others can name a part in one of this type."""
        waiting, seen = list(self._inner(name, False)), set[str]()
        own: dict[str, list[str]] = {}  # types of several modules may have the same last name
        for one in self._fields:
            own.setdefault(one.rpartition("::")[2], []).append(one)
        while waiting:
            for last in set(_WORD.findall(repr(waiting.pop()))) & own.keys() - seen:
                seen.add(last)
                waiting += [part for one in own[last] for part in self._inner(one, False)]
        return frozenset(seen)

    def structs_in(self, of: t.Type) -> frozenset[str]:
        """The types of the crate that stand in this one."""
        text = repr(of)
        return frozenset(name for name in self._fields if repr(name.rpartition("::")[2]) in text)

    def has_array(self, name: str) -> bool:
        """Whether there is one in a value of the type, as far as the crate's own types go."""
        waiting, seen = [name], {name}
        while waiting:
            text = repr(self._fields[waiting.pop()])
            if "Array(" in text or "Slice(" in text:
                return True
            more = {one for one in self._fields if repr(f"crate::{one}") in text} - seen
            seen |= more
            waiting += more
        return False


def _fields(facts: CrateFacts) -> dict[str, tuple[source_types.Type, ...]]:
    """The types of the fields of each type of the crate."""
    types = TypeNames(Names(facts))
    found = {one.path: [types.resolve(each.type, one.environment) for each in one.fields] for one in facts.structs}
    for made in facts.enums:
        fields = [field for each in made.variants for field in each.fields]
        found[made.path] = [types.resolve(each.type, made.environment) for each in fields]
    return {path.removeprefix("crate::"): tuple(parts) for path, parts in found.items()}

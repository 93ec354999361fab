"""Which functions others may give a static to that they can name.

What is private in a struct is written by bodies that name its type, and by no others. A static of such a type is
changed from outside by calls that come to one of these bodies, if something is passed to them by which the static can
be reached: a reference to it, a struct that holds one, a value of a type that is not known.
"""

from __future__ import annotations

from collections.abc import Mapping

from extract.mir import types as t
from extract.mir.tree import Function
from extract.rust import types as source_types
from extract.rust.items import CrateFacts
from extract.rust.names import Names
from extract.rust.type_names import TypeNames
from smt_models.runtime.names import plain_path

_LIBRARY = ("alloc", "core", "std")


def that_name(of: str, functions: Mapping[str, Function], calls: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The functions in whose body the type of that path stands, and all that come to one of them."""
    last = repr(of.rpartition("::")[2])
    found = {name for name, one in functions.items() if last in repr((one.parameters, one.result, one.body))}
    waiting, callers = list(found), _callers(calls)
    while waiting:
        new = callers.get(waiting.pop(), set()) - found
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
    """The types of a crate a value of which may refer to one of the type with the path `of`."""

    def __init__(self, facts: CrateFacts, of: str) -> None:
        self._types = _parts(facts)
        self._held = {of}
        self._parameters = _generics(facts)
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
        if name in self._held or (name not in self._types and first.name not in _LIBRARY):
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
            case source_types.External(_, arguments, bindings):
                return any(map(self._written, (*arguments, *(one for _, one in bindings))))
            case _:
                return True


def _parts(facts: CrateFacts) -> dict[str, tuple[source_types.Type, ...]]:
    """The types of the fields of each type of the crate."""
    types = TypeNames(Names(facts))
    found = {one.path: [types.resolve(each.type, one.environment) for each in one.fields] for one in facts.structs}
    for made in facts.enums:
        fields = [field for each in made.variants for field in each.fields]
        found[made.path] = [types.resolve(each.type, made.environment) for each in fields]
    return {path.removeprefix("crate::"): tuple(parts) for path, parts in found.items()}


def _generics(facts: CrateFacts) -> frozenset[str]:
    """The names of all parameters of functions: MIR prints them as it prints a type at the root of the crate."""
    methods = [one for made in facts.implementations for one in made.methods]
    provided = [one for trait in facts.traits for one in trait.methods]
    return frozenset().union(*(one.environment.generics for one in (*facts.functions, *methods, *provided)))

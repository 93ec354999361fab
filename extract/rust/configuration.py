"""Conditional compilation: `cfg` predicates under the configuration that the compiler was given.

Reference, "Conditional compilation". A name that is not set is false, as rustc has it; so the configuration must be the
whole of it (`rustc --print cfg` with the same flags), features included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extract.errors import InputError
from extract.rust.text import Token
from extract.rust.tokens import Group, Tree, is_token, place_of

_SETTING = re.compile(r'\s*([^\W\d]\w*)\s*(?:=\s*"(.*)"\s*)?')


@dataclass(frozen=True, slots=True)
class Configuration:
    """The names that are set, and the names with values."""

    settings: frozenset[tuple[str, str | None]]

    @staticmethod
    def of(lines: Iterable[str] = (), features: Iterable[str] = ()) -> Configuration:
        """From settings as `rustc --print cfg` writes them (`unix`, `target_env="p1"`) and names of features."""
        settings: set[tuple[str, str | None]] = {("feature", feature) for feature in features}
        for line in lines:
            found = _SETTING.fullmatch(line)
            if found is None:
                raise ValueError(f"no cfg setting: {line!r}")
            settings.add((found[1], found[2]))
        return Configuration(frozenset(settings))

    def holds(self, trees: Sequence[Tree]) -> bool:
        """One predicate: `name`, `name = "value"`, `all(..)`, `any(..)`, `not(..)`, `true`, `false`."""
        match trees:
            case [Token(text="true")]:
                return True
            case [Token(text="false")]:
                return False
            case [Token(kind="identifier", text=name)]:
                return (name, None) in self.settings
            case [Token(kind="identifier", text=name), Token(text="="), Token(kind="string", text=value)]:
                return (name, value[1:-1]) in self.settings
            case [Token(text="all"), Group(trees=inner)]:
                return all(self.holds(part) for part in split(inner))
            case [Token(text="any"), Group(trees=inner)]:
                return any(self.holds(part) for part in split(inner))
            case [Token(text="not"), Group(trees=inner)] if len(parts := split(inner)) == 1:
                return not self.holds(parts[0])
            case [first, *_]:
                place = place_of(first)
                raise InputError(place.file, place.start, "something else", "a `cfg` predicate")
            case _:
                raise ValueError("an empty predicate")


def split(trees: Sequence[Tree], separator: str = ",") -> list[Sequence[Tree]]:
    """The parts between separators; none after the last one."""
    parts: list[Sequence[Tree]] = []
    start = 0
    for at, tree in enumerate(trees):
        if is_token(tree, separator):
            parts.append(trees[start:at])
            start = at + 1
    if start < len(trees):
        parts.append(trees[start:])
    return [part for part in parts if part]

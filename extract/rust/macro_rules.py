"""Macros by example: their definitions (reference, "Macros by example")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extract.errors import InputError
from extract.rust.places import Span
from extract.rust.text import Token
from extract.rust.tokens import Group, Tree, is_token, place_of


@dataclass(frozen=True, slots=True)
class Fragment:
    """`$name:kind`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Repetition:
    """`$( ... ) separator operator`; `dollar` is where it stands."""

    parts: tuple[Part, ...]
    separator: Token | None
    operator: str
    place: Span


@dataclass(frozen=True, slots=True)
class Delimited:
    """A delimited group in a pattern or a body."""

    open: Token
    parts: tuple[Part, ...]
    close: Token


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name` in a body."""

    name: str
    token: Token


Part = Token | Delimited | Fragment | Repetition | Variable


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: tuple[Part, ...]
    body: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """`module` is where `$crate` and the definition stand, for what is said about it."""

    name: str
    module: str
    rules: tuple[Rule, ...]
    exported: bool
    span: Span


def read_rules(trees: Sequence[Tree]) -> tuple[Rule, ...]:
    """The rules of `macro_rules! name { ... }`. Raises InputError at what is none."""
    rules: list[Rule] = []
    rest = list(trees)
    while rest:
        match rest:
            case [Group() as pattern, Token(text="=>"), Group() as body, *rest]:
                rules.append(Rule(_parts(pattern.trees, True), _parts(body.trees, False)))
            case [other, *_]:
                place = place_of(other)
                raise InputError(place.file, place.start, "something else", "a rule `(pattern) => {body}`")
        if rest and is_token(rest[0], ";"):
            rest = rest[1:]
    return tuple(rules)


def _parts(trees: Sequence[Tree], is_pattern: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    rest = list(trees)
    while rest:
        match rest:
            case [Token(text="$") as dollar, Group(open=Token(text="(")) as group, *rest]:
                separator, operator, rest = _operator(rest, dollar)
                inner = _parts(group.trees, is_pattern)
                parts.append(Repetition(inner, separator, operator, dollar.trail[0][1]))
            case [
                Token(text="$"),
                Token(kind="identifier") as name,
                Token(text=":"),
                Token(kind="identifier") as kind,
                *rest,
            ] if is_pattern:
                parts.append(Fragment(name.text, kind.text))
            case [Token(text="$") as dollar, Token(kind="identifier") as name, *rest]:
                parts.append(_variable(dollar, name))
            case [Group() as group, *rest]:
                parts.append(Delimited(group.open, _parts(group.trees, is_pattern), group.close))
            case [Token() as token, *rest]:
                parts.append(token)
    return tuple(parts)


def _variable(dollar: Token, name: Token) -> Part:
    start, end = dollar.trail[0][1], name.trail[0][1]
    both = Token("identifier", f"${name.text}", dollar.spaced, ((name.trail[0][0], start.to(end)), *name.trail[1:]))
    if name.text == "crate":
        return Token("identifier", "crate", dollar.spaced, both.trail)
    return Variable(name.text, both)


def _operator(rest: list[Tree], dollar: Token) -> tuple[Token | None, str, list[Tree]]:
    match rest:
        case [Token(text="*" | "+" | "?" as operator), *after]:
            return None, operator, after
        case [Token() as separator, Token(text="*" | "+" | "?" as operator), *after]:
            return separator, operator, after
        case _:
            place = dollar.trail[0][1]
            raise InputError(place.file, place.start, "a repetition without `*`, `+` or `?`", "one of them")

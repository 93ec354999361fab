"""Macros by example: matching an invocation, and writing the body out.

Names are not renamed apart (hygiene covers local variables and labels, which are no facts here). Matching goes as
rustc's does, without looking back: a repetition takes as many as it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from extract.errors import InputError
from extract.rust import limits
from extract.rust.macro_fragments import extent
from extract.rust.macro_rules import Delimited, Fragment, MacroDefinition, Part, Repetition, Variable
from extract.rust.places import Span
from extract.rust.text import Token
from extract.rust.tokens import Group, Tree, flatten, is_token


@dataclass(frozen=True, slots=True)
class Captured:
    """What a fragment of this kind took."""

    kind: str
    trees: tuple[Tree, ...]


Bindings = dict[str, "Captured | list[Bindings]"]


class NoRuleMatches(Exception):
    """No rule of the macro takes this input, as far as matching is done here."""


@dataclass(slots=True)
class Effort:
    """What the expansions of one crate cost, and how many there were."""

    steps: int = 0
    tokens: int = 0
    expansions: int = field(default=0)

    def step(self, place: Span) -> None:
        self.steps += 1
        if self.steps > limits.MAX_MATCH_STEPS:
            raise InputError(place.file, place.start, "macros that go on", f"at most {limits.MAX_MATCH_STEPS} steps")

    def token(self, place: Span) -> None:
        self.tokens += 1
        if self.tokens > limits.MAX_EXPANDED_TOKENS:
            expected = f"at most {limits.MAX_EXPANDED_TOKENS} tokens out of macros"
            raise InputError(place.file, place.start, "macros that give more", expected)


def expand(macro: MacroDefinition, trees: Sequence[Tree], place: Span, effort: Effort) -> tuple[Token, ...]:
    """The tokens that the first matching rule gives. Raises NoRuleMatches, and InputError over a limit."""
    effort.expansions += 1
    for rule in macro.rules:
        bindings: Bindings = {}
        end = _match(rule.pattern, trees, 0, bindings, place, effort)
        if end == len(trees):
            output: list[Token] = []
            _write(rule.body, bindings, output, effort.expansions, place, effort)
            return tuple(output)
    raise NoRuleMatches(macro.name)


def _match(
    parts: Sequence[Part], trees: Sequence[Tree], start: int, bindings: Bindings, place: Span, effort: Effort
) -> int | None:
    at = start
    for number, part in enumerate(parts):
        effort.step(place)
        end: int | None = None
        match part:
            case Token():
                end = at + 1 if at < len(trees) and is_token(trees[at], part.text) else None
            case Fragment():
                end = extent(part.kind, trees, at)
                if end is not None:
                    bindings[part.name] = Captured(part.kind, tuple(trees[at:end]))
            case Delimited():
                tree = trees[at] if at < len(trees) else None
                if isinstance(tree, Group) and tree.open.text == part.open.text:
                    whole = _match(part.parts, tree.trees, 0, bindings, place, effort)
                    end = at + 1 if whole == len(tree.trees) else None
            case Repetition():
                end = _repeat(part, trees, at, bindings, place, effort, parts[number + 1 :])
            case Variable():
                return None
        if end is None:
            return None
        at = end
    return at


def _repeat(
    part: Repetition,
    trees: Sequence[Tree],
    start: int,
    bindings: Bindings,
    place: Span,
    effort: Effort,
    after: Sequence[Part],
) -> int | None:
    rounds: list[Bindings] = []
    at = start
    while not (part.operator == "?" and rounds):
        begin = at
        if rounds and part.separator is not None:
            if at >= len(trees) or not is_token(trees[at], part.separator.text):
                break
            begin = at + 1
        if at >= len(trees) or (part.separator is None and _starts(after, trees[at])):
            break
        inner: Bindings = {}
        end = _match(part.parts, trees, begin, inner, place, effort)
        if end is None or end == at:
            break
        rounds.append(inner)
        at = end
    if part.operator == "+" and not rounds:
        return None
    for name in _names(part.parts):
        bindings[name] = [{name: one[name]} for one in rounds]
    return at


def _starts(after: Sequence[Part], tree: Tree) -> bool:
    """A token that the pattern asks for after a repetition ends it."""
    return bool(after) and isinstance(after[0], Token) and is_token(tree, after[0].text)


def _names(parts: Sequence[Part]) -> list[str]:
    names: list[str] = []
    for part in parts:
        match part:
            case Fragment():
                names.append(part.name)
            case Delimited() | Repetition():
                names.extend(_names(part.parts))
            case Variable():
                names.append(part.name)
            case Token():
                pass
    return names


def _write(
    parts: Sequence[Part],
    bindings: Bindings,
    output: list[Token],
    expansion: int,
    place: Span,
    effort: Effort,
    is_run: bool = False,
) -> None:
    for part in parts:
        effort.token(place)
        match part:
            case Token():
                output.append(_inside(part, expansion))
            case Delimited():
                output.append(_inside(part.open, expansion))
                _write(part.parts, bindings, output, expansion, place, effort)
                output.append(_inside(part.close, expansion))
            case Variable():
                _substitute(part, bindings, output, expansion, place, effort, is_run)
            case Repetition():
                _write_rounds(part, bindings, output, expansion, place, effort)
            case Fragment():
                raise NoRuleMatches(part.name)


def _inside(token: Token, expansion: int) -> Token:
    """A token of the body: its place is one of this expansion."""
    return replace(token, trail=((expansion, token.trail[0][1]),))


def _substitute(
    part: Variable,
    bindings: Bindings,
    output: list[Token],
    expansion: int,
    place: Span,
    effort: Effort,
    is_run: bool,
) -> None:
    """A fragment has a place in the body too, where the name stands; not so the tokens of a bare `$($name)*`.

    That is what rustc's `maybe_use_metavar_location` does.
    """
    bound = bindings.get(part.name)
    match bound:
        case None:  # a `$name` of a macro that this one defines
            output.append(_inside(part.token, expansion))
        case Captured(kind, trees):
            here = ((expansion, part.token.trail[0][1]),)
            added = () if is_run and kind == "tt" else here
            spaced = True
            for token in flatten(trees):
                effort.token(place)
                output.append(replace(token, spaced=token.spaced or spaced, trail=(*token.trail, *added)))
                spaced = False
            output.append(Token("punctuation", "", True, here))
        case list():
            raise NoRuleMatches(f"${part.name} outside of its repetition")


def _write_rounds(
    part: Repetition, bindings: Bindings, output: list[Token], expansion: int, place: Span, effort: Effort
) -> None:
    repeated = {name: bound for name in _names(part.parts) if isinstance(bound := bindings.get(name), list)}
    counts = {len(bound) for bound in repeated.values()}
    if len(counts) != 1:
        raise NoRuleMatches("a repetition whose names do not repeat alike")
    for number in range(counts.pop()):
        inner = dict(bindings)
        for name, bound in repeated.items():
            inner.update({name: bound[number][name]})
        if number and part.separator is not None:
            output.append(_inside(part.separator, expansion))
        is_run = part.separator is None and len(part.parts) == 1
        _write(part.parts, inner, output, expansion, place, effort, is_run)

"""Whether a step keeps an invariant, asked of each conjunct by itself: the invariant holds after a step if each of its
conjuncts does. Where unknown numbers are multiplied, solvers have no answer to all at once, and soon one to each where
little else is told.

What is left out is sound to leave out. To suppose less before the step only makes a question harder. What is not asked
holds after the step for a reason that is seen here: it speaks of nothing that the step changes, or it is so by the
constants that the step leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proofs.recheck.conjuncts import conjuncts
from proofs.recheck.script import Expression, Script, expressions

Constants = Mapping[str, str]
"""Names of the state, with the literals that they are equal to."""
DEEPEST = 100
"""Of terms within terms that are looked into for what holds by constants: what is deeper is not known by them."""


@dataclass(frozen=True, slots=True)
class Part:
    """A conjunct of the invariant. `names`: of the model's constants in it."""

    text: str
    read: Expression
    names: frozenset[str]


def parts_of(invariant: str, script: Script) -> tuple[Part, ...]:
    """Each with no more than it uses of what is bound around it."""
    constants = script.constants.keys()
    return tuple(
        Part(one.text, next(iter(expressions(one.text, "invariant"))), one.names & constants)
        for one in conjuncts(invariant)
    )


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `denied` is impossible where what is told holds: `told` has more each time, at last all that is known.
    `alike`: names of the state, each with the name or the literal that it is equal to by what is known: a
    name that is not among them, in quotes.
    """

    told: tuple[tuple[str, ...], ...]
    denied: str
    alike: Constants


def names_in(text: str, script: Script) -> frozenset[str]:
    """Of the script's constants."""
    return frozenset(str(one.name) for one in _parts(text) if one.name in script.constants)


def multiplies(text: str) -> bool:
    """Whether numbers that are unknown are multiplied with each other in one of the terms."""
    return "bvmul" in text and any(
        one.parts is not None
        and one.parts[:1]
        and one.parts[0].token == "bvmul"
        and sum(not _is_literal(factor) for factor in one.parts[1:]) > 1
        for one in _parts(text)
    )


def questions(
    script: Script, guard: str, changes: Mapping[str, str], invariant: tuple[Part, ...]
) -> Iterator[Question]:
    """Those that remain of a step. `changes`: names of the state, with the terms that they become."""
    before = _given_by(guard, script)
    becomes = {name: next(iter(expressions(body, "model"))) for name, body in changes.items()}
    after = {name: value for name, value in before.items() if name not in changes}
    after |= {name: body.token for name, body in becomes.items() if _is_literal(body)}
    told = [one for one in invariant if not _holds(one.read, before)]
    moved = frozenset(
        name
        for name, body in becomes.items()
        if body.name != name and not (name in before and before[name] == after.get(name))
    )
    speaks = {name: names_in(body, script) for name, body in changes.items()}
    around = names_in(guard, script)
    alike = _alike(told, before, script)
    for one in invariant:
        if one.names.isdisjoint(moved) or _holds(one.read, after):
            continue
        about = frozenset(each for name in one.names for each in speaks.get(name, (name,))) | before.keys()
        levels = (
            [each for each in told if each is one],
            [each for each in told if each.names <= about],
            [each for each in told if each.names & (about | around) - before.keys()],
            told,
        )
        bindings = " ".join(f"(|{name}| {body})" for name, body in changes.items() if name in one.names)
        denied = f"(not (let ({bindings}) {one.text}))" if bindings else f"(not {one.text})"
        yield Question(tuple(dict.fromkeys(tuple(each.text for each in level) for level in levels)), denied, alike)


def _alike(told: list[Part], before: Constants, script: Script) -> dict[str, str]:
    """What conjuncts say of single names where the step begins: each is something else, which is none of these."""
    found: dict[str, str] = {}
    for part in told:
        pair = _equal_pair(part.read, before)
        if pair is None or not all(one[1:-1] in script.constants for one in pair if _is_name(one)):
            continue
        left, right = (found.get(each[1:-1], each) if _is_name(each) else each for each in pair)
        if left == right or not (_is_name(left) or _is_name(right)):
            continue
        old, new = (right, left) if _is_name(right) else (left, right)
        found = {name: new if value == old else value for name, value in found.items()} | {old[1:-1]: new}
    return found


def _is_name(text: str) -> bool:
    """Names are quoted here, literals never are."""
    return text.startswith("|")


def _equal_pair(term: Expression, given: Constants) -> tuple[str, str] | None:
    """The two that a term says are equal, if by the constants that are given it says no more: names or literals. A name
    that `let` binds counts as none.
    """
    known, bound = dict(given), set[str]()
    while term.parts and term.parts[0].token == "let":
        _, bindings, term = term.parts
        pairs = [one.parts for one in bindings.parts or () if one.parts]
        values = {str(name.name): _value(value, known) for name, value in pairs}
        bound |= values.keys()
        known = {name: value for name, value in known.items() if name not in values}
        known |= {name: str(value).lower() for name, value in values.items() if value is not None}
    if term.parts and term.parts[0].token == "or":
        left = [one for one in term.parts[1:] if _value(one, known) is not False]
        if len(left) != 1:
            return None
        (term,) = left
    match term.parts:
        case None:
            pair = _quoted(term), "true"
        case (Expression(token="not"), Expression(parts=None) as one):
            pair = _quoted(one), "false"
        case (Expression(token="="), Expression(parts=None) as one, Expression(parts=None) as other):
            pair = _quoted(one), _quoted(other)
        case _:
            return None
    return None if any(one[1:-1] in bound for one in pair if _is_name(one)) else pair


def _quoted(one: Expression) -> str:
    return one.token if one.name is None or one.token in ("true", "false") else f"|{one.name}|"


def _parts(text: str) -> Iterator[Expression]:
    waiting = list(expressions(text, "model"))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.parts or ()


def _is_literal(one: Expression) -> bool:
    return one.token in ("true", "false") or one.token.startswith("#")


def _given_by(guard: str, script: Script) -> dict[str, str]:
    """What it says of single constants of the script, by a literal: no name that `let` binds hides one of these."""
    (at,) = expressions(guard, "model")
    while at.parts and at.parts[0].token == "let":
        at = at.parts[-1]
    found: dict[str, str] = {}
    for one in at.parts[1:] if at.parts and at.parts[0].token == "and" else (at,):
        match one.parts:
            case (Expression(token="="), Expression(name=str(name)), literal) if (
                name in script.constants and _is_literal(literal)
            ):
                found[name] = literal.token
            case _:
                pass
    return found


def _holds(term: Expression, given: Constants) -> bool:
    return _value(term, given) is True


def _value(term: Expression, given: Constants, deep: int = 0) -> bool | None:
    """None: it is not known by the constants alone, or the term is too deep to say."""
    if deep > DEEPEST:
        return None
    match term.parts:
        case None:
            return {"true": True, "false": False}.get(given.get(term.name or "", term.token))
        case (Expression(token="not"), one):
            value = _value(one, given, deep + 1)
            return None if value is None else not value
        case (Expression(token="and" | "or" as of), *some):
            values = [_value(one, given, deep + 1) for one in some]
            ends = of == "or"
            return ends if ends in values else None if None in values else not ends
        case (Expression(token="="), Expression(name=str(name)), literal) if name in given and _is_literal(literal):
            return _are_equal(given[name], literal.token)
        case (Expression(token="let"), bindings, body):
            pairs = [one.parts for one in bindings.parts or () if one.parts]
            bound = {str(name.name): _value(value, given, deep + 1) for name, value in pairs}
            outside = {name: value for name, value in given.items() if name not in bound}
            known = {name: str(value).lower() for name, value in bound.items() if value is not None}
            return _value(body, outside | known, deep + 1)
        case _:
            return None


def _are_equal(one: str, other: str) -> bool | None:
    """Literals of one sort, which may be written in two ways."""
    alike = len(one) == len(other) and one[:2] == other[:2]
    return True if one == other else False if alike or not one.startswith("#") else None

"""An invariant of a certificate in readable form: its clauses, with the words of the state and, where the model names
them, the members of enumerations. What those names are is a comment of the model, which no checker reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from artifacts.names import visible
from proofs.recheck.faults import Refused
from proofs.recheck.script import Expression, expressions

_MEMBERS = re.compile(r"^; members of (.+?): (.+)$", re.MULTILINE)
_STEP = re.compile(r"^; (client|guest|host): (.+) \[([^\]\n]*)\]$", re.MULTILINE)
_INFIX = {"bvule": "≤", "bvult": "<", "<=": "≤", "<": "<", "=": "="}
_MOST_LINES = 2_000
_WIDTH = 2_000
_MOST = 200_000

Members = Mapping[str, tuple[str, ...]]


def members_of(model: str) -> dict[str, tuple[str, ...]]:
    """The names that a model gives the values of its words."""
    return {found[1]: tuple(found[2].split(" | ")) for found in _MEMBERS.finditer(model)}


def steps_of(model: str) -> list[tuple[str, str, str]]:
    """Who takes each step of the model, what it is, and the rule."""
    return [(found[1], visible(found[2]), visible(found[3])) for found in _STEP.finditer(model)]


def invariant_lines(invariant: str, members: Members) -> list[str]:
    """An indented tree: what stands on one line holds together. Raises `Refused` for what is no term, or is too large
    to be written out.
    """
    read = list(expressions(invariant, "the invariant"))
    if len(read) != 1:
        raise Refused(f"the invariant: {len(read)} terms")
    reader = _Reader(members)
    lines = list(reader.tree(reader.let_go(read[0]), 0))
    if len(lines) > _MOST_LINES:
        return [*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES} more lines"]
    return lines


@dataclass(slots=True)
class _Reader:
    """`left`: how much may still be written: what stands once may be used often."""

    members: Members
    bound: dict[str, Expression] = field(default_factory=dict)
    left: int = _MOST

    def let_go(self, term: Expression) -> Expression:
        """The body under all `let`s, whose names are kept: each is bound once in the whole text."""
        while term.parts and term.parts[0].token == "let":
            if len(term.parts) != 3:
                raise Refused("the invariant: a let without its term")
            for binding in term.parts[1].parts or ():
                if binding.parts is None or len(binding.parts) != 2:
                    raise Refused("the invariant: a let that binds nothing")
                self.bound[binding.parts[0].token] = binding.parts[1]
            term = term.parts[2]
        return term

    def _at(self, term: Expression) -> Expression:
        self._spend()
        while term.parts is None and term.token in self.bound:
            self._spend()
            term = self.let_go(self.bound[term.token])
        return self.let_go(term)

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Refused("the invariant: too large to be written out")

    def _flat(self, term: Expression, operator: str) -> Iterator[Expression]:
        """The operands of nested `and`s or `or`s."""
        term = self._at(term)
        if term.parts and term.parts[0].token == operator:
            for part in term.parts[1:]:
                yield from self._flat(part, operator)
        else:
            yield term

    def tree(self, term: Expression, depth: int) -> Iterator[str]:
        margin = "  " * depth
        parts = list(self._flat(term, "and"))
        choices = [part for part in parts if part.parts and part.parts[0].token == "or" and not self._small(part)]
        plain = [self.words(part) for part in parts if part not in choices]
        if plain:
            yield margin + visible(", ".join(plain), _WIDTH)
        for choice in choices:
            for number, option in enumerate(self._flat(choice, "or")):
                yield f"{margin}{'either' if number == 0 else 'or'}"
                yield from self.tree(option, depth + 1)

    def _small(self, term: Expression) -> bool:
        """Alternatives without conjunctions fit on a line."""
        return all(not part.parts or part.parts[0].token != "and" for part in self._flat(term, "or"))

    def words(self, term: Expression) -> str:
        term = self._at(term)
        match term.parts:
            case None if term.token.startswith("#"):
                return str(_number(term.token))
            case None:
                return term.name or term.token
            case (Expression("or"), *_):
                return self._either([self.words(part) for part in self._flat(term, "or")])
            case (Expression("and"), *_):
                return f"({' and '.join(self.words(part) for part in self._flat(term, 'and'))})"
            case (Expression("not"), inner):
                said = self.words(inner)
                return said.replace(" = ", " ≠ ") if said.count(" = ") == 1 else f"not {said}"
            case (Expression(operator), left, right) if operator in _INFIX:
                return self._compared(operator, self._at(left), self._at(right))
            case (Expression("", _, (Expression("_"), Expression("zero_extend"), _)), inner):
                return self.words(inner)
            case parts:
                return f"({' '.join(self.words(part) for part in parts)})"

    def _compared(self, operator: str, left: Expression, right: Expression) -> str:
        if left.name is not None and right.token.startswith("#"):
            return f"{left.name} {_INFIX[operator]} {self._value(left.name, right.token)}"
        return f"{self.words(left)} {_INFIX[operator]} {self.words(right)}"

    def _value(self, word: str, bits: str) -> str:
        number = _number(bits)
        members = self.members.get(word, ())
        return members[number] if number < len(members) else str(number)

    @staticmethod
    def _either(options: list[str]) -> str:
        """`st = IDLE or st = DONE` with its word once."""
        heads = {option.partition(" = ")[0] for option in options}
        if len(heads) == 1 and all(" = " in option for option in options):
            return f"{heads.pop()} = {' or '.join(option.partition(' = ')[2] for option in options)}"
        return " or ".join(options)


def _number(bits: str) -> int:
    return int(bits[2:], 16 if bits[1] == "x" else 2)

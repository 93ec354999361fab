"""The clauses of an invariant, each with what is left of the invariant without it.

A clause is a conjunct. Where an invariant lists states, its one conjunct tells of many words, and what it says of each
word is a clause too: without it, the word may be anything wherever it is spoken of. What is left is only ever a
candidate: whether it is an invariant, the checker of certificates says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from proofs.recheck.script import Expression, expressions


@dataclass(frozen=True, slots=True)
class Clause:
    """`text`: the conjunct by itself, "" for all that is said of a `word`. `words`: those that it speaks of. `left`:
    the invariant without it.
    """

    text: str
    word: str | None
    words: frozenset[str]
    left: str


def clauses_of(invariant: str, state: tuple[str, ...]) -> Iterator[Clause]:
    """`invariant`: as the checker takes it. Raises `Refused` for what is no term."""
    (whole,) = expressions(invariant, "invariant")
    formula = _Formula.of(whole)
    parts = formula.conjuncts(formula.body)
    for number, part in enumerate(parts):
        left = " ".join(one.text for one in (*parts[:number], *parts[number + 1 :]))
        words = formula.names(part) & frozenset(state)
        yield Clause(formula.closed(part.text), None, words, formula.closed(f"(and true true {left})"))
    compound = [part for part in parts if formula.is_compound(part)]
    told = frozenset[str]().union(*(formula.names(part) for part in compound))
    lists_states = 2 * len(told & frozenset(state)) > len(state)
    for word in (one for one in state if lists_states and one in told):
        kept = (formula.weaker(part, word, "w") if part in compound else part.text for part in parts)
        yield Clause("", word, frozenset((word,)), formula.closed(f"(and true true {' '.join(kept)})", word))


@dataclass(slots=True)
class _Formula:
    """A term under `let`s, of which each binds a name of its own."""

    heads: list[Expression]
    bound: dict[str, Expression]
    body: Expression
    _mentioned: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, term: Expression) -> _Formula:
        heads: list[Expression] = []
        bound: dict[str, Expression] = {}
        while term.parts and term.parts[0].token == "let":
            _, bindings, body = term.parts
            bound |= dict(_pairs(bindings))
            heads.append(bindings)
            term = body
        return cls(heads, bound, term)

    def closed(self, body: str, word: str | None = None) -> str:
        """A term of its own: with all the `let`s, and, for what is weaker in a word, those that are weaker in it."""
        heads = []
        for head in self.heads:
            heads.append(head.text)
            weak = [one for one in _pairs(head) if word is not None and word in self.names(one[1])]
            if weak:
                both = (f"({name}{way} {self.weaker(of, word or '', way)})" for name, of in weak for way in "ws")
                heads.append(f"({' '.join(both)})")
        return f"{''.join(f'(let {head} ' for head in heads)}{body}{')' * len(heads)}"

    def _at(self, term: Expression) -> Expression:
        while term.parts is None and term.token in self.bound:
            term = self.bound[term.token]
        return term

    def conjuncts(self, term: Expression) -> list[Expression]:
        at = self._at(term)
        if at.parts and at.parts[0].token == "and":
            return [one for part in at.parts[1:] for one in self.conjuncts(part)]
        return [term]

    def is_compound(self, term: Expression) -> bool:
        """Alternatives of which some join several things."""
        at = self._at(term)
        if not at.parts or at.parts[0].token not in ("and", "or"):
            return False
        return at.parts[0].token == "and" or any(self.is_compound(part) for part in at.parts[1:])

    def weaker(self, term: Expression, word: str, way: str) -> str:
        """With every atom that speaks of the word true (`w`), or, under a negation, false (`s`)."""
        if word not in self.names(term):
            return term.text
        match term.parts:
            case None if term.token in self.bound:
                return f"{term.token}{way}"
            case (Expression("and" | "or" as join), *parts):
                return f"({join} {' '.join(self.weaker(part, word, way) for part in parts)})"
            case (Expression("not"), inner):
                return f"(not {self.weaker(inner, word, 's' if way == 'w' else 'w')})"
            case _:
                return "true" if way == "w" else "false"

    def names(self, term: Expression) -> frozenset[str]:
        """The words that a term speaks of."""
        key = term.text
        if key not in self._mentioned:
            at = self.bound.get(term.token) if term.parts is None else None
            if at is not None:
                found = self.names(at)
            elif term.parts is None:
                found = frozenset((term.name or term.token,))
            else:
                found = frozenset[str]().union(*(self.names(part) for part in term.parts))
            self._mentioned[key] = found
        return self._mentioned[key]


def _pairs(bindings: Expression) -> Iterator[tuple[str, Expression]]:
    for binding in bindings.parts or ():
        assert binding.parts is not None
        name, value = binding.parts
        yield name.token, value

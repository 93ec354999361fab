"""The queries about an invariant as clauses, derived here from the texts of model and invariant and from nothing else,
and held to proofs in LRAT: docs/certificate.md, "Propositional proofs". No solver takes part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from proofs.recheck.blast import Term, Value, condition, free, sort_of, term_of, value_of
from proofs.recheck.circuit import TRUE, Circuit, Clause
from proofs.recheck.faults import Refused
from proofs.recheck.ghosts import others
from proofs.recheck.invariant import BAD, Model, conditions, input_of, read_invariant, read_model
from proofs.recheck.lrat import check_lrat
from proofs.recheck.question import Question
from proofs.recheck.script import expressions
from proofs.recheck.shared import Shared, content

MOST_PROOF_BYTES = 1 << 27
TOGETHER = 32
"""Proofs that are remembered as checked, for certificates that are checked one after the other."""


@dataclass(frozen=True, slots=True)
class Query:
    """`clauses` contradict each other if and only if what is asked holds."""

    name: str
    clauses: tuple[Clause, ...]

    @property
    def sha256(self) -> str:
        """Of the clauses, each on a line that ends with 0."""
        digest = hashlib.sha256()
        for clause in self.clauses:
            digest.update("".join(f"{literal} " for literal in clause).encode() + b"0\n")
        return digest.hexdigest()

    @property
    def title(self) -> str:
        """What a file of proofs has before the proof."""
        return f"c {self.name} {self.sha256}"


def check_propositional(asked: Question, shared: Shared) -> frozenset[str]:
    """As `check_invariant`, by proofs in files beside the certificate. Raises `Refused`."""
    found = conditions(read_model(asked.model), asked.excluded)
    _check_inductive(asked.model, asked.invariant, asked.ghosts, _proofs(shared, asked.inductive_file))
    _check(excluded_queries(asked), _proofs(shared, asked.excluded_file))
    return found


@lru_cache(maxsize=TOGETHER)
def _check_inductive(model: str, invariant: str, ghosts: bool, proofs: str) -> None:
    _check(inductive_queries(Question(model, invariant, (), ghosts)), proofs)


def _proofs(shared: Shared, name: str) -> str:
    data = content(shared, name, MOST_PROOF_BYTES)
    if data is None:
        raise Refused(f"lrat: there is no file {name} beside the certificate")
    if len(data) > MOST_PROOF_BYTES:
        raise Refused(f"lrat: {name} is larger than this checker takes")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise Refused(f"lrat: {name} is no text in ASCII") from None


def _check(queries: Iterable[Query], proofs: str) -> None:
    """That the file is a title and a proof for each query, in order, and nothing else."""
    *whole, rest = proofs.split("\n")
    if rest:
        raise Refused("lrat: the last line has no end")
    lines = iter(whole)
    for query in queries:
        title = next(lines, "")
        if title != query.title:
            raise Refused(f"lrat: {title[:120]!r} where the proof of {query.title!r} was expected")
        check_lrat(query.clauses, lines)
    if next(lines, None) is not None:
        raise Refused("lrat: more lines than proofs")


# The queries


def inductive_queries(asked: Question) -> Iterator[Query]:
    """That the invariant holds at first, and that each step keeps it. Raises `Refused`."""
    state = _State(asked)
    yield state.query("initial", [state.definition("initial"), -state.holds])
    for number, updates in enumerate(state.model.steps):
        with state.inputs_of(number):
            also = others(state.model.script, state.model.state, number) if asked.ghosts else []
            ghosts = [{part: state.constants[other] for part, other in places.items()} for places in also]
            demanded = [state.holds, state.definition(f"guard {number}"), *map(state.invariant, ghosts)]
            after = {changed: state.value(defined) for changed, defined in updates}
            yield state.query(f"step {number}", [*demanded, -state.invariant(after)])


def excluded_queries(asked: Question) -> Iterator[Query]:
    """That the invariant excludes the bad conditions. Raises `Refused`."""
    state = _State(asked)
    yield state.query(
        "excluded", [state.holds, state.any_of([state.definition(BAD + name) for name in asked.excluded])]
    )


def queries(asked: Question) -> Iterator[Query]:
    yield from chain(inductive_queries(asked), excluded_queries(asked))


class _State:
    """Any state of the model, as a circuit. `constants`: by name, with `true` for the liveness of another block."""

    def __init__(self, asked: Question) -> None:
        self.model: Model = read_model(asked.model)
        self._invariant = _term(read_invariant(self.model, asked.invariant))
        self._circuit = Circuit()
        self.constants: dict[str, Value] = {"true": TRUE}
        self._declare(self.model.state)
        self.holds = self.invariant({})

    def _declare(self, names: Iterable[str]) -> None:
        for name in names:
            self.constants[name] = free(self._circuit, self.model.script.constants[name], name)

    @contextmanager
    def inputs_of(self, step: int) -> Iterator[None]:
        """What is made within speaks of the inputs of this step, too, and is forgotten after."""
        size, constants = self._circuit.size(), dict(self.constants)
        self._declare(name for name in self.model.script.constants if input_of(name) == step)
        yield
        self._circuit.back_to(size)
        self.constants = constants

    def value(self, definition: str) -> Value:
        defined = self.model.script.definitions[definition]
        value = value_of(self._circuit, _term(defined.body), self.constants)
        if sort_of(value) != defined.sort:
            raise Refused(f"model: {definition!r} is no {defined.sort}")
        return value

    def definition(self, name: str) -> int:
        return condition(self._circuit, _term(self.model.script.definitions[name].body), self.constants)

    def invariant(self, instead: dict[str, Value]) -> int:
        """With these in the place of parts of the state."""
        return condition(self._circuit, self._invariant, {**self.constants, **instead})

    def any_of(self, literals: Sequence[int]) -> int:
        return self._circuit.disjunction(literals)

    def query(self, name: str, demanded: Sequence[int]) -> Query:
        return Query(name, tuple(self._circuit.clauses(demanded)))


def _term(text: str) -> Term:
    return term_of(next(expressions(text, "model")))

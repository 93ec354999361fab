"""Runs the engines under budgets; whatever is no clear answer is Unknown, with the query kept."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smt_models.system.horn import INVARIANT, horn_text
from smt_models.system.model import System
from smt_models.system.operators import BitVec, Boolean, Enum
from smt_models.system.smtlib import term_text
from smt_models.system.terms import BOOLEAN, Literal, Term, Variable, apply, conjunction, disjunction, literal, negation
from smt_models.system.unroll import excludes_query, invariant_queries


@dataclass(frozen=True, slots=True)
class Budget:
    seconds: int = 60
    megabytes: int = 4096


@dataclass(frozen=True, slots=True)
class Proved:
    """The bad conditions cannot be reached. `queries`: the three checks, each `unsat` by another solver."""

    bad: tuple[str, ...]
    invariant: Term
    queries: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def invariant_text(self) -> str:
        return term_text(self.invariant)


@dataclass(frozen=True, slots=True)
class Reachable:
    """The engine says that one of the bad conditions is reachable in the model."""

    bad: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Undecided:
    """No answer, and why; `query` is where the text was kept, if anywhere."""

    bad: tuple[str, ...]
    why: str
    query: Path | None
    seconds: float


Answer = Proved | Reachable | Undecided


def prove(system: System, bad: tuple[str, ...], budget: Budget, keep: Path | None = None) -> Answer:
    """Whether none of the named bad conditions can be reached."""
    started = time.monotonic()
    text = horn_text(system, bad)

    def undecided(why: str) -> Undecided:
        kept = None
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            kept = keep / "query.smt2"
            kept.write_text(text)
        return Undecided(bad, why, kept, time.monotonic() - started)

    names = [one.name for one in system.variables]
    said = child({"do": "spacer", "text": text, "predicate": INVARIANT, "names": names}, budget)
    match said:
        case {"result": "unsat"}:
            return Reachable(bad, time.monotonic() - started)
        case {"result": "sat", "invariant": tree}:
            pass
        case {"result": "unknown", "why": why}:
            return undecided(f"the engine says unknown: {why}")
        case {"error": error}:
            return undecided(str(error))
        case _:
            return undecided("no answer that is known")
    invariant = _term(tree, {one.name: one for one in system.variables})
    checks = check_invariant(system, invariant, bad, budget)
    if isinstance(checks, str):
        return undecided(checks)
    return Proved(bad, invariant, checks, time.monotonic() - started)


def check_invariant(
    system: System, invariant: Term, bad: tuple[str, ...], budget: Budget
) -> tuple[tuple[str, str], ...] | str:
    """The queries with their answers, all `unsat`, each by cvc5 in a process of its own; or what went wrong.

    That the invariant holds at first and is kept does not depend on the bad condition.
    """
    checks: list[tuple[str, str]] = []
    for number, one in enumerate(bad):
        queries = (excludes_query(system, invariant, one),) if number else invariant_queries(system, invariant, one)
        for query in queries:
            result = child({"do": "check", "text": query.text}, budget)
            if result.get("result") != "unsat":
                return f"the check `{query.name}` of {one}: {result}"
            checks.append((query.name if query.name != "excludes" else f"excludes {one}", "unsat"))
    return tuple(checks)


def child(task: dict[str, Any], budget: Budget) -> dict[str, Any]:
    given = json.dumps({**task, "seconds": budget.seconds, "megabytes": budget.megabytes})
    command = [sys.executable, "-m", "proofs.runtime.child"]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=budget.seconds + 10, cwd=root, check=False
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer in {budget.seconds} s"}
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        return {"error": f"the engine ended: {last[0]}"}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {"error": "the engine's answer is not JSON"}
    return answer if isinstance(answer, dict) else {"error": "the engine's answer is no object"}


def _term(tree: list[Any], variables: dict[str, Variable]) -> Term:
    """Enumerations as the bit-vectors that stand for them."""
    match tree:
        case ["var", str(name)]:
            sort = variables[name].sort
            return Variable(name, BitVec(sort.width) if isinstance(sort, Enum) else sort)
        case ["bool", bool(value)]:
            return Literal(value, BOOLEAN)
        case ["bv", int(value), int(width)]:
            return literal(value, BitVec(width))
        case ["and", [], *arguments]:
            return conjunction(_term(one, variables) for one in arguments)
        case ["or", [], *arguments]:
            return disjunction(_term(one, variables) for one in arguments)
        case ["not", [], one]:
            return negation(_term(one, variables))
        case ["=", [], left, right]:
            x, y = _term(left, variables), _term(right, variables)
            if isinstance(x.sort, Boolean) and isinstance(y, Literal):
                return x if y.value else negation(x)
            return apply("=", x, y)
        case [str(operator), list(indices), *arguments]:
            return apply(operator, *(_term(one, variables) for one in arguments), indices=tuple(indices))
        case _:
            raise ValueError(f"no term: {tree!r:.80}")

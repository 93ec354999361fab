"""Files of propositional proofs for what a certificate asks: its queries' clauses, refuted one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from proofs.recheck.propositional import Query


@dataclass(frozen=True, slots=True)
class Budget:
    """Of each query."""

    seconds: int
    megabytes: int = 4096


class NoProof(Exception):
    """Why there is none, and of which query."""


class Satisfiable(NoProof):
    """Nothing can refute it: what is asked does not hold."""


def solver_is_there() -> bool:
    return find_spec("pysat") is not None


def refutation(query: Query, budget: Budget) -> str:
    """LRAT text. Raises NoProof."""
    given = json.dumps({"clauses": query.clauses, "seconds": budget.seconds, "megabytes": budget.megabytes})
    command = [sys.executable, "-m", "proofs.lrat.child"]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=budget.seconds + 10, cwd=root, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoProof(f"{query.name}: no answer in {budget.seconds} s") from None
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise NoProof(f"{query.name}: the solver ended: {last[0][:200]}")
    if done.stdout == "sat\n":
        raise Satisfiable(f"{query.name}: its clauses do not contradict each other")
    return done.stdout

"""Refutes clauses in a process of its own, which may be slow, eat memory or crash: that is no proof, then."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterator

from proofs.lrat.elaborate import Clause, elaborate

SOLVER = "glucose4"
"""Of those that python-sat has and that give a proof, the one with the shortest ones of our queries."""


def main() -> None:
    """Reads clauses; writes LRAT without numbers of its own, a line a step, or the word `sat`."""
    task = json.load(sys.stdin)
    limit = int(task["megabytes"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.alarm(int(task["seconds"]))
    clauses: list[Clause] = [tuple(clause) for clause in task["clauses"]]
    events = _refuted(clauses)
    if events is None:
        print("sat")
        return
    for number, (clause, hints) in enumerate(elaborate(clauses, _events(events)), len(clauses) + 1):
        print(*(number, *clause, 0, *hints, 0))


def _refuted(clauses: list[Clause]) -> list[str] | None:
    """The solver's proof; None if there is a model."""
    from pysat.solvers import Solver  # type: ignore[import-untyped]

    with Solver(name=SOLVER, bootstrap_with=clauses, with_proof=True) as solver:
        if solver.solve():
            return None
        proof: list[str] = solver.get_proof()
        return proof


def _events(lines: list[str]) -> Iterator[tuple[bool, Clause]]:
    for line in lines:
        words = line.split()
        deleted = words[:1] == ["d"]
        yield not deleted, tuple(int(word) for word in words[1 if deleted else 0 : -1])


if __name__ == "__main__":
    main()

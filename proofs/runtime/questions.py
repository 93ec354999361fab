"""Small questions to z3 by one search: no proofs, but which conditions can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proofs.runtime.engine import Budget
from proofs.runtime.line_process import Ended, LineProcess
from proofs.runtime.solve import satisfiability, satisfiable_as
from smt_models.system.terms import Term


class Questions:
    """A resource: the solver's process, begun when it is first asked. One that ends after it has answered others may
    have ended for what those left behind: a new one is asked.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._process: LineProcess | None = None

    def __enter__(self) -> Questions:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def satisfiable(self, conditions: Sequence[Term]) -> tuple[bool, ...]:
        """Whether each can be. Raises NoAnswer."""
        if not conditions:
            return ()
        return satisfiable_as(self._ask(satisfiability(conditions, self._budget)), conditions)

    def _ask(self, task: dict[str, Any]) -> Any:
        seconds = self._budget.seconds + 10
        is_used = self._process is not None
        try:
            return self._begun().ask(task, seconds)
        except Ended:
            self._end()
            if not is_used:
                raise
            return self._begun().ask(task, seconds)

    def _begun(self) -> LineProcess:
        if self._process is None:
            self._process = LineProcess("proofs.runtime.child")
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

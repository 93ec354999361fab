"""The solver's process, held open for the many questions of one pool."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from proofs.runtime.engine import Budget
from proofs.runtime.line_process import LineProcess, NoAnswer


class Session:
    """A process; `seconds` of the budget are for all questions together."""

    def __init__(self, budget: Budget, question_seconds: float) -> None:
        self._until = time.monotonic() + budget.seconds
        self._question = question_seconds
        self._process = LineProcess("proofs.pools.solver")
        self._process.send({"seconds": question_seconds, "megabytes": budget.megabytes})

    def __enter__(self) -> Session:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._process.close()

    @property
    def left(self) -> float:
        """Seconds."""
        return self._until - time.monotonic()

    def load(self, context: str, text: str, cases: Iterable[str] = ()) -> None:
        """`cases`: names of propositions; what is hard may be asked in each of them. Raises NoAnswer."""
        self._ask({"do": "load", "context": context, "text": text, "cases": list(cases)}, self.left)

    def sift(self, context: str, assume: Iterable[str], claims: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Those of the claims that are shown to follow, each with the assumptions that it needs. Raises NoAnswer."""
        match self._ask({"do": "sift", "context": context, "assume": list(assume), "claims": list(claims)}, self.left):
            case {"result": "sifted", "cores": dict(cores)}:
                return {str(name): tuple(map(str, core)) for name, core in cores.items()}
            case other:
                raise NoAnswer(f"the solver said {str(other)[:100]}")

    def refuted(
        self, context: str, assume: Iterable[str], claims: Iterable[str]
    ) -> tuple[frozenset[str], tuple[str, ...] | None]:
        """Those of the claims that are seen to be false; what the others need of what is assumed, None if it was not
        shown that they follow. Raises NoAnswer.
        """
        task = {"do": "refuted", "context": context, "assume": list(assume), "claims": list(claims)}
        match self._ask(task, self.left):
            case {"result": "refuted", "false": list(false), "core": list() | None as core}:
                return frozenset(map(str, false)), None if core is None else tuple(map(str, core))
            case other:
                raise NoAnswer(f"the solver said {str(other)[:100]}")

    def values(
        self, text: str, seconds: float, small: Iterable[str] = (), chosen: Iterable[str] = ()
    ) -> dict[str, bool | int] | None:
        """A model of the text, None if there is none. Numbers that are to be `small` are made so, one after the other,
        once the propositions that are `chosen` have a value. Raises NoAnswer.
        """
        seconds = min(seconds, self.left)
        task = {"do": "values", "text": text, "small": list(small), "chosen": list(chosen), "seconds": seconds}
        match self._ask(task, min(2 * seconds + 10, self.left + 5)):
            case {"result": "sat", "values": dict(found)}:
                return found
            case {"result": "unsat"}:
                return None
            case {"result": "unknown", "why": why}:
                raise NoAnswer(f"the solver does not know: {why}")
            case other:
                raise NoAnswer(f"the solver said {str(other)[:100]}")

    def _ask(self, task: dict[str, Any], seconds: float) -> Any:
        if seconds <= 0:
            raise NoAnswer("the budget is spent")
        return self._process.ask(task, seconds)

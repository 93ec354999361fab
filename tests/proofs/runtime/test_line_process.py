"""A process that answers tasks: an answer that comes too late is not taken for that of the next task."""

from __future__ import annotations

from contextlib import closing

import pytest

from proofs.runtime.line_process import LineProcess, NoAnswer


def test_a_late_answer_is_none_to_the_next_task() -> None:
    with closing(LineProcess("tests.proofs.runtime.slow_answers")) as process:
        assert process.ask({"answer": "first", "seconds": 0}, 20) == "first"
        for answer in ("late", "later"):
            with pytest.raises(NoAnswer, match="took longer"):
                process.ask({"answer": answer, "seconds": 0.4}, 0.05)
        assert process.ask({"answer": "next", "seconds": 0}, 20) == "next"
        assert process.ask({"answer": "last", "seconds": 0}, 20) == "last"

"""One process of the solver answers all of a search; that it ended is no answer, unless a new one has one."""

from __future__ import annotations

import pytest

from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.questions import Questions
from smt_models.system.operators import BitVec
from smt_models.system.terms import Variable, apply, both, equal, literal

NUMBER = Variable("number", BitVec(8))
CAN_BE = equal(NUMBER, literal(3, NUMBER.sort))
CANNOT_BE = both(CAN_BE, apply("bvult", NUMBER, literal(3, NUMBER.sort)))


def test_one_process_answers_what_is_asked_later() -> None:
    with Questions(Budget(20, 2048)) as questions:
        assert questions.satisfiable(()) == ()
        assert questions._process is None
        assert questions.satisfiable((CAN_BE, CANNOT_BE)) == (True, False)
        first = questions._process
        assert questions.satisfiable((CANNOT_BE,)) == (False,)
        assert questions._process is first


def test_another_is_begun_where_one_ended_that_had_answered() -> None:
    with Questions(Budget(20, 2048)) as questions:
        assert questions.satisfiable((CAN_BE,)) == (True,)
        assert questions._process is not None
        questions._process._process.kill()
        questions._process._process.wait()
        assert questions.satisfiable((CANNOT_BE,)) == (False,)


def test_one_that_ends_at_once_is_no_answer() -> None:
    with Questions(Budget(20, 1)) as questions, pytest.raises(NoAnswer, match="ended"):
        questions.satisfiable((CAN_BE,))

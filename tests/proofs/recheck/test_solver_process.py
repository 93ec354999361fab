"""One process answers the checker's queries, and nothing else that it prints or does is an answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from proofs.recheck import solver_process

UNSAT = "(set-logic ALL)\n(assert false)\n(check-sat)\n"
SAT = "(set-logic ALL)\n(check-sat)\n"
_PRIME = 0x7FFF_FFFF_FFFF_FFE7
HARD = f"""(set-logic QF_BV)
(declare-const a (_ BitVec 128))
(declare-const b (_ BitVec 128))
(assert (= (bvmul a b) (_ bv{_PRIME} 128)))
(assert (and (bvult a (_ bv4294967296 128)) (bvult (_ bv1 128) a) (bvult b (_ bv{_PRIME} 128))))
(check-sat)
"""


@pytest.fixture
def no_process_before() -> Iterator[None]:
    solver_process._process.cache_clear()
    yield
    solver_process._process().close()
    solver_process._process.cache_clear()


@pytest.mark.usefixtures("no_process_before")
def test_one_solver_process_answers_all_and_a_new_one_where_it_ends() -> None:
    assert solver_process.answer((UNSAT, UNSAT), 60) == "unsat"
    kept = solver_process._process()
    assert solver_process.answer((UNSAT, SAT, UNSAT), 60) == "sat"
    assert solver_process._process() is kept
    kept._process.kill()
    assert solver_process.answer((SAT,), 60) == "sat"
    assert solver_process._process() is not kept


@pytest.mark.usefixtures("no_process_before")
@pytest.mark.parametrize("printed", ['"unsat"', "unsat", '[7, "unsat"]', "[]", "7"])
def test_what_else_is_printed_is_no_answer(monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    talkative = f"import sys\nfor _ in sys.stdin: print({printed!r}, flush=True)"
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **rest: started([sys.executable, "-c", talkative], **rest))
    assert solver_process.answer((SAT,), 60).startswith("the solver ended: it says ")


@pytest.mark.usefixtures("no_process_before")
def test_what_is_no_query_is_told_from_what_is_not_decided() -> None:
    unread = "(set-logic QF_BV)\n(assert (not #b1))\n(check-sat)\n"
    assert solver_process.answer((unread,), 60).startswith("malformed: ")
    assert solver_process.answer((UNSAT,), 60) == "unsat"


@pytest.mark.usefixtures("no_process_before")
def test_each_query_has_the_time_that_it_is_given() -> None:
    assert solver_process.answer((HARD,), 1) != "unsat"
    assert solver_process.answer((UNSAT,), 60) == "unsat"

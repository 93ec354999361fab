"""One process answers the checker's queries, and nothing else that it prints or does is an answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from proofs.recheck import solver_process

UNSAT = "(set-logic ALL)\n(assert false)\n(check-sat)\n"
SAT = "(set-logic ALL)\n(check-sat)\n"


@pytest.fixture
def no_process_before() -> Iterator[None]:
    solver_process._process.cache_clear()
    yield
    solver_process._process().close()
    solver_process._process.cache_clear()


@pytest.mark.usefixtures("no_process_before")
def test_one_solver_process_answers_all_and_a_new_one_where_it_ends() -> None:
    assert solver_process.answer((UNSAT, UNSAT)) == "unsat"
    kept = solver_process._process()
    assert solver_process.answer((UNSAT, SAT, UNSAT)) == "sat"
    assert solver_process._process() is kept
    kept._process.kill()
    assert solver_process.answer((SAT,)) == "sat"
    assert solver_process._process() is not kept


@pytest.mark.usefixtures("no_process_before")
@pytest.mark.parametrize("printed", ['"unsat"', "unsat", '[7, "unsat"]', "[]", "7"])
def test_what_else_is_printed_is_no_answer(monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    talkative = f"import sys\nfor _ in sys.stdin: print({printed!r}, flush=True)"
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **rest: started([sys.executable, "-c", talkative], **rest))
    assert solver_process.answer((SAT,)).startswith("the solver ended: it says ")

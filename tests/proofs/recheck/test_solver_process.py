"""One process answers the checker's queries, and nothing else that it prints or does is an answer."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from proofs.recheck.faults import Refused
from proofs.recheck.solver_process import TOGETHER, Session

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


def test_one_solver_process_answers_all_and_a_new_one_where_it_ends() -> None:
    with Session() as session:
        assert session.answer((UNSAT, UNSAT), 60) == "unsat"
        kept = session._process
        assert kept is not None
        assert session.answer((UNSAT, SAT, UNSAT), 60) == "sat"
        assert session._process is kept
        kept._process.kill()
        assert session.answer((SAT,), 60) == "sat"
        assert session._process is not kept


def test_the_process_is_begun_when_it_is_asked_and_ended_with_the_session() -> None:
    with Session() as session:
        assert session._process is None
        session.answer((UNSAT,), 60)
        begun = session._process
        assert begun is not None
        assert begun._process.poll() is None
    assert begun._process.poll() is not None


def test_sessions_share_nothing() -> None:
    with Session() as one, Session() as other:
        assert one.once(("asked",), lambda: "shown to one") == "shown to one"
        assert one.once(("asked",), lambda: "asked again") == "shown to one"
        assert other.once(("asked",), lambda: "shown to another") == "shown to another"


def test_what_was_not_shown_is_not_kept() -> None:
    def refused() -> str:
        raise Refused("not shown")

    with Session() as session:
        with pytest.raises(Refused):
            session.once(("asked",), refused)
        assert session.once(("asked",), lambda: "shown") == "shown"


def test_a_session_keeps_so_many_and_the_last() -> None:
    with Session() as session:
        for number in range(2 * TOGETHER):
            session.once((number,), lambda: "shown")
        assert len(session._shown) == TOGETHER
        assert session.once((2 * TOGETHER - 1,), lambda: "asked again") == "shown"


@pytest.mark.parametrize("printed", ['"unsat"', "unsat", '[7, "unsat"]', "[]", "7"])
def test_what_else_is_printed_is_no_answer(monkeypatch: pytest.MonkeyPatch, printed: str) -> None:
    talkative = f"import sys\nfor _ in sys.stdin: print({printed!r}, flush=True)"
    started = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **rest: started([sys.executable, "-c", talkative], **rest))
    with Session() as session:
        assert session.answer((SAT,), 60).startswith("the solver ended: it says ")


def test_what_is_no_query_is_told_from_what_is_not_decided() -> None:
    unread = "(set-logic QF_BV)\n(assert (not #b1))\n(check-sat)\n"
    with Session() as session:
        assert session.answer((unread,), 60).startswith("malformed: ")
        assert session.answer((UNSAT,), 60) == "unsat"


def test_each_query_has_the_time_that_it_is_given() -> None:
    with Session() as session:
        assert session.answer((HARD,), 1) != "unsat"
        assert session.answer((UNSAT,), 60) == "unsat"


def test_a_subject_that_comes_again_is_hashed_once_and_another_is_not_taken_for_it() -> None:
    with Session() as session:
        for data in (b"one", bytes(bytearray(b"one")), b"two", b"", b"", b"one"):
            assert session.sha256(data) == hashlib.sha256(data).hexdigest()

"""Proofs in LRAT: what is accepted, what is refused, and that solvers' proofs come out as such."""

from __future__ import annotations

import itertools
import random

import pytest
from pysat.solvers import Solver  # type: ignore[import-untyped]

from proofs.lrat.elaborate import NotDerived, elaborate
from proofs.lrat.make import Budget, NoProof, Satisfiable, refutation
from proofs.recheck import lrat
from proofs.recheck.circuit import Clause
from proofs.recheck.faults import Refused
from proofs.recheck.lrat import check_lrat
from proofs.recheck.propositional import Query

ALL_OF_TWO = [(1, 2), (-1, 2), (1, -2), (-1, -2)]
PROOF = ["5 2 0 1 2 0", "6 0 5 3 4 0"]


def test_a_proof_by_hand() -> None:
    check_lrat(ALL_OF_TWO, PROOF)
    check_lrat(ALL_OF_TWO, ["5 2 0 1 2 0", "5 d 1 2 0", *PROOF[1:]])
    check_lrat([(1,), (-1,)], ["3 0 1 2 0"])
    check_lrat([()], ["2 0 1 0"])


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "ends without the empty clause"),
        (PROOF[:1], "ends without the empty clause"),
        (["5 0 1 2 3 4 0"], "nothing follows from clause 1"),
        (["5 2 0 1 0", PROOF[1]], "does not follow from its hints"),
        (["5 2 0 1 3 0", PROOF[1]], "nothing follows from clause 3"),
        (["5 2 0 2 7 0"], "names 7, which is no clause that stands"),
        (["5 2 0 -1 2 0"], "names -1, which is no clause that stands"),
        (["5 2 0 1 2 0", "5 d 3 0", PROOF[1]], "names 3, which is no clause that stands"),
        (["5 2 0 1 2 0", "5 d 3 3 0"], "no clause 3 to forget"),
        (["5 2 0 1 2 0", "5 d 3"], "does not end"),
        (["5 d"], "does not end"),
        (["4 2 0 1 2 0"], "the line 4 comes after 4"),
        (["5 2 0 1 2 0", "5 0 5 3 4 0"], "the line 5 comes after 5"),
        (["5 2 0 1 2"], "not a number, literals, 0, hints and 0"),
        (["5 2 0 1 0 2 0"], "not a number, literals, 0, hints and 0"),
        (["0 0 0"], "not a line of numbers"),
        (["5 -0 1 2 0"], "not a line of numbers"),
        (["5 +2 0 1 2 0"], "not a line of numbers"),
        (["5 02 0 1 2 0"], "not a line of numbers"),
        (["5 1_0 0 1 2 0"], "not a line of numbers"),
        (["5 2 0 1 2 0\r"], "not a line of numbers"),
        (["5 2 0 1 2 0\n"], "not a line of numbers"),
        (["5 2 0 \x0b1 2 0"], "not a line of numbers"),
        (["5 2 0 1 2 d 0"], "not a line of numbers"),
        ([""], "not a line of numbers"),
        (["c a comment"], "not a line of numbers"),
        (["5 2  0 1 2 0"], "not a line of numbers"),
        (["5 x 0 1 2 0"], "not a line of numbers"),
        (["9" * 5000 + " 0 1 0"], "not a line of numbers"),
    ],
)
def test_what_is_no_proof_is_refused(lines: list[str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        check_lrat(ALL_OF_TWO, lines)


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long clause that a short line names again and again."""
    monkeypatch.setattr(lrat, "MOST_WORK", 100_000)
    wide = tuple(range(1, 1001))
    line = " ".join(["2", *map(str, wide[1:]), "0", *["1"] * 1000, "0"])
    with pytest.raises(Refused, match="more work"):
        check_lrat([wide], [line])


def _random_clauses(seed: int) -> list[Clause]:
    """About where half of them contradict each other."""
    choose = random.Random(seed)
    return [tuple(choose.choice((-1, 1)) * one for one in choose.sample(range(1, 31), 3)) for _ in range(140)]


def _query(clauses: list[Clause]) -> Query:
    return Query("of a test", tuple(clauses))


def test_random_clauses_are_refuted_or_have_a_model() -> None:
    refuted = 0
    for seed in range(10):
        clauses = _random_clauses(seed)
        with Solver(name="cadical153", bootstrap_with=clauses) as solver:
            satisfiable = solver.solve()
        if satisfiable:
            with pytest.raises(Satisfiable, match="of a test: its clauses do not contradict"):
                refutation(_query(clauses), Budget(30))
            continue
        refuted += 1
        check_lrat(clauses, refutation(_query(clauses), Budget(30)).splitlines())
    assert 2 < refuted < 9


def _pigeons(holes: int) -> list[Clause]:
    """One more than there are holes."""
    place = {key: number for number, key in enumerate(itertools.product(range(holes + 1), range(holes)), 1)}
    every = [tuple(place[pigeon, hole] for hole in range(holes)) for pigeon in range(holes + 1)]
    pairs = itertools.combinations(range(holes + 1), 2)
    return every + [(-place[one, hole], -place[other, hole]) for one, other in pairs for hole in range(holes)]


def _is_refused(clauses: list[Clause], lines: list[str]) -> bool:
    try:
        check_lrat(clauses, lines)
    except Refused:
        return True
    return False


def test_most_changed_proofs_are_refused() -> None:
    """Every number of every line changed. What is still accepted is another proof: a hint too many, another number."""
    clauses = _pigeons(4)
    lines = refutation(_query(clauses), Budget(30)).splitlines()
    check_lrat(clauses, lines)
    refused = 0
    for at, line in enumerate(lines):
        words = line.split(" ")
        for place in range(len(words)):
            changed = " ".join([*words[:place], str(int(words[place]) + 1), *words[place + 1 :]])
            refused += _is_refused(clauses, [*lines[:at], changed, *lines[at + 1 :]])
    assert refused > 0.8 * sum(len(line.split(" ")) for line in lines)


def test_no_proof_serves_clauses_with_a_model() -> None:
    clauses = _pigeons(4)
    lines = refutation(_query(clauses), Budget(30)).splitlines()
    for left_out in range(len(clauses)):
        fewer = [clause for at, clause in enumerate(clauses) if at != left_out]
        with pytest.raises(Refused):
            check_lrat(fewer, lines)
        weaker = [(*clause, 100) if at == left_out else clause for at, clause in enumerate(clauses)]
        with pytest.raises(Refused):
            check_lrat(weaker, lines)


def test_what_a_solver_claims_must_follow() -> None:
    with pytest.raises(NotDerived, match="a clause of 1 literals does not follow"):
        elaborate([(1, 2), (-1, 2)], [(True, (1,)), (True, (-1,))])
    with pytest.raises(NotDerived, match="does not end with a contradiction"):
        elaborate([(1, 2), (-1, 2)], [(True, (2,))])


def test_deleted_clauses_serve_what_came_before() -> None:
    events = [(True, (2,)), (False, (1, 2)), (False, (2, -1)), (True, ())]
    steps = elaborate(ALL_OF_TWO, events)
    lines = [" ".join(map(str, (at, *clause, 0, *hints, 0))) for at, (clause, hints) in enumerate(steps, 5)]
    check_lrat(ALL_OF_TWO, lines)


def test_a_solver_that_takes_too_long_is_no_proof() -> None:
    with pytest.raises(NoProof, match="of a test: "):
        refutation(_query(_pigeons(11)), Budget(1))

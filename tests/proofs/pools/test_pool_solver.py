"""What is hard is asked in each of some cases, and follows only if it does in each, and in none of them."""

from __future__ import annotations

import pytest

import proofs.pools.solver as solver

SPLIT = """
(declare-const x (_ BitVec 8))
(declare-const |case 0| Bool)
(declare-const |case 1| Bool)
(declare-const now Bool)
(declare-const |holds| Bool)
(declare-const |fails in the second| Bool)
(declare-const |fails in none| Bool)
(assert (= |case 0| (= x #x00)))
(assert (= |case 1| (= x #x08)))
(assert (= now (bvule x #x08)))
(assert (= |holds| (bvule (bvmul x #x03) #x18)))
(assert (= |fails in the second| (bvule x #x07)))
(assert (= |fails in none| (or |case 0| |case 1|)))
"""
NAMES = ("holds", "fails in the second", "fails in none")


def sifted(cases: list[str], claims: tuple[str, ...] = NAMES) -> dict[str, list[str]]:
    contexts = solver.Contexts(20.0)
    contexts.load({"context": "a", "text": SPLIT, "cases": cases})
    found = contexts.sift({"context": "a", "assume": ["now"], "claims": list(claims)})
    cores: dict[str, list[str]] = found["cores"]
    return cores


@pytest.fixture
def nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first solvers give up at the first conflict, so that the others are asked."""
    monkeypatch.setattr(solver, "FEW_CONFLICTS", 0)
    monkeypatch.setattr(solver, "AT_ONCE_CONFLICTS", 0)
    monkeypatch.setattr(solver, "MANY_CONFLICTS", 0)


@pytest.mark.parametrize("cases", [[], ["case 0", "case 1"], ["case 1"]])
def test_a_claim_follows_if_it_does_in_every_case_and_in_none(cases: list[str]) -> None:
    assert list(sifted(cases)) == ["holds"]


@pytest.mark.usefixtures("nothing_at_once")
@pytest.mark.parametrize("cases", [[], ["case 0", "case 1"], ["case 1"]])
def test_so_it_is_where_nothing_is_decided_at_once(cases: list[str]) -> None:
    assert list(sifted(cases)) == ["holds"]
    assert sifted(cases)["holds"] == ["now"]


@pytest.mark.usefixtures("nothing_at_once")
@pytest.mark.parametrize("claim", NAMES[1:])
def test_each_of_the_others_alone_does_not(claim: str) -> None:
    assert sifted(["case 0", "case 1"], (claim,)) == {}


@pytest.mark.usefixtures("nothing_at_once")
def test_in_a_case_another_is_asked_where_the_first_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "IN_A_CASE", {"skip": 1.0, "qfbv": None})
    assert list(sifted(["case 0", "case 1"])) == ["holds"]
    monkeypatch.setattr(solver, "IN_A_CASE", {"skip": 1.0})
    assert sifted(["case 0", "case 1"]) == {}


def test_what_a_model_shows_false_goes_and_what_the_others_need_is_known() -> None:
    contexts = solver.Contexts(20.0)
    contexts.load({"context": "a", "text": SPLIT, "cases": []})
    found = contexts.refuted({"context": "a", "assume": ["now"], "claims": list(NAMES)})
    assert found == {"result": "refuted", "false": found["false"], "core": ["now"]}
    assert sorted(found["false"]) == sorted(NAMES[1:])


@pytest.mark.usefixtures("nothing_at_once")
def test_of_what_is_not_decided_nothing_goes_and_nothing_is_known() -> None:
    contexts = solver.Contexts(20.0)
    contexts.load({"context": "a", "text": SPLIT, "cases": []})
    found = contexts.refuted({"context": "a", "assume": ["now"], "claims": ["holds"]})
    assert found == {"result": "refuted", "false": [], "core": None}


def test_what_is_so_or_not_stays_what_the_model_says() -> None:
    """It is among what is to be made small: where a constant of bits was made of its name, that was what was found."""
    contexts = solver.Contexts(20.0)
    text = "(declare-const flag Bool) (declare-const x (_ BitVec 8)) (assert (and flag (bvuge x #x03)))"
    found = contexts.values({"text": text, "small": ["flag", "x"], "chosen": [], "seconds": 10})
    assert found["values"]["flag"] is True
    assert 3 <= found["values"]["x"] <= 8


def test_what_a_model_leaves_out_has_a_value_of_its_own_sort() -> None:
    """Of either `one` or `other` a model may say nothing: no constant of 32 bits is made of their names, nor of one
    that is not there.
    """
    contexts = solver.Contexts(20.0)
    text = """
    (declare-const flag Bool) (declare-const one (_ BitVec 8)) (declare-const other (_ BitVec 8))
    (assert (or (bvuge one #x03) (and flag (bvuge other #x05))))
    """
    found = contexts.values({"text": text, "small": ["gone", "flag", "one", "other"], "chosen": [], "seconds": 10})[
        "values"
    ]
    assert found == {"flag": True, "one": 0, "other": found["other"]}
    assert 5 <= found["other"] <= 8

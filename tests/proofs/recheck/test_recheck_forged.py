"""Invariants of a model whose bad condition a run comes to: none is ever accepted, whatever numbers it says are equal.

What stands for what before a step says nothing of what comes after it; a name that `let` binds there is another.
"""

from __future__ import annotations

import pytest

from proofs.recheck import invariant
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.invariant import check_invariant

MODEL = """(set-logic QF_BV)
(declare-const place (_ BitVec 8))
(declare-const x (_ BitVec 8))
(declare-const y (_ BitVec 8))
(declare-const z (_ BitVec 8))
(declare-const told Bool)
(declare-const broken Bool)
(declare-const |x@0| (_ BitVec 8))
(define-fun initial () Bool
 (and (= place #x01) (= x #x02) (= y #x02) (= z #x02) (not told) (not broken)))
(define-fun |guard 0| () Bool (and (= place #x01) (= |x@0| #x02)))
(define-fun |next 0 x| () (_ BitVec 8) (bvmul x y))
(define-fun |guard 1| () Bool (and (= place #x01) (not (= x y))))
(define-fun |next 1 broken| () Bool true)
(define-fun |bad broken| () Bool broken)
"""
"""Two numbers are equal until one of them is squared."""
BOTH = MODEL.replace(
    "(define-fun |guard 1|", "(define-fun |next 0 y| () (_ BitVec 8) (bvmul y x))\n(define-fun |guard 1|"
)
"""Both of them are: then they stay equal."""
HERE = "(not (= place #x01))"
FORGED = (
    ("(= x y)",),
    ("(= y x)",),
    (f"(or {HERE} (= x y))",),
    (f"(let ((?0 {HERE})) (or ?0 (= y x)))",),
    (f"(let ((?0 {HERE})) (let ((?1 ?0) (?0 (not ?0))) (or ?1 (= x y))))",),
    ("(= x y)", "(= y x)"),
    ("(= x y)", "(= y z)", "(= z x)"),
    ("(= z y)", "(= x z)"),
    ("(= x x)", "(= x y)"),
    ("(= x #x02)", "(= y #x02)"),
    ("(= y #x02)", "(= x y)"),
    ("(= y #b00000010)", "(= x #x02)", "(= y x)"),
    ("(let ((?0 x)) (= ?0 y))",),
    ("(let ((?0 (= x y))) ?0)",),
    ("(let ((?0 y)) (let ((?0 x) (?1 ?0)) (= ?0 ?1)))",),
    ("(not told)", "(or told (= x y))"),
    ("(= told false)", "(= broken told)", "(or told (= x y))"),
    ("(not (= told (= x y)))", "(not told)"),
    ("(= x y z)",),
    ("(or (= place #x02) (= x y))",),
    ("(or (= x y) (= x z))", "(= y z)"),
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered takes a few hundredths of a second."""
    monkeypatch.setattr(invariant, "MILLISECONDS", 300)


def _check(model: str, conjuncts: tuple[str, ...]) -> None:
    check_invariant(model, f"(and (not broken) {' '.join(conjuncts)})", ("broken",), seconds=2)


@pytest.mark.parametrize("conjuncts", FORGED)
def test_what_is_equal_before_a_step_says_nothing_of_after(conjuncts: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        _check(MODEL, conjuncts)


@pytest.mark.parametrize("conjuncts", [FORGED[0], FORGED[2], FORGED[4], FORGED[13], ("(= y x)", "(= place #x01)")])
def test_they_are_accepted_where_the_step_keeps_them(conjuncts: tuple[str, ...]) -> None:
    """Else the others might be refused for something else."""
    _check(BOTH, conjuncts)


@pytest.mark.parametrize(
    "said",
    ["sat", "", "unknown", "unknown (TIMEOUT)", '(error "unsat")', "malformed: unsat", "unsat\nunsat", "unsupported"],
)
def test_nothing_but_unsat_is_a_proof(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(queries: tuple[str, ...], *_: object) -> str:
        """Of the first question alone, that it holds at first."""
        asked.extend(queries)
        return "unsat" if len(asked) == 1 else said

    monkeypatch.setattr(invariant, "_answer", answer)
    with pytest.raises((Refused, NotDecided)):
        _check(BOTH, FORGED[0])
    assert len(asked) > len(invariant.WAYS)

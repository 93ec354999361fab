"""Invariants with products of unknown numbers are checked step by step and conjunct by conjunct, and whatever of one is
changed is refused.
"""

from __future__ import annotations

import pytest

from proofs.recheck import invariant
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.invariant import check_invariant, read_model
from proofs.recheck.script import Script, read_script, read_term
from proofs.recheck.stepwise import multiplies, parts_of, questions

MODEL = """(set-logic QF_BV)
(declare-const place (_ BitVec 8))
(declare-const size (_ BitVec 32))
(declare-const count (_ BitVec 32))
(declare-const block (_ BitVec 32))
(declare-const cursor (_ BitVec 32))
(declare-const at (_ BitVec 32))
(declare-const |broken| Bool)
(declare-const |size@0| (_ BitVec 32))
(declare-const |count@0| (_ BitVec 32))
(define-fun initial () Bool (and (= place #x00) (not |broken|)))
(define-fun |guard 0| () Bool (and (= place #x00)
 (bvult (bvmul ((_ zero_extend 32) |size@0|) ((_ zero_extend 32) |count@0|)) #x0000000080000000)))
(define-fun |next 0 place| () (_ BitVec 8) #x01)
(define-fun |next 0 size| () (_ BitVec 32) |size@0|)
(define-fun |next 0 count| () (_ BitVec 32) |count@0|)
(define-fun |next 0 block| () (_ BitVec 32) (bvmul |size@0| |count@0|))
(define-fun |next 0 cursor| () (_ BitVec 32) #x00000000)
(define-fun |next 0 at| () (_ BitVec 32) #x00000000)
(define-fun |guard 1| () Bool (and (= place #x01) (bvult cursor count)))
(define-fun |next 1 place| () (_ BitVec 8) #x01)
(define-fun |next 1 cursor| () (_ BitVec 32) (bvadd cursor #x00000001))
(define-fun |next 1 at| () (_ BitVec 32) (bvadd at size))
(define-fun |guard 2| () Bool (and (= place #x01) (bvult cursor count)
 (not (bvule (bvadd ((_ zero_extend 32) at) ((_ zero_extend 32) size)) ((_ zero_extend 32) block)))))
(define-fun |next 2 broken| () Bool true)
(define-fun |bad broken| () Bool |broken|)
"""
"""Elements are gone through, each so many bytes after the one before: none leaves the block."""
HERE = "(not (= place #x01))"
CONJUNCTS = (
    "(not |broken|)",
    f"(or {HERE} (= (bvmul ((_ zero_extend 32) size) ((_ zero_extend 32) count)) ((_ zero_extend 32) block)))",
    f"(or {HERE} (= (bvmul cursor size) at))",
)
ORDERED = f"(or {HERE} (bvule cursor count))"
BOUND = "(let ((?0 place)) (or (= ?0 #x02) (bvule cursor at)))"
BOUND_TWICE = (
    "(let ((?0 (= place #x01)) (?1 true)) (let ((?0 (= place #x02))) (or (and ?0 ?1) (not (bvult at cursor)))))"
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered takes a few hundredths of a second."""
    monkeypatch.setattr(invariant, "MILLISECONDS", 300)


def _check(model: str = MODEL, conjuncts: tuple[str, ...] = CONJUNCTS) -> None:
    check_invariant(model, f"(and {' '.join(conjuncts)})", ("broken",), seconds=1)


def test_it_is_accepted() -> None:
    _check()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("(bvult cursor count)\n (not", "(bvule cursor count)\n (not", id="one element too many"),
        pytest.param("(bvadd at size)", "(bvadd at cursor)", id="moved on by something else"),
        pytest.param("(bvadd cursor #x00000001)", "(bvadd cursor #x00000002)", id="moved on by two"),
        pytest.param("|next 0 at| () (_ BitVec 32) #x00000000", "|next 0 at| () (_ BitVec 32) #x00000001", id="later"),
        pytest.param("#x0000000080000000", "#x0000001000000000", id="a product that wraps"),
        pytest.param("(and (= place #x00) (not |broken|))", "(= place #x00)", id="broken at first"),
        pytest.param("(and (= place #x00) (not |broken|))", "(not |broken|)", id="begins anywhere"),
    ],
)  # fmt: skip
def test_what_is_changed_in_its_model_is_refused(old: str, new: str) -> None:
    assert MODEL.count(old) == 1
    with pytest.raises((Refused, NotDecided)):
        _check(MODEL.replace(old, new))


@pytest.mark.parametrize("left_out", range(len(CONJUNCTS)))
def test_every_conjunct_is_needed(left_out: int) -> None:
    with pytest.raises((Refused, NotDecided)):
        _check(conjuncts=tuple(one for place, one in enumerate(CONJUNCTS) if place != left_out))


def test_it_is_refused_where_a_small_model_shows_it() -> None:
    with pytest.raises(Refused, match="a step does not keep it"):
        _check(MODEL.replace("(bvadd cursor #x00000001)", "(bvadd cursor #x00000002)"))


def _asked(guard: str, changes: dict[str, str], *conjuncts: str) -> list[str]:
    script = read_model(MODEL).script
    parts = tuple(part for one in conjuncts for part in parts_of(one, script))
    return [one.denied for one in questions(script, guard, changes, parts)]


GUARD = "(and (= place #x01) (bvult cursor count))"


@pytest.mark.parametrize(
    ("changes", "conjunct"),
    [
        pytest.param({"cursor": "at"}, "(bvule size count)", id="nothing of it is changed"),
        pytest.param({"cursor": "cursor", "place": "#x01"}, ORDERED, id="to what it is"),
        pytest.param({"place": "#x02", "cursor": "at"}, ORDERED, id="it says nothing there"),
        pytest.param({"broken": "false"}, CONJUNCTS[0], id="so by a constant"),
    ],
)
def test_what_is_seen_to_hold_is_not_asked(changes: dict[str, str], conjunct: str) -> None:
    assert not _asked(GUARD, changes, conjunct)


@pytest.mark.parametrize(
    ("guard", "changes", "conjunct"),
    [
        pytest.param(GUARD, {"cursor": "at"}, ORDERED, id="changed"),
        pytest.param(GUARD, {"place": "#b00000001", "cursor": "at"}, ORDERED, id="the same, written otherwise"),
        pytest.param(GUARD, {"place": "((_ extract 7 0) at)"}, ORDERED, id="a place that is not known"),
        pytest.param("(or (= place #x02) (bvult at size))", {"cursor": "at"}, ORDERED, id="a guard of two"),
        pytest.param("(= place #x02)", {"place": "#x01"}, ORDERED, id="from elsewhere"),
        pytest.param("(let ((?0 #x02)) (= ?0 place))", {"cursor": "at"}, BOUND, id="names that are bound"),
        pytest.param(GUARD, {"broken": "true"}, CONJUNCTS[0], id="so no more"),
        pytest.param(GUARD, {"cursor": "at"}, BOUND_TWICE, id="names that are bound twice"),
    ],
)  # fmt: skip
def test_what_may_be_otherwise_is_asked(guard: str, changes: dict[str, str], conjunct: str) -> None:
    assert len(_asked(guard, changes, conjunct)) == 1


def test_products_of_unknown_numbers_are_seen() -> None:
    assert multiplies(MODEL)
    assert not multiplies("(define-fun a () (_ BitVec 8) (bvmul #x02 b))")
    assert multiplies("(let ((?0 b)) (bvadd (bvmul ?0 #x02 b) c))")


@pytest.mark.parametrize(("name", "literal", "sort"), [("#b0", "#b0", "(_ BitVec 1)"), ("0", "0", "Int")])
def test_a_name_that_looks_like_what_it_becomes_is_asked(name: str, literal: str, sort: str) -> None:
    """The reader of scripts refuses such names; where it did not, the step would be asked all the same."""
    script = Script("ALL", {name: sort, "other": sort}, {})
    parts = parts_of(f"(= |{name}| other)", script)
    assert len(list(questions(script, "true", {name: literal}, parts))) == 1
    assert not list(questions(script, "true", {name: f"|{name}|"}, parts))


@pytest.mark.parametrize("name", ["#b0", "#x1f", "#", "0", "17"])
def test_names_that_look_like_literals_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="the name"):
        read_script(f"(set-logic QF_BV)(declare-const |{name}| Bool)", "model")
    with pytest.raises(Refused, match="the name"):
        read_script(f"(set-logic QF_BV)(define-fun |{name}| () Bool true)", "model")


def test_one_let_binds_no_name_twice() -> None:
    script = read_script("(set-logic QF_BV)", "model")
    assert read_term("(let ((?0 true)) (let ((?0 (not ?0))) ?0))", script, "term")
    with pytest.raises(Refused, match="`let` that binds"):
        read_term("(let ((?0 true) (?0 false)) ?0)", script, "term")


def test_a_deep_term_is_asked() -> None:
    deep = f"(or {HERE} {'(not ' * 20_000}(bvule cursor count){')' * 20_000})"
    assert len(_asked(GUARD, {"cursor": "at"}, deep)) == 1


def test_all_its_questions_together_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant, "IN_ALL", -1)
    with pytest.raises(NotDecided, match="in all"):
        _check()


@pytest.mark.parametrize(
    ("conjunct", "alike"),
    [
        (f"(or {HERE} (= at cursor))", {"cursor": "|at|"}),
        (f"(let ((?0 {HERE})) (or ?0 (= cursor #x00000000)))", {"cursor": "#x00000000"}),
        (f"(or {HERE} (= at cursor) (= at block))", {}),
        ("(or (not (= place #x02)) (= at cursor))", {}),
        (f"(let ((at block)) (or {HERE} (= at cursor)))", {}),
        (f"(let ((place #x02)) (or {HERE} (= at cursor)))", {}),
        (f"(not (or {HERE} (= at cursor)))", {}),
        (f"(or {HERE} (bvule at cursor))", {}),
    ],
)
def test_names_stand_for_what_they_are_known_to_be(conjunct: str, alike: dict[str, str]) -> None:
    """Of a step from the first place: by a conjunct that says no more there, and of no name that `let` binds."""
    script = read_model(MODEL).script
    told = parts_of(f"(and {conjunct} {CONJUNCTS[2]})", script)
    asked = questions(script, script.definitions["guard 1"].body, {"at": "(bvadd at size)"}, told)
    assert [one.alike for one in asked][-1:] == [alike]

"""Clauses of an invariant, and a runtime's proof without one of its assumptions."""

from __future__ import annotations

from example_runtime import SPENDING, committed

from extract.mir.compile import Panic
from proofs.ablation.answers import Allows, Leaves, NotAsked, NotKnown, RefutedWithout, RestsOn, StillProved
from proofs.ablation.clauses import clauses_of
from proofs.ablation.left import Clock, Evidence, without_clause, without_earlier
from proofs.ablation.runtime import OfRuntime
from proofs.kinds import RuntimeKind
from proofs.runtime.judge import OperationUnderProof
from smt_models.host.variants import Peer

MODEL = """(set-logic QF_BV)
(declare-const on Bool)
(declare-const off Bool)
(declare-const count (_ BitVec 8))
(define-fun initial () Bool (and (not on) off (= count #x00)))
(define-fun |guard 0| () Bool (not on))
(define-fun |next 0 on| () Bool true)
(define-fun |next 0 off| () Bool false)
(define-fun |guard 1| () Bool on)
(define-fun |next 1 on| () Bool false)
(define-fun |next 1 off| () Bool true)
(define-fun |bad both| () Bool (and on off))
(define-fun |bad never| () Bool (bvult #x10 count))
"""
EXCLUSIVE = "(let ((?0 (not on))) (let ((?1 (and on (not off)))) (and (or (and ?0 off) ?1) (= count #x00))))"


def _asked(excluded: tuple[str, ...]) -> Evidence:
    return Evidence(MODEL, EXCLUSIVE, excluded, ghosts=False)


def _clock() -> Clock:
    return Clock.of(60, 2048)


def test_each_clause_of_an_invariant_is_dropped_by_itself() -> None:
    asked = _asked(("both", "never"))
    found = {one.word or min(one.words): one for one in clauses_of(EXCLUSIVE, ("on", "off", "count"))}
    answers = {name: without_clause(asked, one, _clock()) for name, one in found.items()}
    assert isinstance(answers["count"], RefutedWithout)
    assert isinstance(answers["count"].trace, Allows)
    assert answers["count"].trace.bad == "never"
    assert isinstance(without_clause(_asked(("both",)), found["count"], _clock()), StillProved)
    assert isinstance(answers["off"], RefutedWithout)
    assert isinstance(answers["on"], RefutedWithout)


def test_a_step_that_leads_out_is_shown_with_the_states_around_it() -> None:
    """With what is said of `count` in the alternatives, and one of them dropped."""
    invariant = "(and (or (not on) (not off)) (or (and on (= count #x00)) (and (not on) (= count #x00))))"
    model = MODEL.replace("(not on))\n(define-fun |next 0 on|", "(= count #x01))\n(define-fun |next 0 on|")
    model = model.replace("|next 0 off| () Bool false", "|next 0 off| () Bool true")
    asked = Evidence(model, invariant, ("both",), ghosts=False)
    by_word = {one.word: one for one in clauses_of(invariant, ("on", "off", "count")) if one.word}
    answer = without_clause(asked, by_word["count"], _clock())
    assert isinstance(answer, RefutedWithout)
    assert isinstance(answer.trace, Leaves)
    assert answer.trace.step == 0
    assert dict(answer.trace.before)["count"] == "#b00000001"
    assert dict(answer.trace.after) == {"on": "true", "off": "true"}


def test_time_that_is_spent_is_no_answer() -> None:
    clause = next(clauses_of(EXCLUSIVE, ("on", "off", "count")))
    assert isinstance(without_clause(_asked(("both",)), clause, Clock.of(0, 2048)), NotKnown)


def test_a_fault_that_another_invariant_excludes_is_never_earlier() -> None:
    weak = Evidence(MODEL, "(or (not on) (not off))", ("both",), ghosts=False)
    assert without_earlier(weak, "never", ()) is None
    assert isinstance(without_earlier(weak, "never", (_asked(("both", "never")),)), StillProved)
    assert without_earlier(weak, "never", (_asked(("both",)),)) is None, "the other does not say that it does"


def test_assumptions_of_a_runtime() -> None:
    example = committed()
    asked = OperationUnderProof(
        example.program, example.profile, example.profile.operation("future-read"), Peer.HOST, Panic.ABORT
    )
    part = OfRuntime(asked, ("H2", "H3", "H4"), False, SPENDING, Clock.of(300, 4096))

    def without(identity: str, about: str) -> object:
        return part.without(identity, about, RuntimeKind.CROSS_TASK, frozenset())

    assert isinstance(without("hypothesis", "H2"), StillProved), "its cancel is right whatever the host answers"
    gone = without("library", "core::cell::Cell::new")
    assert isinstance(gone, RestsOn), "a run calls it, and what it does then, nothing says"
    assert "core::cell::Cell::new" in gone.why
    assert "src/operation.rs" in gone.why
    assert isinstance(without("library", "core::cell::Cell::nonsense"), NotKnown)
    assert isinstance(without("hypothesis", "H3"), NotAsked)
    assert isinstance(without("hypothesis", "H4"), NotAsked)
    assert isinstance(without("model", ""), NotAsked)


def test_without_the_program_nothing_is_known() -> None:
    part = OfRuntime(None, ("H2",), False, SPENDING, Clock.of(300, 4096))
    assert isinstance(part.without("hypothesis", "H2", RuntimeKind.MEMORY, frozenset()), NotKnown)

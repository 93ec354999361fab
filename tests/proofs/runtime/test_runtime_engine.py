"""What the engine says of small systems: proved with a checked invariant, reachable, and no answer."""

from __future__ import annotations

from pathlib import Path

from proofs.runtime import engine
from proofs.runtime.engine import Budget, Proved, Reachable, Undecided, prove
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec, Enum
from smt_models.system.terms import FALSE, TRUE, Variable, apply, both, equal, literal

LEASE = Variable("lease", BitVec(8))
STATE = Variable("state", Enum("state", ("idle", "lent", "gone")))
BUDGET = Budget(20, 2048)


def _lending(guarded: bool) -> System:
    """Lend, take back, free; freeing asks for `idle`, or (the broken twin) does not."""
    one, none = literal(1, LEASE.sort), literal(0, LEASE.sort)
    guard = STATE.is_("idle") if guarded else TRUE
    steps = (
        Step("lend", "lend", "", Actor.GUEST, (), STATE.is_("idle"), (("lease", one), ("state", STATE.value("lent")))),
        Step("back", "back", "", Actor.HOST, (), STATE.is_("lent"), (("lease", none), ("state", STATE.value("idle")))),
        Step("free", "free", "", Actor.GUEST, (), guard, (("state", STATE.value("gone")),)),
    )
    start = both(equal(LEASE, none), STATE.is_("idle"))
    freed = both(STATE.is_("gone"), apply("bvult", none, LEASE))
    return System("lending", (LEASE, STATE), start, steps, (Bad("freed while lent", freed), Bad("never", FALSE)))


def test_a_proof_has_an_invariant_that_another_solver_checked() -> None:
    answer = prove(_lending(guarded=True), ("freed while lent",), BUDGET)
    assert isinstance(answer, Proved)
    assert [name for name, _ in answer.queries] == ["initial", "kept", "excludes freed while lent"]
    assert {said for _, said in answer.queries} == {"unsat"}


def test_without_the_guard_it_is_reachable() -> None:
    assert isinstance(prove(_lending(guarded=False), ("freed while lent",), BUDGET), Reachable)


def test_a_wrong_invariant_is_no_proof(monkeypatch: object, tmp_path: Path) -> None:
    """The engine's word is not enough: here it says `true` of the broken twin."""
    real = engine.child

    def lies(task: dict[str, object], budget: Budget) -> dict[str, object]:
        return {"result": "sat", "invariant": ["bool", True]} if task["do"] == "spacer" else real(task, budget)

    monkeypatch.setattr(engine, "child", lies)  # type: ignore[attr-defined]
    answer = prove(_lending(guarded=False), ("freed while lent",), BUDGET, tmp_path)
    assert isinstance(answer, Undecided)
    assert answer.query is not None
    assert answer.query.read_text().startswith("; lending")


def test_an_engine_that_ends_is_no_answer(tmp_path: Path) -> None:
    answer = prove(_lending(guarded=True), ("freed while lent",), Budget(20, 1), tmp_path)
    assert isinstance(answer, Undecided)
    assert "ended" in answer.why

"""What a negative control says of the edges of an edited program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from example_runtime import SPENDING, committed
from runtime_edges import PLACE, counting, lending

from extract.mir.compile import Panic
from extract.mir.statements import Return
from extract.mir.tree import Block, Source, Terminator
from proofs.kinds import RuntimeKind
from proofs.runtime import controls as runtime_controls
from proofs.runtime.controls import control
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.search import Limits
from proofs.runtime.task_side import judge_task
from proofs.runtime_verdicts import Control, Invariant
from proofs.verdicts import Proved
from smt_models.host.variants import Peer
from smt_models.runtime.edges import Edges, Fault, edges_of
from smt_models.runtime.edits import Edit
from smt_models.runtime.emit import OBLIGATIONS, UNKNOWN
from smt_models.runtime.explore import explore
from smt_models.runtime.operation import Subject
from smt_models.runtime.program import Program

LIMITS = Limits(10, 1000, 20, 2048)
EDIT = Edit("the call is skipped", PLACE, Block(3, False, (), Terminator(Return(), Source(1, None, None))))
WANTED = ("cancel-before-free", "memory")


def _control(edges: Edges, wanted: tuple[str, ...] = WANTED, limits: Limits = LIMITS) -> Control:
    return control(EDIT, edges, wanted, limits)


def test_one_that_fails_names_what_is_violated() -> None:
    found = _control(lending(guarded=False)[0])
    assert found == Control(EDIT.what, PLACE, ("cancel-before-free",))


def test_one_that_stays_had_every_state_looked_at() -> None:
    stayed = Control(EDIT.what, PLACE, ())
    assert _control(lending(guarded=True)[0]) == stayed
    assert _control(lending(guarded=False)[0], ("memory",)) == stayed


def test_what_was_not_looked_at_whole_has_not_stayed() -> None:
    found = _control(counting(7)[0], limits=Limits(2, 1000, 20, 2048))
    assert "2 steps" in found.undecided


def test_what_is_not_modelled_has_not_stayed() -> None:
    edges, _ = lending(guarded=False)
    missing = replace(edges.edges[-1], fault=Fault(UNKNOWN, "the function f", PLACE))
    found = _control(replace(edges, edges=(*edges.edges[:-1], missing)))
    assert "the function f" in found.undecided


def test_no_answer_is_no_outcome() -> None:
    with pytest.raises(NoAnswer, match="ended"):
        _control(counting(7)[0], limits=Limits(10, 1000, 20, 1))


def test_the_example_without_a_cancel_or_without_leaving_its_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls come first; and a budget that is spent leaves the rest undecided."""
    example = committed()

    def subject(program: Program) -> Subject:
        return Subject(program, example.profile, example.profile.operation("future-read"), Peer.HOST, Panic.ABORT)

    def again(program: Program, _: Callable[[], None]) -> Edges:
        return edges_of(explore(subject(program)))

    explored = explore(subject(example.program))
    monkeypatch.setattr(runtime_controls, "MOST", 2)
    tried = [*runtime_controls.controls(explored, again, OBLIGATIONS, Budget(300, 4096), _unlimited)]
    assert {one.step for one in tried} == {"the call is skipped"}
    cancel, leave = sorted(tried, key=lambda one: one.where.function)
    assert "code-matches-lease" in cancel.fails
    assert "set-empty" in leave.fails, "and what comes after that fault is not looked at"
    tried = [*runtime_controls.controls(explored, again, OBLIGATIONS, Budget(0, 4096), _unlimited)]
    assert {(one.fails, one.undecided) for one in tried} == {((), "0 s were spent on others")}


def test_the_tasks_of_the_example_rest_on_what_is_dropped_when_user_code_unwinds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    example = committed(Panic.UNWIND)
    monkeypatch.setattr(runtime_controls, "MOST", 5)
    (judged,) = judge_task(example.tasks(), (RuntimeKind.TASK_CONTRACT,), replace(SPENDING, controls=300))
    assert isinstance(judged.verdict, Proved)
    assert isinstance(judged.verdict.evidence, Invariant)
    fails = {one.where for one in judged.verdict.evidence.controls if one.fails == ("task-contract",)}
    blocks = example.program.functions["task::enter"].body.blocks
    assert {blocks[where.block].is_cleanup for where in fails if where.function == "task::enter"} == {False, True}
    assert any(where.function.endswith("::unregister") for where in fails)


def _unlimited(_: Budget) -> Callable[[], None]:
    return lambda: None

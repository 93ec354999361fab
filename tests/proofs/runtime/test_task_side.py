"""The published crate's task side keeps its contract, for both generations of the C ABI; its broken twins do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_runtime import committed
from explore_corpus import assert_opens
from native_steps import FEATURES, missing_registry, shared_cache
from task_twins import (
    BLOCKING_TWINS,
    TWINS,
    VERSION,
    Twin,
    exported,
    freed_by_a_panic,
    not_restored_by_a_panic,
    published,
    right,
)

from extract.mir.compile import Panic, RegistryPackage
from proofs.kinds import TASK_KINDS, RuntimeKind
from proofs.recheck import Session
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.judge import Spending
from proofs.runtime.modelled import modelled_task
from proofs.runtime.native.scenario import Confirmed, Crate
from proofs.runtime.native.tasks import confirm_task_trace
from proofs.runtime.task_side import BLOCKING, EXPORTED, TaskUnderProof, judge_task, subject_of
from proofs.runtime.trace import RuntimeTrace
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved, Refuted, Vacuous, Verdict, Violation
from smt_models.runtime.events import Noted
from smt_models.runtime.execute import Path
from smt_models.runtime.program import Program
from smt_models.runtime.task_emit import TASK_OBLIGATIONS
from smt_models.runtime.task_explore import ExploredTask, explore_task
from smt_models.runtime.task_subject import TaskSubject

BUDGET = Budget(120, 4096)
SPENDING = Spending(Budget(600, 4096), BUDGET, session=Session())


def asked(panic: Panic) -> TaskUnderProof:
    return TaskUnderProof(published(panic), right(panic), 1, panic)


def test_obligations_are_those_of_the_model() -> None:
    assert {kind.value for kind in TASK_KINDS} == set(TASK_OBLIGATIONS)


@pytest.mark.parametrize("panic", Panic)
def test_the_published_task_keeps_the_contract(panic: Panic) -> None:
    """In the first generation of the C ABI; tests/proofmark/test_runtime_commands.py has both."""
    judged = judge_task(asked(panic), TASK_KINDS, SPENDING)
    assert [one.kind for one in judged] == list(TASK_KINDS)
    for one in judged:
        if one.kind is RuntimeKind.SCALAR_ZERO_ALLOC:
            trace = allocates(one.verdict)
            assert [step.action for step in trace.steps] == ["start", "register"]
            confirmed(trace, "allocates", panic=panic)
            continue
        if one.kind is RuntimeKind.SET_EMPTY and panic is Panic.UNWIND:
            assert isinstance(one.verdict, Refuted)  # below, with its steps
            continue
        assert isinstance(one.verdict, Proved), one
        evidence = one.verdict.evidence
        assert isinstance(evidence, Invariant)
        broken = {"scalar-zero-alloc"} | ({"set-empty"} if panic is Panic.UNWIND else set())
        assert set(TASK_OBLIGATIONS) - broken < set(evidence.excluded)
        assumed = {(assumption.id, assumption.about) for assumption in one.verdict.assumptions}
        assert "interface" in dict(assumed)
        assert ("build", BLOCKING) in assumed
        assert (("build", EXPORTED) in assumed) is (panic is Panic.UNWIND)
        assert cleans_up(published(panic), evidence) is (panic is Panic.UNWIND)


def allocates(verdict: Verdict) -> RuntimeTrace:
    """In the last of these actions: the first entry of the callbacks' map needs a block of its own."""
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert_opens(verdict.trace.trace)
    assert verdict.trace.trace.steps[-1].events[-1].text == (
        "scalar-zero-alloc: what is asked of a task allocates a block"
    )
    return verdict.trace.trace


def confirmed(
    trace: RuntimeTrace, fault: str, version: str = VERSION, panic: Panic = Panic.ABORT, generation: int = 1
) -> None:
    """The crate itself shows it, in the last step."""
    crate = Crate(RegistryPackage("wit-bindgen", version), FEATURES, panic)
    result = confirm_task_trace(trace, generation, crate, shared_cache())
    missing_registry(result)
    assert isinstance(result, Confirmed), result
    assert (result.fault, result.step) == (fault, len(trace.steps))


def cleans_up(program: Program, evidence: Invariant) -> bool:
    """Whether the proof went through clean-up blocks."""
    return any(
        program.functions[one.function].body.blocks[number].is_cleanup
        for one in evidence.covered
        if one.function in program.functions
        for number in one.numbers
    )


def test_a_model_in_which_no_user_code_panics_says_nothing() -> None:
    explored = explore_task(subject_of(committed(Panic.UNWIND).tasks()))
    assert isinstance(verdict_of(explored, RuntimeKind.MEMORY), Proved)
    silent = tuple(one for one in explored.paths if not any(event.kind == "panic" for event in notes(one[1])))
    verdict = verdict_of(replace(explored, paths=silent), RuntimeKind.MEMORY)
    assert verdict == Vacuous("no user code unwinds in any state that can be")


def notes(path: Path) -> list[Noted]:
    return [event for event in path.state.events if isinstance(event, Noted)]


def verdict_of(explored: ExploredTask, kind: RuntimeKind) -> Verdict:
    return Case(modelled_task(explored), ("H3", "H4"), BUDGET, (), None, asked=(kind,)).verdict(kind)


def refuted(subject: TaskSubject, rounds: int, kind: RuntimeKind, first: str = "start") -> RuntimeTrace:
    """By a trace, each step of which is one of the system (`concrete`)."""
    verdict = verdict_of(explore_task(subject, rounds=rounds), kind)
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert_opens(verdict.trace.trace)
    steps = verdict.trace.trace.steps
    assert steps[0].action == first
    assert steps[-1].events[-1].kind == "violation"
    return verdict.trace.trace


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_a_broken_twin_is_refuted(twin: Twin) -> None:
    refuted(twin.subject(), twin.rounds, RuntimeKind(twin.broken))


@pytest.mark.parametrize("twin", BLOCKING_TWINS, ids=lambda twin: twin.name)
def test_a_twin_that_waits_wrongly_is_refuted(twin: Twin) -> None:
    trace = refuted(twin.subject(), twin.rounds, RuntimeKind(twin.broken), "block_on")
    assert tuple(one.action for one in trace.steps) == twin.steps


def test_a_panic_out_of_block_on_takes_the_set_with_what_is_registered() -> None:
    """An operation that has no reference to its task, and that somebody else owns: the crate's own fault."""
    subject = TaskSubject(published(Panic.UNWIND), right(Panic.UNWIND), 1, Panic.UNWIND)
    trace = refuted(subject, 4, RuntimeKind.SET_EMPTY, "block_on")
    assert [one.action for one in trace.steps][1:] == ["the future is ready", "register", "the future's drop panics"]
    confirmed(trace, "trap-set-has-members", panic=Panic.UNWIND)


def test_a_panic_out_of_block_on_that_restores_nothing_is_refuted() -> None:
    trace = refuted(not_restored_by_a_panic(), 4, RuntimeKind.TASK_CONTRACT, "block_on")
    assert trace.steps[-1].events[-1].text.endswith("the one that was set before is not set")


@pytest.mark.parametrize("version", ["0.60.0", "0.61.1", "0.62.0"])
def test_an_older_version_polls_a_set_that_was_never_made(version: str) -> None:
    """`block_on` of a future that wakes its own task, before anything is registered; 0.63 polls no set there."""
    subject = TaskSubject(published(version=version), right(version=version), 1, Panic.ABORT)
    trace = refuted(subject, 3, RuntimeKind.TASK_CONTRACT, "block_on")
    assert [one.action for one in trace.steps] == ["block_on", "wake", "the future is pending"]
    confirmed(trace, "crate-panics", version)


def test_an_older_version_that_exits_with_waitables_is_refuted() -> None:
    """Up to 0.62 a task that is cancelled exits at once; from 0.63 on it waits until nothing is registered."""
    older = "0.62.0"
    subject = TaskSubject(published(version=older), exported(right(version=older)), 1, Panic.ABORT)
    trace = refuted(subject, 5, RuntimeKind.SET_EMPTY)
    assert trace.steps[-1].action == "event TASK_CANCELLED"
    confirmed(trace, "trap-set-has-members", older)


@pytest.mark.parametrize("panic", Panic)
@pytest.mark.parametrize("version", ["0.60.0", "0.61.1", "0.62.0"])
def test_an_older_version_allocates_for_the_first_waitable(version: str, panic: Panic) -> None:
    """In each generation of the C ABI that it has code for."""
    profile = exported(right(panic, version))
    for generation in profile.generations:
        task = TaskUnderProof(published(panic, version), profile, generation, panic)
        (found,) = judge_task(task, (RuntimeKind.SCALAR_ZERO_ALLOC,), SPENDING)
        trace = allocates(found.verdict)
        assert [step.action for step in trace.steps] == ["start", "register"]
        confirmed(trace, "allocates", version, panic, generation)


def test_a_task_that_a_panic_frees_is_refuted() -> None:
    """User code panics with a waitable registered, and the set goes with the task."""
    trace = refuted(freed_by_a_panic(), 4, RuntimeKind.SET_EMPTY)
    assert trace.steps[-1].action == "the future's drop panics"

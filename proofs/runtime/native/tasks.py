"""A trace about a runtime's own tasks as a program: the same steps, on the crate itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from proofs.kinds import RuntimeKind
from proofs.runtime.native.confirm import NativeBudget, confirm
from proofs.runtime.native.program import comment
from proofs.runtime.native.scenario import Crate, NotConfirmed, Program, Result
from proofs.runtime.trace import HostAnswer, RuntimeTrace, TraceStep, UserChoice
from smt_models.host.codes import EventCode

STEPS = frozenset(
    {
        "start", "block_on", "event", "event NONE", "event TASK_CANCELLED", "end of the wait", "register", "unregister",
        "the future is ready", "the future is pending", "the future panics", "the future's drop returns",
        "the future's drop panics", "a callback returns", "wake",
    }
)  # fmt: skip
"""What the mock host and its future do (`mock/tasks.rs`), in the words of the model."""
POLL = "waitable-set.poll"
MODULE = "tasks"


@dataclass(frozen=True, slots=True)
class Step:
    """`remarks`: about it, for who reads the program."""

    does: str
    remarks: tuple[str, ...] = ()


def confirm_task_trace(
    trace: RuntimeTrace, generation: int, crate: Crate, cache: Path, budget: NativeBudget | None = None
) -> Result:
    """Whether the crate's tasks do what the trace says. `generation`: of the C ABI that operations use them by."""
    program = task_program(trace, generation)
    return program if isinstance(program, NotConfirmed) else confirm(program, crate, cache, budget)


def task_program(trace: RuntimeTrace, generation: int) -> Program | NotConfirmed:
    for step in trace.steps:
        if (why := _cannot(step)) is not None:
            return NotConfirmed(f"the trace cannot be run: {why}")
    steps = tuple(Step(one.action, tuple(_remarks(one))) for one in trace.steps)
    return Program(trace.obligation, MODULE, program_text(trace.obligation, generation, steps))


def _cannot(step: TraceStep) -> str | None:
    """What the step needs and a native run cannot give."""
    if step.action not in STEPS:
        return f"no program here does `{step.action}`"
    for answer in step.answers:
        match answer:
            case HostAnswer(call=call, code=code) if call == POLL and code not in (None, int(EventCode.NONE)):
                return f"{POLL} finds an event: there is none here until the task waits"
            case UserChoice(what=what, value=True) if what.endswith(" panics"):
                return f"no program here can make it that {what}"
    return None


def _remarks(step: TraceStep) -> Iterator[str]:
    yield from (event.text for event in step.events if event.kind in ("violation", "panic"))
    for one in step.answers:
        if isinstance(one, HostAnswer):
            yield f"{one.call}: {one.rule} [{one.citation}]"


def program_text(obligation: str, generation: int, steps: tuple[Step, ...]) -> str:
    """`src/bin/NAME.rs` of the project."""
    lines = [
        f"//! {obligation}: a counterexample, step by step, on the crate's own tasks as they are published.",
        "//!",
        f"//! Operations use their task by version {generation} of its C ABI. While user code runs, which is the",
        "//! future of the task or a callback, the steps are its own.",
        "",
        "use native::tasks;",
        "",
        "fn main() {",
        f"    tasks::start({generation});",
    ]
    if obligation == RuntimeKind.SCALAR_ZERO_ALLOC.value:
        lines.append("    tasks::without_allocation();")
    for number, step in enumerate(steps, start=1):
        remarks = (line for remark in step.remarks for line in comment(remark))
        lines += ["", *comment(f"Step {number}."), *remarks, f'    tasks::then("{step.does}");']
    return "\n".join([*lines, "", "    tasks::run();", "}", ""])

"""A scenario as Rust: a program that a reader can follow, and that users may keep as a test."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.kinds import RuntimeKind
from proofs.runtime.native.scenario import BLOCKED, Act, Action, HostSays, Operation, Program, Scenario

_CLIENTS = {
    Operation.STREAM_WRITE: "streams::stream_write",
    Operation.STREAM_READ: "streams::stream_read",
    Operation.FUTURE_WRITE: "futures::future_write",
    Operation.FUTURE_READ: "futures::future_read",
    Operation.SUBTASK: "subtasks::subtask",
}
_RESULTS = ("COMPLETED", "DROPPED", "CANCELLED")
_STATES = ("STARTING", "STARTED", "RETURNED", "CANCELLED_BEFORE_STARTED", "CANCELLED_BEFORE_RETURNED")
_WIDTH = 110
ZERO_ALLOC, PARTIAL_WRITE = RuntimeKind.SCALAR_ZERO_ALLOC.value, RuntimeKind.PARTIAL_WRITE.value


def program_of(scenario: Scenario) -> Program:
    return Program(scenario.obligation, client_module(scenario.operation), program_text(scenario))


def program_text(scenario: Scenario) -> str:
    """`src/bin/NAME.rs` of the project."""
    element, table = _elements(scenario)
    quiet = scenario.obligation == ZERO_ALLOC
    abi = "as it is" if scenario.native_abi or not scenario.operation.is_stream else "lowered"
    lines = [
        f"//! {scenario.obligation}: a counterexample, step by step, on the crate as it is published.",
        "//!",
        f"//! Operation {scenario.operation.value}; an element is {'memory' if scenario.lists else 'a number'}, {abi};"
        f" the task speaks version {scenario.task_version} of its C ABI.",
        "//! The host touches all that it is lent before and after each step, and at each of its calls.",
        "",
        f"use native::{{{', '.join(_imports(scenario))}}};",
        "",
        "fn main() {",
        f"    start({scenario.task_version}, elements::{element});",
        f"    let mut operation = {_CLIENTS[scenario.operation]}({table});",
    ]
    if not scenario.conforming:
        lines.append("    host::may_break_its_word();")
    tasks = 0
    for number, action in enumerate(scenario.actions, start=1):
        tasks += action.act is Act.SWITCH_TASK
        lines += ["", *_step(number, action, tasks % 2, quiet, scenario.operation)]
    end = ["    operation.let_go();"] if _counts_elements(scenario) else []
    return "\n".join([*lines, "", *end, "    finish();", "}", ""])


def _counts_elements(scenario: Scenario) -> bool:
    """What the crate loses when it panics by itself is seen at the end: of what is read, each element is dropped."""
    quiet = not any(action.unwinds for action in scenario.actions)
    return scenario.obligation == PARTIAL_WRITE and scenario.operation is Operation.STREAM_READ and quiet


def client_module(operation: Operation) -> str:
    return _CLIENTS[operation].split("::")[0]


def _imports(scenario: Scenario) -> list[str]:
    names = {"elements", "finish", "start", "step", client_module(scenario.operation)}
    if scenario.obligation == ZERO_ALLOC and any(action.act in _QUIET for action in scenario.actions):
        names.add("step_without_allocation")
    if not scenario.conforming or any(action.answers or action.act is Act.HOST_RUNS for action in scenario.actions):
        names.add("host")
    if any(action.act in (Act.DELIVER, Act.SWITCH_TASK) for action in scenario.actions):
        names.add("task")
    return sorted(names)


def _elements(scenario: Scenario) -> tuple[str, str]:
    """The look of an element, and the table of its callbacks."""
    if scenario.operation is Operation.SUBTASK:
        return "TOKEN", ""
    element = "TOKEN" if scenario.lists else "NUMBER"
    if not scenario.operation.is_stream:
        return element, f"&elements::ONE_{element}"
    return element, f"&elements::{element}S" if scenario.native_abi else f"&elements::{element}S_LOWERED"


def _step(number: int, action: Action, task: int, quiet: bool, operation: Operation) -> Iterator[str]:
    yield from comment(f"Step {number}: {_ACTORS.get(action.act, 'the client')}: {action.act.value}.")
    for remark in action.remark:
        yield from comment(remark)
    for answer in action.answers:
        if answer.rule:
            yield from comment(f"{answer.call}: {answer.rule}")
        told = "host::BLOCKED" if answer.code == BLOCKED else f"{answer.code:#x}"
        how = "answers_late" if answer.late else "answers"
        yield f'    host::{how}("{answer.call}", {told}); // {code_text(answer, operation)}'
    for unwinds in action.unwinds:
        yield f'    elements::unwinds("{unwinds.callback.value}", {unwinds.after});'
    step = "step_without_allocation" if quiet and action.act in _QUIET else "step"
    yield f'    {step}({number}, "{action.act.value}", || {_call(action, task)});'


_QUIET = (Act.POLL, Act.CANCEL, Act.DROP, Act.DELIVER)
"""What the runtime does; a client that makes an operation may allocate."""
_ACTORS = {Act.DELIVER: "the host, through the task", Act.HOST_RUNS: "the host"}


def _call(action: Action, task: int) -> str:
    match action.act:
        case Act.NEW:
            if action.used:
                return f"operation.make_of_used({action.length}, {action.capacity}, {action.used})"
            return f"operation.make({action.length}, {action.capacity})"
        case Act.TAKE_BACK:
            return f"operation.take_back({action.length}, {action.capacity}, {action.used})"
        case Act.DROP_END:
            return "operation.drop_end()"
        case Act.OPEN | Act.POLL | Act.CANCEL | Act.FORGET:
            return f"operation.{action.act.value}()"
        case Act.DROP | Act.MOVE:
            return f"operation.{action.act.value}_it()"
        case Act.DELIVER:
            return "task::deliver()"
        case Act.SWITCH_TASK:
            return f"task::switch_to({task})"
        case Act.HOST_RUNS:
            return "host::run()"


def code_text(answer: HostSays, operation: Operation) -> str:
    """The code in words: of streams a count is packed above the result, of subtasks an index above the state."""
    if answer.code == BLOCKED:
        return "BLOCKED"
    low, count = answer.code & 0xF, answer.code >> 4
    names = _STATES if operation is Operation.SUBTASK else _RESULTS
    name = names[low] if low < len(names) else f"no such code ({low})"
    return f"{name}, {count}" if operation.is_stream else name


def comment(text: str) -> Iterator[str]:
    """The lines of a comment in a function: whatever the text is, it stays one."""
    words = "".join(one if one.isprintable() else " " for one in text).split()
    line = "    //"
    for word in words:
        if len(line) + len(word) >= _WIDTH and line != "    //":
            yield line
            line = "    //"
        line += f" {word}"
    yield line

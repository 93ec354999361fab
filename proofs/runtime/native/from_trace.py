"""A trace of the model as a scenario: the same steps and the same answers; or what of it no program here can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from proofs.runtime.native.confirm import NativeBudget, confirm
from proofs.runtime.native.program import program_of
from proofs.runtime.native.scenario import (
    Act,
    Action,
    Crate,
    HostSays,
    NotConfirmed,
    Operation,
    Result,
    Scenario,
    Unwinds,
    UserCode,
)
from proofs.runtime.trace import Answer, HostAnswer, RuntimeTrace, TraceStep, UserChoice
from smt_models.host.ends import RETURN
from smt_models.runtime.element_table import presence
from smt_models.system.model import Actor
from smt_models.system.operators import Value

_TABLE = ("lower", "lift", "dealloc_lists")
_PANICS = " panics"
_USED = "cursor"
"""How far the client's buffer was sent before: the word of wit-bindgen's `AbiBuffer`, as the profile has it."""
_USER_CODE = {f"user code: {one.value}": one for one in UserCode} | {one.value: one for one in UserCode}


class _CannotRun(ValueError):
    """What the trace needs and a native run cannot give."""


def confirm_trace(
    trace: RuntimeTrace,
    operation: str,
    crate: Crate,
    cache: Path,
    budget: NativeBudget | None = None,
    conforming: bool = True,
) -> Result:
    """Whether the crate itself does what the trace says. `conforming`: the trace is under all hypotheses."""
    scenario = scenario_of(trace, operation, conforming)
    return scenario if isinstance(scenario, NotConfirmed) else confirm(program_of(scenario), crate, cache, budget)


def scenario_of(trace: RuntimeTrace, operation: str, conforming: bool = True) -> Scenario | NotConfirmed:
    """`operation`: its name in the profile."""
    constants = dict(trace.constants)
    try:
        native_abi, lists = _element(constants)
        return Scenario(
            trace.obligation,
            Operation(operation),
            tuple(_action(step) for step in trace.steps),
            native_abi=native_abi,
            lists=lists,
            task_version=2 if constants.get("tasks can be cloned", True) else 1,
            conforming=conforming,
        )
    except ValueError as error:
        return NotConfirmed(f"the trace cannot be run: {error}")


def _element(constants: Mapping[str, Value]) -> tuple[bool, bool]:
    """Whether it goes as it is, and whether it owns memory: as its trait answers, or as its table has functions."""
    if "native_abi_matches_canonical_abi" in constants:
        return bool(constants["native_abi_matches_canonical_abi"]), bool(constants.get("contains_lists", True))
    has = {name: constants[presence(name).name] == "Some" for name in _TABLE if presence(name).name in constants}
    if has.get("lift", True) != has.get("lower", has.get("lift", True)):
        raise _CannotRun("an element that is lowered and not lifted, or lifted and not lowered")
    return not has.get("lift", True), has.get("dealloc_lists", True)


def _action(step: TraceStep) -> Action:
    act = _act(step)
    length, capacity, used = _buffer(step.answers) if act in (Act.NEW, Act.TAKE_BACK) else (0, 0, 0)
    remark = [event.text for event in step.events if event.kind in ("violation", "panic")]
    if act is Act.HOST_RUNS:
        remark.insert(0, step.action)
    return Action(act, _answers(step.answers), length, capacity, used, _unwinds(step.answers), tuple(remark))


def _act(step: TraceStep) -> Act:
    try:
        return Act(step.action)
    except ValueError:
        if step.actor is Actor.HOST:
            return Act.HOST_RUNS
        raise _CannotRun(f"no client does `{step.action}`") from None


def _answers(answers: tuple[Answer, ...]) -> tuple[HostSays, ...]:
    """What has no code needs no answer; a trap comes of itself, if the crate goes there."""
    found: list[HostSays] = []
    waiting: HostAnswer | None = None
    for one in answers:
        if not isinstance(one, HostAnswer):
            continue
        if one.heard == "WAITS":
            waiting = one
        elif one.heard in ("ANSWER", "EVENT") and one.code is not None:
            late = one.call == RETURN
            if late and waiting is None:
                raise _CannotRun("a built-in comes back that does not wait")
            call = waiting.call if late and waiting is not None else one.call
            found.append(HostSays(call, one.code, late, f"{one.rule} [{one.citation}]"))
    return tuple(found)


def _buffer(answers: tuple[Answer, ...]) -> tuple[int, int, int]:
    """Length and capacity of the client's buffer, and how much of it was sent before: the first that are chosen."""
    chosen: dict[str, Value] = {}
    for one in answers:
        if isinstance(one, UserChoice):
            chosen.setdefault(one.what, one.value)
    if not chosen.get("the caller's Vec has a block", False):
        return 0, 0, 0
    length, capacity, used = (_number(chosen, name) for name in ("length", "capacity", _USED))
    return length, max(length, capacity), used


def _number(chosen: Mapping[str, Value], name: str) -> int:
    value = chosen.get(name, 0)
    if not isinstance(value, int):
        raise _CannotRun(f"a {name} that is no number")
    return value


def _unwinds(answers: tuple[Answer, ...]) -> tuple[Unwinds, ...]:
    """User code that panics, after so many calls of it that do not."""
    before: Counter[str] = Counter()
    found = []
    for one in answers:
        if not isinstance(one, UserChoice) or not one.what.endswith(_PANICS):
            continue
        what = one.what.removesuffix(_PANICS)
        if one.value:
            if what not in _USER_CODE:
                raise _CannotRun(f"no program here can make it that {one.what}")
            found.append(Unwinds(_USER_CODE[what], before[what]))
        before[what] += 1
    return tuple(found)

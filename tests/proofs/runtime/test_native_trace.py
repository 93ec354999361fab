"""A trace becomes the same steps with the same answers, and what no program can do is said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from native_steps import PUBLISHED, missing_registry, shared_cache

from proofs.runtime.native.confirm import SEEN_AS
from proofs.runtime.native.from_trace import confirm_trace, scenario_of
from proofs.runtime.native.program import program_text
from proofs.runtime.native.scenario import (
    BLOCKED,
    DELIVERY,
    Act,
    Action,
    Confirmed,
    HostSays,
    NotConfirmed,
    Operation,
    Scenario,
    Unwinds,
    UserCode,
)
from proofs.runtime.trace import Answer, HostAnswer, RuntimeTrace, TraceEvent, TraceStep, UserChoice
from smt_models.host.ends import RETURN
from smt_models.runtime.actions import ACTIONS, TAKE_BACK
from smt_models.runtime.element_table import presence
from smt_models.runtime.emit import OBLIGATIONS
from smt_models.runtime.outcomes import Where
from smt_models.runtime.profile_files import PROFILES, load_profile
from smt_models.runtime.task_emit import TASK_OBLIGATIONS
from smt_models.system.model import Actor

MOCK = Path(__file__).parents[3] / "proofs" / "runtime" / "native" / "mock"
PLACE = Where("start", 4, "src/lib.rs:7")
WRITE, CANCEL = "stream.write", "stream.cancel-write"


def says(call: str, code: int | None = None, heard: str = "ANSWER") -> HostAnswer:
    return HostAnswer(call, "as it is", "CABI stream_copy", heard, code, (), PLACE)


def chose(what: str, value: bool | int) -> UserChoice:
    return UserChoice(what, value, PLACE)


def step(number: int, action: str, *answers: Answer, actor: Actor = Actor.CLIENT) -> TraceStep:
    return TraceStep(number, actor, action, answers, (), (), ())


def trace(*steps: TraceStep, native: bool = True, lists: bool = False, cloned: bool = True) -> RuntimeTrace:
    constants = (
        ("index", 1),
        ("tasks can be cloned", cloned),
        ("native_abi_matches_canonical_abi", native),
        ("contains_lists", lists),
    )
    return RuntimeTrace("copy-when-idle", "stream.write traps", PLACE, constants, steps)


NEW = step(
    2, "new", chose("the caller's Vec has a block", True), chose("length", 2), chose("capacity", 3), chose("length", 9)
)
DROPPED = says(WRITE, 1)
REFUTED = trace(
    step(1, "open"),
    NEW,
    step(3, "poll", chose("size", 8), DROPPED),
    step(4, "drop"),
    replace(NEW, number=5),
    step(6, "poll", says(WRITE, heard="TRAP")),
)


def test_steps_and_answers_are_the_same() -> None:
    rule = "as it is [CABI stream_copy]"
    new = Action(Act.NEW, length=2, capacity=3)
    assert scenario_of(REFUTED, "stream-write") == Scenario(
        "copy-when-idle",
        Operation.STREAM_WRITE,
        (
            Action(Act.OPEN),
            new,
            Action(Act.POLL, (HostSays(WRITE, 1, rule=rule),)),
            Action(Act.DROP),
            new,
            Action(Act.POLL),
        ),
    )


def test_trace_is_confirmed_on_the_crate() -> None:
    result = confirm_trace(REFUTED, "stream-write", PUBLISHED, shared_cache())
    missing_registry(result)
    assert isinstance(result, Confirmed)
    assert (result.fault, result.step) == ("trap-not-idle", 6)


def test_a_buffer_that_was_sent_in_part_goes_on() -> None:
    chosen = (chose("the caller's Vec has a block", True), chose("length", 3), chose("capacity", 3), chose("cursor", 2))
    new = only(*chosen, action="new")
    assert new == Action(Act.NEW, length=3, capacity=3, used=2)
    text = program_text(Scenario("partial-write", Operation.STREAM_WRITE, (new,)))
    assert "operation.make_of_used(3, 3, 2)" in text


def only(*answers: Answer, action: str = "poll", actor: Actor = Actor.CLIENT) -> Action:
    scenario = scenario_of(trace(step(1, action, *answers, actor=actor)), "stream-write")
    assert isinstance(scenario, Scenario)
    return scenario.actions[0]


def test_what_a_built_in_answers_after_it_blocked() -> None:
    action = only(says(CANCEL, heard="WAITS"), says(RETURN, 2), action="cancel")
    assert [(one.call, one.code, one.late) for one in action.answers] == [(CANCEL, 2, True)]
    text = program_text(Scenario("cancel-is-final", Operation.STREAM_WRITE, (action,)))
    assert f'    host::answers_late("{CANCEL}", 0x2); // CANCELLED, 0\n' in text


def test_what_has_no_code_needs_no_answer() -> None:
    poll = only(says(WRITE, BLOCKED), says("waitable.join", heard="VOID"))
    assert [(one.call, one.code) for one in poll.answers] == [(WRITE, BLOCKED)]
    delivered = only(says(DELIVERY, 0x10, "EVENT"), says("waitable.join", heard="VOID"), action="deliver")
    assert (delivered.act, [one.code for one in delivered.answers]) == (Act.DELIVER, [0x10])


def test_steps_of_the_host_let_it_run() -> None:
    action = only(action="peer copies: there is room", actor=Actor.HOST)
    assert action == Action(Act.HOST_RUNS, remark=("peer copies: there is room",))


def test_panics_are_at_the_same_call() -> None:
    lifts = [chose("user code: lift panics", panics) for panics in (False, False, True)]
    other = chose("an index outside a Vec panics", False)
    action = only(lifts[0], chose("the drop of a waker panics", True), other, *lifts[1:])
    assert set(action.unwinds) == {Unwinds(UserCode.DROP_OF_WAKER, 0), Unwinds(UserCode.LIFT, 2)}


def test_remarks_are_what_is_broken() -> None:
    broken = replace(
        step(1, "poll"), events=(TraceEvent("call", "f", PLACE), TraceEvent("violation", "it traps", PLACE))
    )
    scenario = scenario_of(trace(broken), "stream-write")
    assert isinstance(scenario, Scenario)
    assert scenario.actions[0].remark == ("it traps",)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ((step(1, "new", chose("the caller's Vec has a block", True), chose("length", 1 << 20)),), "at most are tried"),
        ((step(1, "poll", chose("the clone of the element's operations panics", True)),), "no program here can make"),
        ((step(1, "poll", says("error-context.new", 3)),), "no host is asked"),
        ((step(1, "poll", says(RETURN, 3)),), "does not wait"),
        ((step(1, "dance"),), "no client does `dance`"),
    ],
)
def test_what_cannot_be_run_is_said(steps: tuple[TraceStep, ...], why: str) -> None:
    result = scenario_of(trace(*steps), "stream-write")
    assert isinstance(result, NotConfirmed)
    assert why in result.why


def test_words_are_those_of_the_model() -> None:
    """Every operation, every action and all user code that a trace of the crate with native clients can have."""
    assert {one.name for one in (*ACTIONS, TAKE_BACK)} == {one.value for one in Act} - {Act.HOST_RUNS.value}
    user_code = {one.value for one in UserCode}
    for path in sorted(PROFILES.glob("wit-bindgen*.toml")):
        for operation in load_profile(path).operations:
            assert Operation(operation.name)
            assert set(operation.callbacks) <= user_code


def test_every_obligation_can_be_seen() -> None:
    """By the names that the mock host has for faults, and no others."""
    assert {*OBLIGATIONS, *TASK_OBLIGATIONS} <= set(SEEN_AS)
    texts = "".join(path.read_text(encoding="utf-8") for path in MOCK.glob("*.rs"))
    named = set(re.findall(r'fault\(\s*"([a-z-]+)"', texts))
    assert named - {"no-scenario", "other-path", "mock-host"} == set().union(*SEEN_AS.values())


def test_operation_that_no_client_is_for() -> None:
    result = scenario_of(REFUTED, "semaphore")
    assert isinstance(result, NotConfirmed)
    assert "semaphore" in result.why


@pytest.mark.parametrize(
    ("has", "element"),
    [
        ({"lower": "None", "lift": "None", "dealloc_lists": "None"}, (True, False)),
        ({"lower": "Some", "lift": "Some", "dealloc_lists": "Some"}, (False, True)),
        ({"lift": "Some"}, (False, True)),
        ({}, (False, True)),
    ],
)
def test_functions_of_a_table_choose_the_element(has: dict[str, str], element: tuple[bool, bool]) -> None:
    """As the profiles of older versions have it."""
    words = tuple((presence(name).name, value) for name, value in has.items())
    scenario = scenario_of(replace(trace(), constants=words), "stream-write")
    assert isinstance(scenario, Scenario)
    assert (scenario.native_abi, scenario.lists) == element


def test_table_that_makes_no_sense_cannot_be_run() -> None:
    words = ((presence("lower").name, "None"), (presence("lift").name, "Some"))
    result = scenario_of(replace(trace(), constants=words), "stream-write")
    assert isinstance(result, NotConfirmed)
    assert "lifted and not lowered" in result.why


def test_constants_choose_the_element_and_the_task() -> None:
    scenario = scenario_of(trace(native=False, lists=True, cloned=False), "stream-read")
    assert isinstance(scenario, Scenario)
    assert (scenario.native_abi, scenario.lists, scenario.task_version) == (False, True, 1)
    assert "streams::stream_read(&elements::TOKENS_LOWERED);" in program_text(scenario)

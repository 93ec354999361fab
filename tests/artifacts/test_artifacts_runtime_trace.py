"""Traces of the runtime as files: ITF by the letter of its description, text and a table that say every step."""

from __future__ import annotations

import json
from typing import Any

from artifacts.itf import ACTION, itf
from artifacts.runtime_trace import trace_markdown, trace_text
from proofs.runtime.trace import HostAnswer, RuntimeTrace, TraceEvent, TraceStep, UserChoice
from smt_models.runtime.outcomes import Where
from smt_models.system.model import Actor

START = Where("rt::stream::<impl at src/stream.rs:365:1: 367:18>::start", 4, "src/stream.rs:383")
BLOCKED = 0xFFFF_FFFF
ANSWER = HostAnswer("stream.write", "nobody waits, parked", "CABI write", "ANSWER", BLOCKED, (("n", 2**60),), START)
TRACE = RuntimeTrace(
    "cancel-before-free",
    "a block is freed while it is lent",
    START,
    (("contains_lists", True),),
    (
        TraceStep(
            1,
            Actor.CLIENT,
            "poll",
            (UserChoice("length", 3, None), ANSWER),
            (
                TraceEvent("choice", "length: 3", None),
                TraceEvent("host", "stream.write: nobody waits, parked", START, "CABI write", BLOCKED),
            ),
            (("contains_lists", True), ("lease", False), ("last code", 0), ("st", "IDLE")),
            (("contains_lists", True), ("lease", True), ("last code", BLOCKED), ("st", "COPYING")),
        ),
        TraceStep(
            2,
            Actor.CLIENT,
            "drop",
            (),
            (TraceEvent("violation", "cancel-before-free: a | b\x1b[0m", START),),
            (("contains_lists", True), ("lease", True), ("last code", BLOCKED), ("st", "COPYING")),
            (("contains_lists", True), ("lease", True), ("last code", BLOCKED), ("st", "COPYING")),
        ),
    ),
)


def _assert_expression(value: Any) -> None:
    """What ADR 15 calls an expression, as far as traces need it: strings, safe or big integers, and JSON's booleans."""
    match value:
        case bool() | str():
            pass
        case int():
            assert abs(value) < 2**53
        case {"#bigint": str(digits)}:
            assert len(value) == 1
            int(digits)
        case _:
            raise AssertionError(value)


def _assert_itf(trace: Any) -> None:
    """The fields of ADR 15, read as it puts them."""
    assert set(trace) <= {"#meta", "params", "vars", "states", "loop"}
    assert isinstance(trace.get("#meta", {}), dict)
    for names in (trace.get("params", []), trace["vars"]):
        assert all(isinstance(name, str) and not name.startswith("#") for name in names)
        assert len(set(names)) == len(names)
    assert set(trace.get("params", [])) <= set(trace["states"][0])
    for number, state in enumerate(trace["states"]):
        assert isinstance(state.get("#meta", {}), dict)
        allowed = set(trace["vars"]) | (set(trace.get("params", [])) if number == 0 else set())
        assert set(state) - {"#meta"} == allowed
        for name in allowed:
            _assert_expression(state[name])


def test_itf_is_what_its_description_asks_for() -> None:
    made = json.loads(json.dumps(itf(TRACE)))
    _assert_itf(made)
    assert made["params"] == ["contains_lists"]
    assert [state["st"] for state in made["states"]] == ["IDLE", "COPYING", "COPYING"]
    assert [state[ACTION] for state in made["states"]] == ["start", "poll", "drop"]
    assert [state["#meta"]["index"] for state in made["states"]] == [0, 1, 2]


def test_itf_holds_what_the_host_and_others_answered() -> None:
    answers = itf(TRACE)["states"][1]["#meta"]["answers"]
    assert answers[0] == {"choice": "length", "value": 3, "where": None}
    assert answers[1]["code"] == BLOCKED
    assert answers[1]["arguments"] == {"n": {"#bigint": str(2**60)}}
    assert answers[1]["where"] == {"function": START.function, "block": 4, "source": "src/stream.rs:383"}


def test_itf_of_a_trace_without_steps() -> None:
    _assert_itf(itf(RuntimeTrace("idle", "the state is reached", None, (("on", True),), ())))


def test_text_says_every_step() -> None:
    lines = trace_text(TRACE).splitlines()
    assert lines[0] == "cancel-before-free after 2 steps: a block is freed while it is lent"
    assert lines[1] == "  at rt::stream::start bb4 (src/stream.rs:383)"
    assert lines[2] == "  with contains_lists = true"
    assert "1  client: poll" in lines
    host = "host: stream.write: nobody waits, parked → 0xffffffff [CABI write], at rt::stream::start bb4"
    assert any(host in line for line in lines)
    assert any("| lease: false → true" in line for line in lines)
    assert not any(character in trace_text(TRACE) for character in "\x1b\t")


def test_markdown_has_a_row_for_each_step() -> None:
    lines = trace_markdown(TRACE).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 3
    assert {row.count(" | ") for row in rows} == {4}
    assert "\x1b" not in trace_markdown(TRACE)

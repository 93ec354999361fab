"""Paths that join: fewer, and none is lost."""

from __future__ import annotations

from collections import Counter

import pytest
from rust_bodies import BLOCK, paths, prepared, program_of
from test_unwinding import POINT, SOURCE, WITH_POINT

from extract.mir.compile import Panic
from smt_models.runtime.library import MODELS
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.state import State
from smt_models.runtime.thread_values import ThreadValues
from smt_models.runtime.unfolding import Unfolding
from smt_models.runtime.values import Scalar
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Literal, Variable

X = Scalar(Variable("x", BitVec(32)))


def _ends(source: str, function: str, joined: bool, *arguments: Scalar) -> Counter[str]:
    found = paths(source, function, *arguments, panic=Panic.UNWIND, models=WITH_POINT, joined=joined)
    return Counter(getattr(one.outcome, "obligation", type(one.outcome).__name__) for one in found)


def test_choices_that_nothing_asks_for_join() -> None:
    """Of four points each returns or panics, and what panics is dropped like the rest: two ends, not sixteen."""
    source = f"{POINT} fn g(n: u32) {{ point(n) }} fn h() {{ g(1); g(2); g(3); g(4) }} pub fn f() {{ h() }}"
    assert _ends(source, "f", False) == {"Done": 5}
    assert _ends(source, "f", True) == {"Done": 2}


@pytest.mark.parametrize(
    "rest",
    [
        "g(x); if x < 5 { unsafe { dealloc(b.at, b.layout) } }",  # what is known of an argument
        "if g(x) { unsafe { dealloc(b.at, b.layout) } }",  # what is given back
        "let mut y = false; set(&mut y, x); if y { unsafe { dealloc(b.at, b.layout) } }",  # what was written
    ],
    ids=["known", "returned", "written"],
)
def test_what_is_asked_for_later_does_not_join(rest: str) -> None:
    """Both ways are there after the call: the block is freed twice on one of them."""
    helpers = "fn g(x: u32) -> bool { if x < 5 { true } else { false } } fn set(y: &mut bool, x: u32) { *y = g(x) }"
    source = f"{BLOCK} {helpers} pub fn f(x: u32) {{ let b = block(); {rest} }}"
    for joined in (False, True):
        found = _ends(source, "f", joined, X)
        assert found["memory"] >= 1
        assert found["Done"] >= 1


def test_what_a_value_of_the_thread_is_stays_apart() -> None:
    """Nobody asks again for the choice, and no frame has the value: the thread does."""
    program = program_of(
        "use std::cell::Cell; thread_local! { static N: Cell<u32> = const { Cell::new(0) }; }"
        "fn choice() -> bool { panic!() } fn set() { if choice() { N.with(|n| n.set(7)) } }"
        "pub fn f() -> u32 { set(); N.with(|n| n.get()) }"
    )
    thread = ThreadValues(program)

    def choice(_machine: Machine, state: State, _call: Call) -> Scalar:
        return Scalar(state.chosen("a choice", BOOLEAN))

    models: dict[str, Model] = {**MODELS, **thread.models(), "choice": choice}
    executor, state = prepared(program, "f", models=models)
    state.statics.update(thread.keys)
    found = [path.state.result for path, _ in Unfolding(executor, state, ()).reach(((),))]
    assert sorted(found, key=repr) == [Scalar(Literal(value, BitVec(32))) for value in (0, 7)]


@pytest.mark.parametrize("body", ["guards", "fields", "insert", "assign", "moved", "arguments"])
def test_the_same_ends_are_reached(body: str) -> None:
    """Ends that only the log tells apart are one here when the log is no part of the state."""
    apart = paths(SOURCE + POINT, body, panic=Panic.UNWIND, models=WITH_POINT)
    joined = paths(SOURCE + POINT, body, panic=Panic.UNWIND, models=WITH_POINT, joined=True)
    assert len(joined) < len(apart)
    assert {(type(one.outcome), one.state.result) for one in joined} == {
        (type(one.outcome), one.state.result) for one in apart
    }

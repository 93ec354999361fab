"""What dropping an `async` block drops, in each state that it can be in; each with a twin that is broken."""

from __future__ import annotations

from collections import Counter

import pytest
from rust_bodies import BLOCK, program_of

from extract.mir import operands as o
from extract.mir import types as t
from extract.mir.compile import Panic
from smt_models.runtime.execute import START, Executor
from smt_models.runtime.library import MODELS
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.outcomes import Done, Ended
from smt_models.runtime.program import Program
from smt_models.runtime.rvalues import place_of
from smt_models.runtime.state import Frame, State, Then
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import MOVED, POLL, Aggregate, Opaque, Pointer, Value, Variant

SOURCE = (
    BLOCK
    + """
use std::{future::Future, pin::Pin, task::{Context, Poll}};
pub struct Never;
impl Future for Never {
    type Output = ();
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> { Poll::Pending }
}
fn poll(future: &mut impl Future<Output = ()>, cx: &mut Context<'_>) {
    let _ = unsafe { Pin::new_unchecked(future) }.poll(cx);
}
"""
)
OWNED = "let b = block(); let (at, layout) = (b.at, b.layout);"
FREED = "unsafe { dealloc(at, layout) }"


def program(body: str) -> Program:
    return program_of(SOURCE + f"pub fn f(cx: &mut Context<'_>, never: &mut Never) {{ {body} }}")


def outcomes(body: str) -> Counter[str]:
    """How many paths end how, of those that do not abort for want of memory."""
    of = program(body)

    def poll(machine: Machine, state: State, call: Call) -> Value | None:
        at = call.arguments[0]
        assert isinstance(at, Pointer)
        match state.load(at):
            case Aggregate(name, _) if name in of.coroutines:
                machine.enter(state, of.coroutines[name], call.arguments)
                return None
            case _:
                return Variant(POLL, 1, ())

    into_future = "core::future::IntoFuture>::into_future"
    traits = {"core::future::Future>::poll": poll, into_future: lambda _m, _s, call: call.arguments[0]}
    machine = Machine(of, Panic.ABORT, MODELS, traits)
    state = State()
    state.objects |= {0: MOVED, 1: Opaque("a context"), 2: Opaque("a future")}

    def begin(inside: State, _: Value) -> None:
        machine.enter(inside, "f", (Pointer(1), Pointer(2)))

    state.frames = [Then("end", lambda _, value: value, passes), Then(START + "f", begin, passes)]
    found = [one.outcome for one in Executor(machine).run(state)]
    return Counter(
        getattr(one, "obligation", getattr(one, "what", type(one).__name__))
        for one in found
        if not isinstance(one, Ended)
    )


HELD = {
    "not polled": "let a = async move { let _c = &b; never.await; };",
    "suspended, with what it captured": "let mut a = async move { let _c = &b; never.await; }; poll(&mut a, cx);",
    "suspended, with what it keeps": "let mut a = async move { let _c = b; never.await; }; poll(&mut a, cx);",
    "suspended, after its end": "let mut a = async move { drop(b); never.await; }; poll(&mut a, cx);",
}


@pytest.mark.parametrize("makes", HELD.values(), ids=HELD)
def test_what_an_async_block_has_is_dropped_once(makes: str) -> None:
    assert outcomes(f"{OWNED} {makes} drop(a);") == {Done.__name__: 1}
    assert outcomes(f"{OWNED} {makes} drop(a); {FREED}") == {"memory": 1}


@pytest.mark.parametrize("makes", list(HELD.values())[:3], ids=list(HELD)[:3])
def test_what_is_forgotten_is_not_dropped(makes: str) -> None:
    assert outcomes(f"{OWNED} {makes} std::mem::forget(a); {FREED}") == {Done.__name__: 1}


def test_what_is_left_of_a_value_is_not_modelled() -> None:
    parts = "let c = (block(), block()); drop(c.0); never.await; drop(c.1);"
    found = outcomes(f"let mut a = async move {{ {parts} }}; poll(&mut a, cx);")
    assert found == {"a coroutine that has what is left of a value": 1}


def test_two_suspensions_are_not_modelled() -> None:
    found = outcomes("let mut a = async { Never.await; Never.await; }; poll(&mut a, cx);")
    assert found == {"a coroutine that is suspended in several places": 1}


def test_a_closure_is_no_coroutine() -> None:
    """One that can be called once takes itself by value: what it has is dropped in order, as closures do."""
    body = "let (b, c) = (block(), block()); let a = move || { drop(b); drop(c); }; drop(a);"
    assert len(program(body).closures) == 1
    assert not program(body).coroutines
    assert outcomes(body) == {Done.__name__: 1}


def test_what_is_in_a_pin_has_fields_of_its_own() -> None:
    """`Pin` is its pointer; the first field of that is another place."""
    made = program("let _a = async move { never.await; };")
    (name,) = made.coroutines.values()
    pin, inside = Pointer(7), o.Field(0, t.PathType(t.Path(())))
    state, frame = State(), Frame(made.functions[name], name, 0, {1: pin.base})
    assert place_of(state, frame, o.Place(1, (inside,)), made) == pin
    assert place_of(state, frame, o.Place(1, (inside, inside)), made) == Pointer(pin.base, (0,))

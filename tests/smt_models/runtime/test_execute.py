"""The executor on tiny functions, each with a twin that is broken."""

from __future__ import annotations

import pytest
from rust_bodies import BLOCK, outcomes, paths

from smt_models.runtime.library import MODELS
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.outcomes import Done
from smt_models.runtime.state import State
from smt_models.runtime.thread_state import made_once, others_may_run, time
from smt_models.runtime.values import UNIT, Aggregate, Opaque, Scalar
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, FALSE, TRUE, Variable, literal

X = Scalar(Variable("x", BitVec(32)))


def test_branches_fork_and_false_is_folded() -> None:
    source = "pub fn f(x: u32) -> u32 { if false { return 7 } if x == 3 { 1 } else { 2 } }"
    found = paths(source, "f", X)
    assert [type(path.outcome) for path in found] == [Done, Done]
    results = {path.state.result for path in found}
    assert results == {Scalar(literal(value, BitVec(32))) for value in (1, 2)}


def test_a_block_is_freed_once() -> None:
    assert outcomes(BLOCK + "pub fn f() { let b = block(); unsafe { *b.at = 1 } }", "f")["Done"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "let at = { let b = block(); b.at }; unsafe { *at = 1 }",
        "let b = block(); unsafe { dealloc(b.at, b.layout) }",
        "let at = { let x = 1u8; &raw const x }; let _y = unsafe { *at };",
    ],
    ids=["use after free", "freed twice", "use of a popped frame's local"],
)
def test_what_is_gone_is_not_touched(body: str) -> None:
    found = outcomes(BLOCK + f"pub fn f() {{ {body} }}", "f")
    assert found["memory"] == 1
    assert not found["Done"]


@pytest.mark.parametrize(
    "own",
    [
        "pub mod core { pub mod mem { pub fn forget<T>(_what: T) {} } }",
        "#[allow(non_camel_case_types)] pub struct u64 {}",
    ],
    ids=["a module named like the library", "a type named like a primitive one"],
)
def test_names_that_may_be_the_crates_own_have_no_meaning(own: str) -> None:
    """What `core::mem::forget` is given there is dropped."""
    body = "pub fn f() { let b = block(); let at = b.at; core::mem::forget(b); unsafe { *at = 1 } }"
    assert outcomes(BLOCK + body, "f")["Done"]
    (why,) = outcomes(BLOCK + own + body, "f")
    assert why.startswith(("the module core, ", "the type u64, "))


def test_own_drop_comes_before_the_fields() -> None:
    """The inner block is still there in the outer one's `drop`."""
    outer = "struct Outer { inner: Block } impl Drop for Outer { fn drop(&mut self) { unsafe { *self.inner.at = 1 } } }"
    assert outcomes(BLOCK + outer + "pub fn f() { let _o = Outer { inner: block() }; }", "f")["Done"] == 1


def test_fields_are_dropped_in_the_order_of_declaration() -> None:
    """The second field looks at the first one's block, which is gone; the other way round it is there."""
    look = "struct Look(*mut u8); impl Drop for Look { fn drop(&mut self) { unsafe { *self.0 = 1 } } }"
    make = "pub fn f() { let b = block(); let at = b.at; let _p = Pair { %s }; }"
    broken = BLOCK + look + "struct Pair { b: Block, l: Look }" + make % "b, l: Look(at)"
    right = BLOCK + look + "struct Pair { l: Look, b: Block }" + make % "l: Look(at), b"
    assert outcomes(broken, "f")["memory"] == 1
    assert outcomes(right, "f")["Done"] == 1
    assert not outcomes(right, "f")["memory"]


def test_a_move_makes_a_new_place() -> None:
    """A pointer to what is moved away points at nothing that is initialised."""
    source = "pub struct S(u8); pub fn f() -> u8 { let s = S(1); let p = &raw const s; let _t = s; unsafe { (*p).0 } }"
    kept = "pub struct S(u8); pub fn f() -> u8 { let s = S(1); let p = &raw const s; unsafe { (*p).0 } }"
    assert outcomes(source, "f") == {"memory": 1}
    assert outcomes(kept, "f") == {"Done": 1}


def test_a_loop_is_summarised() -> None:
    """Whatever `x` is: one path leaves the loop, and one comes back to what is covered."""
    source = "pub fn f(x: u32) -> u32 { let mut i = 0; while i < x { i += 1 } i }"
    found = outcomes(source, "f", X)
    assert found["Covered"] == 1
    assert set(found) == {"Covered", "Done"}


def test_a_loop_that_is_known_is_left_once() -> None:
    """What its head asks for is no part of the arrival that covers the next one: that would be left on its own."""
    source = "fn g(x: u32) { let mut i = 0; while i < x { i += 1 } } pub fn f(x: u32) {"
    once = outcomes(f"{source} g(x) }}", "f", X)
    again = outcomes(f"{source} g(x); g(x); g(x); g(x) }}", "f", X)
    assert again["Done"] == once["Done"]
    assert set(again) == {"Covered", "Done"}


def test_a_loop_that_frees_is_not_cut() -> None:
    source = (
        BLOCK + "pub fn f(x: u32) { let b = block(); let mut i = 0; while i < x { unsafe { dealloc(b.at, b.layout) }"
    )
    assert outcomes(source + " i += 1 } std::mem::forget(b) }", "f", X)["memory"] >= 1


def test_what_is_known_of_a_number_at_a_head_is_not_known_of_a_later_one() -> None:
    """`i` is not below `x` where the second loop begins, and comes to be when it wraps."""
    source = (
        BLOCK + "pub fn f(x: u32) { let b = block(); let mut i = 0; while i < x { i += 1 } "
        "if i < 9 { return } loop { if i < x { unsafe { %s } } i += 1 } }"
    )
    assert outcomes(source % "dealloc(b.at, b.layout)", "f", X)["memory"] >= 1
    assert not outcomes(source % "*b.at = 1", "f", X)["memory"]


def test_a_loop_without_an_end_of_one_block_is_one() -> None:
    """The call of its head returns into the head: that is an arrival, with one frame or with several."""
    assert outcomes("fn g(i: &mut u32) { *i += 1 } pub fn f() { let mut i = 0; loop { g(&mut i) } }", "f") == {
        "Covered": 1
    }
    source = BLOCK + "fn g(d: u32, x: u32, b: &Block) { let mut i = 0; while i < x { if d > 0 { g(d - 1, x, b) } "
    source += "else if i > 0 { unsafe { %s } } i += 1 } } pub fn f(x: u32) { let b = block(); g(2, x, &b) }"
    assert outcomes(source % "dealloc(b.at, b.layout)", "f", X)["memory"] >= 1
    assert set(outcomes(source % "*b.at = 1", "f", X)) == {"Covered", "Done", "Ended"}


PUSHES = """
pub fn f(x: u32) -> u32 {
    let mut v = Vec::new();
    let (mut i, mut last, mut sum) = (0, std::ptr::null::<u32>(), 0);
    while i < x {
        v.push(i);
        %s
        i += 1
    }
    sum
}
"""


def test_a_turn_in_which_others_may_run_is_not_covered_by_one_before() -> None:
    """From the second turn on user code may run: what is copied of a table is not what the table holds then."""
    source = (
        "fn choice() -> bool { panic!() } fn held() -> bool { panic!() } "
        "fn copied() { panic!() } fn user() { panic!() }"
        "pub fn f() -> bool { copied(); let mut again = false;"
        "while choice() { if again { user() } again = true; } held() }"
    )

    def choice(_machine: Machine, state: State, _call: Call) -> Scalar:
        return Scalar(state.chosen("a choice", BOOLEAN))

    def copied(_machine: Machine, state: State, _call: Call) -> Aggregate:
        made_once(state)
        return UNIT

    def user(_machine: Machine, state: State, _call: Call) -> Aggregate:
        others_may_run(state)
        return UNIT

    def held(_machine: Machine, state: State, _call: Call) -> Scalar:
        return Scalar(literal(time(state) == Opaque("at first"), BOOLEAN))

    models: dict[str, Model] = {**MODELS, "choice": choice, "copied": copied, "user": user, "held": held}
    found = {one.state.result for one in paths(source, "f", models=models) if isinstance(one.outcome, Done)}
    assert found == {Scalar(TRUE), Scalar(FALSE)}


def test_a_loop_that_grows_a_vec_is_summarised() -> None:
    """Each turn may have a block of its own; what was read of the one before it is then read of what is gone."""
    right = outcomes(PUSHES % "last = v.as_ptr(); sum = unsafe { *last };", "f", X)
    broken = outcomes(PUSHES % "if !last.is_null() { sum = unsafe { *last } } last = v.as_ptr();", "f", X)
    assert set(right) == {"Covered", "Done"}
    assert broken["memory"] >= 1


def test_what_is_not_in_the_table_is_named() -> None:
    found = outcomes("pub fn f(x: u32) -> u32 { x.count_ones() }", "f", X)
    assert found == {"the function core::num::<impl u32>::count_ones": 1}

"""Edits that might repair: each does what it says, on tiny functions whose outcome shows it."""

from __future__ import annotations

from collections.abc import Iterator

from rust_bodies import program_of, run

from smt_models.runtime.outcomes import Done
from smt_models.runtime.program import Program
from smt_models.runtime.repairs import Repair, repaired, repairs
from smt_models.runtime.values import Scalar
from smt_models.system.terms import Literal

COUNTER = """
pub struct Counter { count: u32 }
impl Counter {
    fn up(&mut self) { self.count += 1; }
    fn by(&mut self, more: u32) { self.count += more; }
    fn up_first(&mut self) -> u32 { self.up(); self.count }
    fn read(&mut self) -> u32 { self.count }
}
pub fn never() -> u32 { let mut one = Counter { count: 0 }; one.read() }
pub fn twice() -> u32 { let mut one = Counter { count: 0 }; one.up_first() }
pub fn other() { let mut one = Counter { count: 0 }; one.by(7); }
"""
ANSWERS = """
pub enum Answer { Yes, No }
fn end() -> ! { loop {} }
pub fn asks(x: u32) -> Answer { match x { 1 => Answer::Yes, 2 => Answer::No, _ => end() } }
"""


def _repairs(program: Program, method: str) -> Iterator[Repair]:
    (name,) = [one for one in program.functions if one.endswith(f">::{method}") or one == method]
    blocks = program.functions[name].body.blocks
    return repairs(program, [(name, block.number) for block in blocks])


def _results(program: Program, name: str, *arguments: Scalar) -> set[int | None]:
    found = []
    for path in run(program, name, *arguments):
        if isinstance(path.outcome, Done) and isinstance(path.state.result, Scalar):
            term = path.state.result.term
            found.append(int(term.value) if isinstance(term, Literal) else None)
    return set(found)


def test_a_call_that_stands_elsewhere_is_made_first() -> None:
    program = program_of(COUNTER)
    made = {one.what: one for one in _repairs(program, "read") if one.what.startswith("call ")}
    assert set(made) == {"call Counter::up before this"}, "that of `by` has another object, which is no parameter"
    assert _results(program, "never") == {0}
    assert _results(repaired(program, made["call Counter::up before this"]), "never") == {1}


def test_a_call_without_a_result_is_left_out() -> None:
    program = program_of(COUNTER)
    (one,) = [one for one in _repairs(program, "up_first") if one.what == "leave out the call of Counter::up"]
    assert _results(program, "twice") == {1}
    assert _results(repaired(program, one), "twice") == {0}


def test_a_branch_returns_another_variant_or_ends() -> None:
    program = program_of(ANSWERS)
    found = {one.what for one in _repairs(program, "asks")}
    assert {"for 1, return Answer::No", "for 2, return Answer::Yes", "for 1, go where end is called"} <= found


def test_each_body_has_all_the_blocks_it_goes_to() -> None:
    for text in (COUNTER, ANSWERS):
        program = program_of(text)
        for name in program.functions:
            for one in repairs(program, [(name, block.number) for block in program.functions[name].body.blocks]):
                numbers = [block.number for block in one.body.blocks]
                assert numbers == list(range(len(numbers)))
                assert [local.number for local in one.body.locals] == list(range(len(one.body.locals)))
                assert one.body != program.functions[name].body


def test_what_cannot_be_found_is_left_alone() -> None:
    assert list(repairs(program_of(COUNTER), [("nowhere", 0)])) == []

"""Taking one step away: each edit does what it says, on tiny functions whose outcome shows it."""

from __future__ import annotations

from rust_bodies import BLOCK, program_of, run

from smt_models.runtime.edits import Edit, edited, edits
from smt_models.runtime.execute import Path
from smt_models.runtime.outcomes import Done, Violated
from smt_models.runtime.program import Program
from smt_models.runtime.values import Scalar, Value
from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Variable, literal

X = Scalar(Variable("x", BitVec(32)))
FLAG = Scalar(Variable("flag", BOOLEAN))


def _edits(program: Program, *arguments: Value, asked: frozenset[tuple[str, int]] = frozenset()) -> list[Edit]:
    covered = frozenset(pair for path in run(program, "f", *arguments) for pair in path.state.blocks)
    return list(edits(program, covered, asked))


def _named(found: list[Edit], what: str) -> list[Edit]:
    return [one for one in found if one.what.startswith(what)]


def _results(found: list[Path]) -> set[Value | None]:
    assert all(isinstance(one.outcome, Done) for one in found)
    return {one.state.result for one in found}


def _number(value: int) -> Scalar:
    return Scalar(literal(value, BitVec(32)))


def test_a_branch_goes_one_way_only() -> None:
    program = program_of("pub fn f(flag: bool) -> u32 { if flag { 1 } else { 2 } }")
    found = _named(_edits(program, FLAG), "it always goes")
    assert {frozenset(_results(run(edited(program, one), "f", FLAG))) for one in found} == {
        frozenset({_number(1)}),
        frozenset({_number(2)}),
    }
    assert {one.where.source for one in found} == {"src/lib.rs:1"}


def test_a_branch_that_goes_one_way_already_is_left_alone() -> None:
    assert not _named(_edits(program_of("pub fn f() -> u32 { if true { 1 } else { 2 } }")), "it always goes")


def test_what_is_not_dropped_stays() -> None:
    """The block outlives its owner: used after it, it is there; in the program itself it is gone."""
    program = program_of(BLOCK + "pub fn f() { let at = { let b = block(); b.at }; unsafe { *at = 1 } }")
    assert any(isinstance(one.outcome, Violated) for one in run(program, "f"))
    found = _named(_edits(program), "the value is not dropped")
    assert found
    kept = [run(edited(program, one), "f") for one in found]
    assert any(not any(isinstance(path.outcome, Violated) for path in paths) for paths in kept)


def test_a_write_through_a_reference_is_left_out() -> None:
    source = "fn set(at: &mut u32) { *at = 2 } pub fn f() -> u32 { let mut x = 1; set(&mut x); x }"
    program = program_of(source)
    assert _results(run(program, "f")) == {_number(2)}
    (one,) = _named(_edits(program), "the write is left out")
    assert _results(run(edited(program, one), "f")) == {_number(1)}
    assert one.where.function == "set"


def test_a_call_is_skipped() -> None:
    """Only where it is asked for; a number that it would give is that of a cancelled copy."""
    source = "fn ask(x: u32) -> u32 { x } pub fn f(x: u32) -> u32 { ask(x) }"
    program = program_of(source)
    assert not _named(_edits(program, X), "the call is skipped")
    (one,) = _named(_edits(program, X, asked=frozenset({("f", 0)})), "the call is skipped")
    assert _results(run(edited(program, one), "f", X)) == {_number(2)}
    assert _results(run(program, "f", X)) == {X}

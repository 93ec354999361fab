"""From the bytes of an example to a verdict of the solver: where blocks of a pool lie; and twins that are wrong."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import z3  # type: ignore[import-untyped]
from wasm_runs import Environment, executed, program, program_of_bytes

from smt_models.system.operators import BitVec
from smt_models.system.smtlib import sort_text, symbol, term_text
from smt_models.system.terms import (
    Term,
    Variable,
    apply,
    both,
    conjunction,
    disjunction,
    either,
    literal,
    negation,
    variables_of,
)
from smt_models.wasm.arrays import ArrayValue
from smt_models.wasm.build import make, number
from smt_models.wasm.concrete import AnyValue, values_of
from smt_models.wasm.memory import OneArray, load
from smt_models.wasm.outcomes import Returned, Trapped, Unmodelled
from smt_models.wasm.paths import Bounds, Execution
from smt_models.wasm.paths import Path as Way

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
POOL, BYTES, USED = 1040, 4096, 1024
BOUNDS = Bounds(iterations=4)
_OLD, OLD_SIZE, ALIGN, SIZE = (Variable(f"argument{place}", BitVec(32)) for place in range(4))


def check(*terms: Term) -> tuple[z3.CheckSatResult, z3.Solver]:
    declared = {variable.name: variable for term in terms for variable in variables_of(term)}
    lines = [f"(declare-const {symbol(name)} {sort_text(item.sort)})" for name, item in declared.items()]
    lines += [f"(assert {term_text(term)})" for term in terms]
    solver = z3.SolverFor("QF_ABV")
    solver.set("timeout", 60_000)
    solver.from_string("\n".join(lines))
    return solver.check(), solver


def _wide(term: Term) -> Term:
    return apply("zero_extend", term, indices=(2,))


def outside(block: Term, size: Term) -> Term:
    """Not all of the block lies in the pool; in 34 bits, where nothing wraps."""
    end = apply("bvadd", _wide(block), _wide(size))
    return either(apply("bvult", block, number(POOL, 32)), apply("bvult", literal(POOL + BYTES, BitVec(34)), end))


def used(way: Way) -> Term:
    memory = way.memories[0]
    assert isinstance(memory, OneArray)
    return load(memory, number(USED, 32), 0, 4)


def _before(execution: Execution) -> tuple[Term, ...]:
    """Few bytes to copy, so that the loop ends within its bound; an alignment; and the invariant of the cell."""
    memory = execution.start.memories[0]
    assert isinstance(memory, OneArray)
    aligned = disjunction(make("=", ALIGN, number(1 << power, 32)) for power in range(4))
    cell = load(memory, number(USED, 32), 0, 4)
    return (
        *execution.start.assumptions,
        aligned,
        apply("bvule", OLD_SIZE, number(3, 32)),
        apply("bvult", number(0, 32), SIZE),
        apply("bvule", cell, number(BYTES, 32)),
    )


def returns(execution: Execution) -> Way:
    (way,) = [way for way in execution.paths if isinstance(way.outcome, Returned)]
    return way


def range_verdict(execution: Execution) -> z3.CheckSatResult:
    way = returns(execution)
    assert isinstance(way.outcome, Returned)
    before = _before(execution)
    assert check(*before, *way.condition)[0] == z3.sat, "vacuous"
    (block,) = way.outcome.values
    return check(*before, *way.condition, outside(block, SIZE))[0]


@cache
def example(name: str) -> Execution:
    return executed(program_of_bytes((EXAMPLES / name).read_bytes()), "cabi_realloc", BOUNDS)


@cache
def twin() -> Execution:
    """The pool's text with the end one byte too far: 4097 where 4096 stands in the size check."""
    data = (EXAMPLES / "static_pool_c.wasm").read_bytes()
    check_ = b"\x41\x80\x20\x20\x04\x6b"  # i32.const 4096, local.get 4, i32.sub
    assert data.count(check_) == 1
    return executed(program_of_bytes(data.replace(check_, b"\x41\x81\x20\x20\x04\x6b")), "cabi_realloc", BOUNDS)


def test_what_cannot_be_followed_is_named() -> None:
    """The copy loop goes round as often as its argument says: a bound that is only met under an assumption."""
    names = Counter(type(way.outcome).__name__ for way in example("static_pool_c.wasm").paths)
    assert names["Unmodelled"] == 1
    (left,) = [way for way in example("static_pool_c.wasm").paths if isinstance(way.outcome, Unmodelled)]
    assert isinstance(left.outcome, Unmodelled)
    assert (left.outcome.name, left.outcome.offset) == ("more than 4 iterations of a loop", 0xC6)
    before = _before(example("static_pool_c.wasm"))
    assert check(*before, *left.condition)[0] == z3.unsat
    assert check(*example("static_pool_c.wasm").start.assumptions, *left.condition)[0] == z3.sat


@pytest.mark.parametrize("name", ["static_pool_c.wasm", "growing_c.wasm"])
def test_paths_are_all_there_are(name: str) -> None:
    """The conditions of the paths exclude each other, and one of them always holds."""
    ways = [conjunction(way.condition) for way in example(name).paths]
    assumptions = example(name).start.assumptions
    assert check(*assumptions, negation(disjunction(ways)))[0] == z3.unsat
    for place, way in enumerate(ways):
        assert check(*assumptions, way, disjunction(ways[:place]))[0] == z3.unsat


def test_blocks_of_the_static_pool_lie_in_it() -> None:
    execution = example("static_pool_c.wasm")
    assert range_verdict(execution) == z3.unsat
    way = returns(execution)
    too_far = apply("bvult", number(BYTES, 32), used(way))
    assert check(*_before(execution), *way.condition, too_far)[0] == z3.unsat


def _value(model: z3.ModelRef, item: z3.FuncDeclRef) -> AnyValue:
    """Numbers, Booleans, and of an array the bytes of the cell, which is all that an address depends on."""
    if item.range().kind() == z3.Z3_ARRAY_SORT:
        memory = z3.Const(item.name(), item.range())
        found = {at: model.eval(memory[at], model_completion=True).as_long() for at in range(USED, USED + 4)}
        return ArrayValue(b"", found)
    value = model[item]
    return z3.is_true(value) if z3.is_bool(value) else int(value.as_long())


def test_blocks_of_the_twin_do_not() -> None:
    """With the end off by one, and a model whose block ends one byte behind the pool."""
    execution = twin()
    assert range_verdict(execution) == z3.sat
    way = returns(execution)
    assert isinstance(way.outcome, Returned)
    (block_term,) = way.outcome.values
    verdict, solver = check(*_before(execution), *way.condition, outside(block_term, SIZE))
    assert verdict == z3.sat
    model = solver.model()
    values: Environment = Environment({str(item): _value(model, item) for item in model.decls()})
    block, size = values_of((block_term, SIZE), values)
    assert isinstance(block, int)
    assert isinstance(size, int)
    assert block + size == POOL + BYTES + 1


def test_the_growing_pool_gives_blocks_outside() -> None:
    """Its twin in C grows memory instead of trapping: the same property is refuted, and only after a grow."""
    execution = example("growing_c.wasm")
    assert range_verdict(execution) == z3.sat
    way = returns(execution)
    assert isinstance(way.outcome, Returned)
    (block,) = way.outcome.values
    grows = [
        item for item in variables_of(conjunction([*way.condition, make("=", block, block)])) if "grows" in item.name
    ]
    grows += [item for item in variables_of(block) if "grows" in item.name]
    assert grows
    none = both(*(negation(item) for item in grows))
    assert check(*_before(execution), *way.condition, none, outside(block, SIZE))[0] == z3.unsat


def test_nothing_but_pool_and_cell_is_written() -> None:
    """Each write of the static pool, under its condition; of the twin too, for blocks of a fitting size."""
    execution = example("static_pool_c.wasm")
    assert len(execution.writes) == 1 + BOUNDS.iterations + 1
    for write in execution.writes:
        first_outside = outside(write.address, write.size)
        cell = make("=", write.address, number(USED, 32))
        assert check(*_before(execution), *write.condition, first_outside, negation(cell))[0] == z3.unsat


def test_spent_traps() -> None:
    """Of the static pool: a size that does not fit ends in the trap of `spent`, function 1."""
    execution = example("static_pool_c.wasm")
    too_much = apply("bvult", number(BYTES, 32), SIZE)
    rest = [way for way in execution.paths if not (isinstance(way.outcome, Trapped) and way.outcome.function == 1)]
    outs = [way for way in rest if check(*_before(execution), *way.condition, too_much)[0] != z3.unsat]
    # Nothing else is possible but that the cell itself is out of the memory's bounds, which one page excludes.
    assert outs == []


def test_a_load_gives_back_what_was_stored() -> None:
    one = program(
        '(module (memory 1) (func (export "f") (param i32 i64) (result i64)'
        " (i64.store offset=3 (local.get 0) (local.get 1)) (i64.store8 (i32.const 7) (i64.const 5))"
        " (i64.load offset=3 (local.get 0))))"
    )
    execution = executed(one, "f")
    way = returns(execution)
    assert isinstance(way.outcome, Returned)
    given = Variable("argument1", BitVec(64))
    changed = negation(make("=", way.outcome.values[0], given))
    address = Variable("argument0", BitVec(32))
    far = apply("bvult", number(7, 32), address)
    assert check(*execution.start.assumptions, *way.condition, changed)[0] == z3.sat
    assert check(*execution.start.assumptions, *way.condition, changed, far)[0] == z3.unsat


def test_conditions_are_text_for_a_solver_of_its_own() -> None:
    """The same bytes again give the same text."""
    texts = {term_text(conjunction(way.condition)) for way in example("static_pool_c.wasm").paths}
    again = executed(program_of_bytes((EXAMPLES / "static_pool_c.wasm").read_bytes()), "cabi_realloc", BOUNDS)
    assert {term_text(conjunction(way.condition)) for way in again.paths} == texts

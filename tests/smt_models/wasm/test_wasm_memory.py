"""Loads, stores and bulk instructions at every kind of address, against wasmtime; and what has no model, by name."""

from __future__ import annotations

import random

import pytest
import z3  # type: ignore[import-untyped]
from wasm_functions import LOADS, STORES
from wasm_runs import Engine, evaluated, executed, program, program_of_bytes

from smt_models.system.operators import BitVec
from smt_models.system.smtlib import term_text
from smt_models.system.terms import Term, Variable, apply, both, conjunction, either, equal, negation
from smt_models.wasm.build import difference, if_, make, number
from smt_models.wasm.outcomes import Returned, Trapped, Unmodelled
from smt_models.wasm.paths import Bounds
from smt_models.wasm.state import told_apart

PAGE = 1 << 16
OFFSETS = (0, 1, 3, 255, 65535, 65536, 0x7FFFFFFF, 0xFFFFFFF8, 0xFFFFFFFF)


def _address(source: random.Random, offset: int, pages: int) -> int:
    """Near the start, near the end, where address plus offset passes 2^32, or anywhere."""
    edge = source.choice((0, pages * PAGE, pages * PAGE - offset, (1 << 32) - offset, 1 << 31, 1 << 32))
    near = edge + source.randrange(-9, 10)
    return source.choice((near, near, near, source.getrandbits(32), source.randrange(pages * PAGE))) % (1 << 32)


@pytest.mark.parametrize("pages", [1, 2])
def test_loads_and_stores_at_every_kind_of_address(pages: int) -> None:
    seed = 77 + pages
    print(f"seed {seed}")
    source = random.Random(seed)
    functions: list[str] = []
    names: list[tuple[str, int]] = []
    for offset in OFFSETS:
        for of in ("i32", "i64"):
            for name in LOADS[of]:
                names.append((f"l{len(names)}", offset))
                access = f"({of}.{name} offset={offset} (local.get 0))"
                functions.append(f'(func (export "{names[-1][0]}") (param i32 i64) (result {of}) {access})')
            for name in STORES[of]:
                names.append((f"s{len(names)}", offset))
                value = "(local.get 1)" if of == "i64" else "(i32.wrap_i64 (local.get 1))"
                access = f"({of}.{name} offset={offset} (local.get 0) {value})"
                functions.append(f'(func (export "{names[-1][0]}") (param i32 i64) {access})')
    one = program(f'(module (memory (export "memory") {pages}) {" ".join(functions)})')
    engine = Engine(bytes(one.data))
    image = source.randbytes(pages * PAGE)
    traps = compared = 0
    for name, offset in names:
        execution = executed(one, name)
        for _ in range(8):
            arguments = (_address(source, offset, pages), source.getrandbits(64))
            theirs = engine.call(name, arguments, (), image)
            assert evaluated(execution, arguments, (), image) == theirs, f"seed {seed}: {name} {offset} {arguments}"
            traps += isinstance(theirs.ended, str)
            compared += 1
    assert compared == len(OFFSETS) * 19 * 8
    assert compared // 5 < traps < compared * 9 // 10


def test_bulk_instructions() -> None:
    """Overlapping either way, of size zero at the end and behind it, across the end, and wrapping."""
    one = program(
        '(module (memory (export "memory") 1)'
        ' (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))'
        ' (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))'
        ' (func (export "eight") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (i32.const 8))))'
    )
    engine = Engine(bytes(one.data))
    seed = 5
    print(f"seed {seed}")
    source = random.Random(seed)
    image = source.randbytes(PAGE)
    ends: set[object] = set()
    for name in ("copy", "fill", "eight"):
        execution = executed(one, name, Bounds(bulk=12))
        for _ in range(200):
            first = _address(source, 0, 1)
            near = (first + source.randrange(-6, 7)) % (1 << 32)
            second = source.choice((near, near, _address(source, 0, 1)))
            size = source.choice((0, 0, 1, 5, 8, 12, 13, 0xFFFFFFFF))
            theirs = engine.call(name, (first, second, size), (), image)
            ours = evaluated(execution, (first, second, size), (), image)
            if size == 13 and theirs.ended == () and name != "eight":
                assert ours.ended == f"unmodelled: memory.{name} of more than 12 bytes"
            else:
                assert ours == theirs, f"seed {seed}: {name} {first} {second} {size}"
            ends.add(ours.ended)
    assert len(ends) == 4


def test_growing_and_sizes() -> None:
    one = program(
        '(module (memory (export "memory") 1 3) (func (export "f") (param i32 i32) (result i32 i32 i32 i32)'
        " (memory.grow (local.get 0)) (memory.size) (memory.grow (local.get 1)) (memory.size)))"
    )
    execution = executed(one, "f")
    for first in (0, 1, 2, 3, 65535, 65536, 0xFFFF0000, 0xFFFFFFFF):
        for second in (0, 1, 2, 0x80000000, 0xFFFFFFFF):
            engine = Engine(bytes(one.data))
            image = bytes(range(256)) * 256
            assert evaluated(execution, (first, second), (), image) == engine.call("f", (first, second), (), image)


# A function's text, what goes before it, and how it must end: each with the instruction's name.
NAMED = [
    ("(drop (f32.const 0))", "", "f32.const"),
    ("(drop (i32.trunc_f64_s (f64.const 0)))", "", "f64.const"),
    ("(v128.store (i32.const 0) (v128.const i32x4 0 0 0 0))", "(memory 1)", "v128.const"),
    ("(drop (ref.null func))", "", "ref.null"),
    ("(call_indirect (i32.const 0))", "(table 1 funcref)", "call_indirect"),
    ("(call $f)", '(import "a" "b" (func $f))', "a call of the import a.b"),
    ("(call $me)", "", "recursion through function 0"),
    ("(return_call $me)", "", "recursion through function 0"),
    ("(drop (memory.size))", "(memory i64 1)", "access to a memory with 64-bit addresses"),
    ("(drop (i32.load (i32.const 0)))", "(memory 1 1 shared)", "access to a shared memory"),
    (
        "(drop (i32.load (i32.const 0)))",
        '(import "a" "m" (memory 1)) (import "a" "n" (memory 1))',
        "access to imported memories that may be the same",
    ),
    (
        "(global.set 0 (i32.const 1))",
        '(import "a" "g" (global (mut i32))) (import "a" "h" (global (mut i32)))',
        "global.set of imported globals that may be the same",
    ),
    ("(drop (global.get 0))", "(global f32 (f32.const 0))", "global.get of a global of type f32"),
    ("(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))", '(memory 1) (data "a")', "memory.init"),
    ("(data.drop 0)", '(memory 1) (data "a")', "data.drop"),
    ("(drop (i32.atomic.load (i32.const 0)))", "(memory 1)", "i32.atomic.load"),
    ("(loop (br 0))", "", "more than 16 iterations of a loop"),
    ("(throw 0)", "(tag)", "throw"),
    ("(block (try_table (catch_all 0)))", "", "try_table"),
    ("(drop (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)))", "", "i64.add128"),
]


@pytest.mark.parametrize(("text", "before", "name"), NAMED, ids=[name for *_, name in NAMED])
def test_what_has_no_model_is_named(text: str, before: str, name: str) -> None:
    one = program(f'(module {before} (func $me (export "f") {text}))')
    (path,) = [path for path in executed(one, "f").paths if not isinstance(path.outcome, Trapped)]
    assert isinstance(path.outcome, Unmodelled)
    assert path.outcome.name == name
    start = one.module.code.starts[0]
    assert start < path.outcome.offset < one.module.code.ends[0]
    assert path.condition == ()


def test_a_parameter_without_a_model_stops_only_where_it_is_used() -> None:
    one = program('(module (func (export "f") (param f64 i32) (result i32) (local f32) (local.get 1)))')
    (path,) = executed(one, "f").paths
    assert path.outcome == Returned((Variable("argument1", BitVec(32)),))
    two = program('(module (func (export "f") (param f64) (result f64) (local.get 0)))')
    (path,) = executed(two, "f").paths
    assert isinstance(path.outcome, Unmodelled)
    assert path.outcome.name == "local.get of type f64"


def test_calls_too_deep_and_operations_too_many() -> None:
    chain = " ".join(f"(func (call {place + 1}))" for place in range(1, 9))
    one = program(f'(module (func (export "f") (call 1)) {chain} (func))')
    (path,) = executed(one, "f", Bounds(calls=10)).paths
    assert isinstance(path.outcome, Returned)
    for bounds, name in (
        (Bounds(calls=9), "more than 9 calls at once"),
        (Bounds(operations=3), "more than 3 operations"),
    ):
        (path,) = executed(one, "f", bounds).paths
        assert isinstance(path.outcome, Unmodelled)
        assert path.outcome.name == name


def test_tail_calls_return_for_their_caller() -> None:
    one = program(
        "(module (func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"
        " (func $h (param i32) (result i32) (return_call $g (i32.mul (local.get 0) (i32.const 2))))"
        ' (func (export "f") (param i32) (result i32) (i32.add (call $h (local.get 0)) (i32.const 100))))'
    )
    execution = executed(one, "f")
    assert evaluated(execution, (7,)).ended == (115,)


def test_loops_with_parameters_carry_them_and_not_their_results() -> None:
    """A sum, with what lies below it on the stack: two values go round, one comes out."""
    one = program(
        '(module (func (export "f") (param i32) (result i32 i64) (i32.const 1000) (i64.const 77) (drop)'
        " (i32.const 0) (local.get 0)"
        " (loop (param i32 i32) (result i64) (local.set 0) (i32.add (local.get 0)) (local.get 0)"
        " (i32.sub (i32.const 1)) (br_if 0 (i32.gt_u (local.get 0) (i32.const 1))) (drop) (i64.extend_i32_u))))"
    )
    engine = Engine(bytes(one.data))
    execution = executed(one, "f")
    for turns in (0, 1, 2, 5, 16):
        assert evaluated(execution, (turns,)) == engine.call("f", (turns,))
    assert evaluated(execution, (18,)).ended == "unmodelled: more than 16 iterations of a loop"


def test_ill_typed_bodies_are_not_executed() -> None:
    """Bytes that no validator accepts: a 64-bit operand where one of 32 bits belongs."""
    good = program('(module (func (export "f") (result i32) (i32.add (i32.const 1) (i32.const 2))))')
    for wrong in (
        bytes(good.data).replace(b"\x41\x01", b"\x42\x01"),
        bytes(good.data).replace(b"\x41\x01", b"\x01\x01"),
    ):
        (path,) = executed(program_of_bytes(wrong), "f").paths
        assert isinstance(path.outcome, Unmodelled)


X, Y = Variable("x", BitVec(8)), Variable("y", BitVec(8))
CONDITION = make("bvult", X, Y)
FLAG = apply("ite", CONDITION, number(1, 8), number(0, 8))


@pytest.mark.parametrize(
    ("operator", "arguments", "indices"),
    [
        ("bvadd", (make("bvadd", X, number(200, 8)), number(100, 8)), ()),
        ("bvadd", (number(3, 8), X), ()),
        ("bvadd", (X, number(0, 8)), ()),
        ("bvsub", (X, number(1, 8)), ()),
        ("bvsub", (make("bvadd", X, number(200, 8)), number(201, 8)), ()),
        ("=", (FLAG, number(0, 8)), ()),
        ("=", (FLAG, number(1, 8)), ()),
        ("=", (number(2, 8), FLAG), ()),
        ("=", (X, X), ()),
        ("concat", (apply("extract", X, indices=(7, 3)), apply("extract", X, indices=(2, 1))), ()),
        ("concat", (apply("extract", X, indices=(7, 4)), apply("extract", X, indices=(3, 0))), ()),
        ("concat", (apply("extract", X, indices=(7, 4)), apply("extract", Y, indices=(3, 0))), ()),
        ("extract", (apply("zero_extend", X, indices=(8,)),), (5, 2)),
        ("extract", (apply("zero_extend", X, indices=(8,)),), (15, 8)),
        ("extract", (apply("zero_extend", X, indices=(8,)),), (11, 4)),
        ("extract", (apply("concat", X, Y),), (7, 0)),
        ("extract", (apply("concat", X, Y),), (12, 8)),
        ("extract", (apply("concat", X, Y),), (12, 3)),
        ("extract", (apply("extract", X, indices=(6, 2)),), (3, 1)),
        ("zero_extend", (X,), (0,)),
    ],
)
def test_laws_change_no_meaning(operator: str, arguments: tuple[Term, ...], indices: tuple[int, ...]) -> None:
    assert_same(make(operator, *arguments, indices=indices), apply(operator, *arguments, indices=indices))


A, B, C = (make("bvult", X, number(limit, 8)) for limit in (40, 90, 170))


@pytest.mark.parametrize(
    ("condition", "then", "wanted"),
    [
        (A, apply("ite", B, X, Y), apply("ite", both(A, B), X, Y)),
        (either(A, B), apply("ite", A, X, Y), apply("ite", A, X, Y)),
        (A, apply("ite", either(A, C), X, Y), apply("ite", A, X, Y)),
        (A, apply("ite", B, Y, X), None),
        (negation(A), apply("ite", B, X, Y), None),
    ],
)
def test_choices_within_choices(condition: Term, then: Term, wanted: Term | None) -> None:
    found = if_(condition, then, Y)
    assert_same(found, apply("ite", condition, then, Y))
    assert wanted is None or found == wanted


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ([A, B], [negation(A), C], A),
        ([B, negation(A)], [C, A], negation(A)),
        ([either(A, both(negation(A), B))], [negation(A), negation(B)], either(A, B)),
        ([both(C, A)], [negation(A)], A),
        ([C, negation(A), negation(B)], [either(A, both(C, B))], negation(either(A, B))),
        ([A, equal(Y, number(1, 8))], [negation(A)], A),
        ([A, C], [negation(both(A, C))], both(A, C)),
    ],
)
def test_ways_that_meet_are_told_apart_by_what_they_forked_on(
    ours: list[Term], theirs: list[Term], wanted: Term
) -> None:
    """It follows from all of the one, and is denied by all of the other."""
    found = told_apart(ours, theirs)
    assert found == wanted
    assert_same(both(*ours, found), conjunction(ours))
    assert_same(both(*theirs, negation(found)), conjunction(theirs))


SUM = make("bvadd", make("bvsub", X, Y), number(200, 8))


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (SUM, make("bvadd", X, number(100, 8)), None),
        (SUM, SUM, number(0, 8)),
        (make("bvadd", X, X), make("bvadd", Y, X), make("bvsub", X, Y)),
        (number(3, 8), SUM, None),
        (make("bvadd", SUM, Y), X, number(200, 8)),
    ],
)
def test_differences_of_sums(left: Term, right: Term, wanted: Term | None) -> None:
    found = difference(left, right)
    assert_same(found, apply("bvsub", left, right))
    assert wanted is None or found == wanted


def test_a_sum_of_too_many_is_not_taken_apart() -> None:
    doubled: Term = X
    for _ in range(60):
        doubled = make("bvadd", doubled, doubled)
    assert difference(doubled, X) == apply("bvsub", doubled, X)


def assert_same(made: Term, plain: Term) -> None:
    solver = z3.Solver()
    solver.from_string(
        "(declare-const x (_ BitVec 8)) (declare-const y (_ BitVec 8))"
        f"(assert {term_text(negation(equal(made, plain)))})"
    )
    assert solver.check() == z3.unsat

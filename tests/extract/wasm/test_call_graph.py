"""The rules of docs/call-graph.md, one small module each, and for each the smallest change that flips it.

Functions are called by their names in the text. `$caller` is the function whose calls are looked at.
"""

from __future__ import annotations

from functools import cache

import pytest
from wasm_assembly import assembled, module, world

from extract.wasm.call_graph import CallGraph, Dispatch, call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.world import Defined, FromCanon, FromHost
from smt_models.graph_obligation import (
    ALLOCATOR_NAMES,
    AllocatorNames,
    host_memories,
    module_entries,
    named_roots,
    no_alloc_path,
    realloc_no_grow,
    realloc_roots,
)


@cache
def graph(text: str) -> CallGraph:
    return call_graph(module(text))


@cache
def component(text: str) -> CallGraph:
    return call_graph(world(assembled(f"(component {text})")))


def shown(found: CallGraph, node: int) -> str:
    """The plain name of a function, or MODULE.NAME of the host's."""
    vertex = found.vertex(node)
    match vertex:
        case Defined(instance, index):
            return FunctionNames(found.world).raw(instance).get(index, f"{instance}:{index}")
        case FromHost(name):
            return name
        case FromCanon(number):
            return f"canon {number}"
        case Dispatch():
            return "dispatch"


def node(found: CallGraph, name: str) -> int:
    (only,) = [number for number in range(found.first[-1]) if shown(found, number) == name]
    return only


def calls(found: CallGraph, caller: str = "caller") -> str:
    """The functions that one calls, directly or through dispatch nodes, sorted; ` ?` if there may be unseen ones."""
    called: set[str] = set()
    unseen = False
    for target in found.successors(node(found, caller)):
        if isinstance(found.vertex(target), Dispatch):
            called.update(shown(found, one) for one in found.successors(target))
            unseen |= target in found.unseen
        else:
            called.add(shown(found, target))
    return " ".join(sorted(called)) + (" ?" if unseen else "")


def called(text: str) -> str:
    return calls(graph(text))


DIRECT = [
    ("(func $a) (func $b) (func $caller (call $a))", "a"),
    ("(func $a) (func $b) (func $caller (call $b) (call $b))", "b"),
    ("(func $a) (func $b) (func $caller (return_call $a))", "a"),
    ('(import "m" "f" (func $f)) (func $a) (func $caller (call $f) (call $a))', "a m.f"),
    ('(import "m" "f" (func $f)) (import "m" "f" (func $g)) (func $caller (call $f) (call $g))', "m.f"),
    ("(func $caller (if (i32.const 0) (then (call $caller))))", "caller"),
    ("(func $a) (func $caller (block (loop (br 1) (call $a))))", "a"),  # dead code counts
    # E8: nothing else calls
    (
        "(tag $e) (func $a) (func $caller (throw $e)) (elem declare func $a) (func (drop (ref.func $a)))",
        "",
    ),
    ("(func $a) (func $caller (drop (ref.func $a)))", ""),
    ("(memory 1) (func $a) (func $caller (drop (memory.grow (i32.const 1))))", ""),
]


@pytest.mark.parametrize(("text", "expected"), DIRECT)
def test_e1_direct_calls(text: str, expected: str) -> None:
    assert called(text) == expected


T = "(type $t (func)) (type $u (func (param i32)))"
FUNCTIONS = "(func $a (type $t)) (func $b (type $t)) (func $c (type $u))"
TWO = (
    f"{T} {FUNCTIONS} (table $x 4 funcref) (table $y 4 funcref)"
    "(elem (table $x) (i32.const 0) func $a $c) (elem (table $y) (i32.const 0) func $b)"
)
CALL_X = "(func $caller (call_indirect $x (type $t) (i32.const 0)))"

INDIRECT = [
    (TWO + CALL_X, "a"),
    (TWO + "(func $caller (call_indirect $y (type $t) (i32.const 0)))", "b"),
    (TWO + "(func $caller (call_indirect $x (type $u) (i32.const 7) (i32.const 0)))", "c"),
    (TWO + "(func $caller (return_call_indirect $x (type $t) (i32.const 0)))", "a"),
    (
        TWO + "(func $caller (call_indirect $x (type $t) (i32.const 0)) (call_indirect $y (type $t) (i32.const 0)))",
        "a b",
    ),
    (TWO + "(func $caller (call_indirect $x (result i64) (i32.const 0)) (drop))", ""),
]


@pytest.mark.parametrize(("text", "expected"), INDIRECT)
def test_e2_e5_indirect_calls(text: str, expected: str) -> None:
    assert called(text) == expected


REFERENCE = [
    (f"{T} {FUNCTIONS} (elem declare func $a $c) (func $caller (call_ref $t (ref.null $t)))", "a"),
    (f"{T} {FUNCTIONS} (elem declare func $a $c) (func $caller (return_call_ref $t (ref.null $t)))", "a"),
    (f"{T} {FUNCTIONS} (elem declare func $a $c) (func $caller (call_ref $u (i32.const 0) (ref.null $u)))", "c"),
    (f"{T} {FUNCTIONS} (elem declare func $a $b) (func $caller (call_ref $t (ref.null $t)))", "a b"),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCE)
def test_e3_e6_calls_by_reference(text: str, expected: str) -> None:
    assert called(text) == expected


@pytest.mark.parametrize(
    ("text", "grows"),
    [
        ("(memory 1) (func $a (drop (memory.grow (i32.const 1)))) (func $b)", {"a"}),
        ("(memory 1) (memory 1) (func $a) (func $b (drop (memory.grow 1 (i32.const 1))))", {"b"}),
        ('(import "m" "m" (memory 1)) (func $a (drop (memory.grow (i32.const 0))))', {"a"}),
        ("(memory 1) (func $a (drop (memory.size)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))", set()),
        ("(table $x 1 funcref) (func $a (drop (table.grow $x (ref.null func) (i32.const 1))))", set()),
    ],
)
def test_e4_grows(text: str, grows: set[str]) -> None:
    found = graph(text)
    assert {shown(found, one) for one in found.grows} == grows


SUB = "(type $p (sub (func))) (type $q (sub $p (func))) (type $r (sub final $q (func))) (type $s (func))"
SUB_FUNCTIONS = "(func $of_p (type $p)) (func $of_q (type $q)) (func $of_r (type $r)) (func $of_s (type $s))"
SUB_TABLE = "(table $x 4 funcref) (elem (i32.const 0) func $of_p $of_q $of_r $of_s)"
HOST = '(import "m" "f" (func $f (type $q)))'
HOST_TABLE = "(table $x 4 funcref) (elem (i32.const 0) func $f)"

SUBTYPES = [
    (f"{SUB} {SUB_FUNCTIONS} {SUB_TABLE} (func $caller (call_indirect (type $p) (i32.const 0)))", "of_p of_q of_r"),
    (f"{SUB} {SUB_FUNCTIONS} {SUB_TABLE} (func $caller (call_indirect (type $q) (i32.const 0)))", "of_q of_r"),
    (f"{SUB} {SUB_FUNCTIONS} {SUB_TABLE} (func $caller (call_indirect (type $r) (i32.const 0)))", "of_r"),
    (f"{SUB} {SUB_FUNCTIONS} {SUB_TABLE} (func $caller (call_indirect (type $s) (i32.const 0)))", "of_s"),
    # Equal types under another index, and a group that differs.
    (
        f"{T} (type $v (func)) {FUNCTIONS} (table 1 funcref) (elem (i32.const 0) func $a)"
        "(func $caller (call_indirect (type $v) (i32.const 0)))",
        "a",
    ),
    (
        f"{T} (rec (type $v (func)) (type (struct))) {FUNCTIONS} (table 1 funcref) (elem (i32.const 0) func $a)"
        "(func $caller (call_indirect (type $v) (i32.const 0)))",
        "",
    ),
    # A host function may be of any subtype of what it is declared as; if that is final, of none other.
    (f"{SUB} {HOST} {HOST_TABLE} (func $caller (call_indirect (type $q) (i32.const 0)))", "m.f"),
    (f"{SUB} {HOST} {HOST_TABLE} (func $caller (call_indirect (type $r) (i32.const 0)))", "m.f"),
    (f"{SUB} {HOST} {HOST_TABLE} (func $caller (call_indirect (type $p) (i32.const 0)))", "m.f"),
    (f"{SUB} {HOST} {HOST_TABLE} (func $caller (call_indirect (type $s) (i32.const 0)))", ""),
    (f"{SUB} {HOST.replace('$q', '$r')} {HOST_TABLE} (func $caller (call_indirect (type $r) (i32.const 0)))", "m.f"),
]


@pytest.mark.parametrize(("text", "expected"), SUBTYPES)
def test_e7_subtypes(text: str, expected: str) -> None:
    assert called(text) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("$p", "a"), ("$q", "a"), ("$s", "")])
def test_e7_a_function_keeps_its_type_where_it_is_imported_as_a_wider_one(wanted: str, expected: str) -> None:
    """The other core instance declares the import by the supertype, puts it in its table, and calls by the subtype."""
    found = component(f"""
      (core module $A {SUB} (func $a (export "a") (type $q)))
      (core instance $a (instantiate $A))
      (core module $B {SUB} (import "a" "a" (func $f (type $p))) (table 1 funcref) (elem (i32.const 0) func $f)
        (func $caller (call_indirect (type {wanted}) (i32.const 0))))
      (core instance (instantiate $B (with "a" (instance $a))))""")
    assert calls(found) == expected


BY_REFERENCE = "(func $caller (call_ref $t (ref.null $t)))"
NOTHING_TAKEN = f"{T} {FUNCTIONS} {BY_REFERENCE}"
REFERENCES = [
    (NOTHING_TAKEN, ""),
    (NOTHING_TAKEN + "(elem declare func $a)", "a"),
    (NOTHING_TAKEN + "(elem func $a)", "a"),
    (NOTHING_TAKEN + "(table $x 1 funcref) (elem (i32.const 0) func $a)", "a"),
    (NOTHING_TAKEN + "(elem funcref (ref.null func) (ref.func $a))", "a"),
    (NOTHING_TAKEN + "(func (drop (ref.func $a)))", "a"),
    (NOTHING_TAKEN + "(global funcref (ref.func $a))", "a"),
    (NOTHING_TAKEN + "(global funcref (ref.null func))", ""),
    (NOTHING_TAKEN + "(table 1 funcref (ref.func $a))", "a"),
    (NOTHING_TAKEN + "(type $box (struct (field funcref))) (global (ref $box) (struct.new $box (ref.func $a)))", "a"),
    # Exported functions are references only if the references are open (R6).
    (NOTHING_TAKEN + '(export "a" (func $a))', ""),
    (NOTHING_TAKEN + '(export "a" (func $a)) (func (export "b") (param funcref))', "a ?"),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCES)
def test_r1_references(text: str, expected: str) -> None:
    assert called(text) == expected


TABLES = f"{T} {FUNCTIONS} (func $d (type $t)) (table $x 4 funcref) (table $y 4 funcref) (table $z 4 funcref) {CALL_X}"
WRITTEN = TABLES + "(elem declare func $a)"
SEGMENTS = TABLES + "(elem $e func $a) (elem $f func $b)"
COPIED = TABLES + "(elem (table $y) (i32.const 0) func $b) (elem (table $z) (i32.const 0) func $d)"
ZEROS = "(i32.const 0) (i32.const 0) (i32.const 0)"

CONTENTS = [
    (TABLES, ""),
    (TABLES + "(elem (table $x) (i32.const 0) func $a)", "a"),
    (TABLES + "(elem (table $y) (i32.const 0) func $a)", ""),
    (TABLES + "(elem func $a)", ""),
    (TABLES + "(elem (table $x) (i32.const 0) funcref (ref.func $a) (ref.null func))", "a"),
    (TABLES.replace("(table $x 4 funcref)", "(table $x 4 funcref (ref.func $b))"), "b"),
    (TABLES.replace("(table $y 4 funcref)", "(table $y 4 funcref (ref.func $b))"), ""),
    # Writes: all references.
    (WRITTEN, ""),
    (WRITTEN + "(func (table.set $x (i32.const 0) (ref.null func)))", "a"),
    (WRITTEN + "(func (table.set $y (i32.const 0) (ref.null func)))", ""),
    (WRITTEN + "(func (table.fill $x (i32.const 0) (ref.null func) (i32.const 0)))", "a"),
    (WRITTEN + "(func (table.fill $y (i32.const 0) (ref.null func) (i32.const 0)))", ""),
    (WRITTEN + "(func (drop (table.grow $x (ref.null func) (i32.const 0))))", "a"),
    (WRITTEN + "(func (drop (table.grow $y (ref.null func) (i32.const 0))))", ""),
    (WRITTEN + "(func (drop (table.get $x (i32.const 0))) (drop (table.size $x)))", ""),
    # table.init: that segment, that table.
    (SEGMENTS, ""),
    (SEGMENTS + f"(func (table.init $x $e {ZEROS}))", "a"),
    (SEGMENTS + f"(func (table.init $x $f {ZEROS}))", "b"),
    (SEGMENTS + f"(func (table.init $y $f {ZEROS}))", ""),
    (SEGMENTS + "(func (elem.drop $e))", ""),
    # table.copy: to a fixed point, and only that way round.
    (COPIED, ""),
    (COPIED + f"(func (table.copy $x $y {ZEROS}))", "b"),
    (COPIED + f"(func (table.copy $y $x {ZEROS}))", ""),
    (COPIED + f"(func (table.copy $x $y {ZEROS}) (table.copy $y $z {ZEROS}))", "b d"),
    (COPIED + f"(func (table.copy $y $z {ZEROS})) (func (table.copy $x $y {ZEROS}))", "b d"),
    (COPIED + f"(func (table.copy $x $x {ZEROS}) (table.copy $z $y {ZEROS}))", ""),
    (COPIED + f"(func (table.copy $x $y {ZEROS}) (table.set $y (i32.const 0) (ref.null func)))", "b d"),
    # R3: an element that is not plain.
    (WRITTEN + "(global $g funcref (ref.null func)) (elem (table $x) (i32.const 0) funcref (global.get $g))", "a"),
    (WRITTEN + "(global $g funcref (ref.null func)) (elem (table $y) (i32.const 0) funcref (global.get $g))", ""),
    (
        f"(global $g funcref (ref.null func)) {WRITTEN}".replace(
            "(table $x 4 funcref)", "(table $x 4 funcref (global.get $g))"
        ),
        "a",
    ),
    (
        SEGMENTS
        + f"(global $g funcref (ref.null func)) (elem $h funcref (global.get $g)) (func (table.init $x $h {ZEROS}))",
        "a b",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CONTENTS)
def test_r2_r3_contents_of_tables(text: str, expected: str) -> None:
    assert called(text) == expected


IMPORTED = f'{T} (import "m" "x" (table $x 4 funcref)) {FUNCTIONS} (table $y 4 funcref) {CALL_X}'
CALL_Y = CALL_X.replace("$x", "$y")
CROSSING = '(func (export "cross") (param funcref))'

OPEN = [
    (TABLES, ""),
    (TABLES + '(export "x" (table $x))', " ?"),
    (TABLES + '(export "y" (table $y))', ""),
    (IMPORTED, " ?"),
    (IMPORTED.replace(CALL_X, CALL_Y), ""),
    # An open table's contents include all references and all exported functions, of the type.
    (IMPORTED + "(elem declare func $a)", "a ?"),
    (IMPORTED + '(export "b" (func $b)) (export "c" (func $c))', "b ?"),
    (TABLES + '(export "x" (table $x)) (export "b" (func $b)) (elem func $a)', "a b ?"),
    # table.copy out of an open table opens the other.
    (IMPORTED.replace(CALL_X, CALL_Y) + f"(func (table.copy $y $x {ZEROS}))", " ?"),
    (IMPORTED.replace(CALL_X, CALL_Y) + f"(func (table.copy $x $y {ZEROS}))", ""),
    (TABLES + f'(export "z" (table $z)) (func (table.copy $x $y {ZEROS}) (table.copy $y $z {ZEROS}))', " ?"),
    # A table that takes all references is open while the references are.
    (WRITTEN + "(func (table.set $x (i32.const 0) (ref.null func)))" + CROSSING, "a ?"),
    (WRITTEN + CROSSING, ""),
    (WRITTEN + "(func (table.set $y (i32.const 0) (ref.null func)))" + CROSSING, ""),
    (
        WRITTEN + f"(func (table.set $y (i32.const 0) (ref.null func)) (table.copy $x $y {ZEROS}))" + CROSSING,
        "a ?",
    ),
]


@pytest.mark.parametrize(("text", "expected"), OPEN)
def test_r4_open_tables(text: str, expected: str) -> None:
    assert called(text) == expected


def test_r4_tables_inside_a_component_never_reach_the_host() -> None:
    found = component(f"""
      (core module $A {TABLES} (export "x" (table $x)) (export "b" (func $b)))
      (core instance $a (instantiate $A))""")
    assert calls(found) == ""
    linked = component(f"""
      (core module $A {T} {FUNCTIONS} (table (export "x") 4 funcref) (elem (i32.const 0) func $a))
      (core instance $a (instantiate $A))
      (core module $B {T} (import "a" "x" (table $x 4 funcref)) {CALL_X})
      (core instance (instantiate $B (with "a" (instance $a))))""")
    assert calls(linked) == "a"


BASE = f"{T} {FUNCTIONS} {BY_REFERENCE}"
BOUNDARY = [
    (BASE, ""),
    (f'{T} (import "m" "f" (func (param funcref))) {FUNCTIONS} {BY_REFERENCE}', " ?"),
    (f'{T} (import "m" "f" (func (result (ref null $t)))) {FUNCTIONS} {BY_REFERENCE}', " ?"),
    (f'{T} (import "m" "f" (func (param externref i32))) {FUNCTIONS} {BY_REFERENCE}', ""),
    (BASE + '(func (export "f") (param anyref))', " ?"),
    (BASE + '(func (export "f") (result i31ref) (unreachable))', " ?"),
    (BASE + '(func (export "f") (param externref) (result externref) (unreachable))', ""),
    (BASE + "(func (param funcref))", ""),
    (f'{T} (import "m" "e" (tag (param funcref))) {FUNCTIONS} {BY_REFERENCE}', " ?"),
    (f'{T} (import "m" "e" (tag (param externref))) {FUNCTIONS} {BY_REFERENCE}', ""),
    (BASE + '(tag (export "e") (param exnref))', " ?"),
    (BASE + "(tag (param funcref))", " ?"),
    (BASE + "(tag (param i32))", ""),
    (f'{T} (import "m" "g" (global funcref)) {FUNCTIONS} {BY_REFERENCE}', " ?"),
    (f'{T} (import "m" "g" (global externref)) {FUNCTIONS} {BY_REFERENCE}', ""),
    (BASE + '(global (export "g") structref (ref.null struct))', " ?"),
    (BASE + '(global (export "g") externref (ref.null extern))', ""),
    (BASE + "(global structref (ref.null struct))", ""),
    # Tables of objects; tables of functions are not enough.
    (BASE + '(table (export "x") 1 anyref)', " ?"),
    (f'{T} (import "m" "x" (table 1 structref)) {FUNCTIONS} {BY_REFERENCE}', " ?"),
    (BASE + "(table 1 anyref)", ""),
    (BASE + '(table (export "x") 1 externref)', ""),
    (BASE + '(table (export "x") 1 funcref)', ""),
    # Conversions, in bodies and constants.
    (BASE + "(func (drop (any.convert_extern (ref.null extern))))", " ?"),
    (BASE + "(func (drop (extern.convert_any (ref.null any))))", " ?"),
    (BASE + "(func (drop (ref.null extern)))", ""),
    (BASE + "(global anyref (any.convert_extern (ref.null extern)))", " ?"),
    (BASE + "(global externref (extern.convert_any (ref.null any)))", " ?"),
    (BASE + "(elem externref (extern.convert_any (ref.null any)))", " ?"),
    # What is in an open table is called by the host, and calls it.
    (BASE + '(table (export "x") 1 funcref) (func $h (param funcref)) (elem declare func $h)', " ?"),
    (BASE + '(table (export "x") 1 funcref) (func $h (param externref)) (elem declare func $h)', ""),
    (BASE + "(table 1 funcref) (func $h (param funcref)) (elem declare func $h)", ""),
    (
        BASE
        + '(table $x (export "x") 1 funcref) (func (call_indirect $x (param funcref) (ref.null func) (i32.const 0)))',
        " ?",
    ),
    (
        BASE
        + '(table $x (export "x") 1 funcref)'
        + "(func (call_indirect $x (param externref) (ref.null extern) (i32.const 0)))",
        "",
    ),
    (BASE + "(table $x 1 funcref) (func (call_indirect $x (param funcref) (ref.null func) (i32.const 0)))", ""),
]


@pytest.mark.parametrize(("text", "expected"), BOUNDARY)
def test_r5_references_that_cross_the_boundary(text: str, expected: str) -> None:
    assert called(text) == expected


def test_r5_nothing_crosses_in_a_component() -> None:
    found = component(f"""
      (core module $A {BASE} (func (export "f") (param funcref)) (func (drop (any.convert_extern (ref.null extern))))
        (table (export "x") 1 anyref))
      (core instance (instantiate $A))""")
    assert calls(found) == ""


READ = [
    (BASE + '(table $x (export "x") 1 funcref) (func (drop (table.get $x (i32.const 0))))', " ?"),
    (BASE + '(table $x (export "x") 1 funcref) (func (table.set $x (i32.const 0) (ref.null func)))', ""),
    (BASE + "(table $x 1 funcref) (func (drop (table.get $x (i32.const 0))))", ""),
    (BASE + '(table $x (export "x") 1 externref) (func (drop (table.get $x (i32.const 0))))', ""),
    # Reached only through a copy: R4 and R6 to a fixed point.
    (
        BASE
        + '(table $x (export "x") 1 funcref) (table $y 1 funcref)'
        + f"(func (table.copy $y $x {ZEROS}) (drop (table.get $y (i32.const 0))))",
        " ?",
    ),
    (
        BASE
        + '(table $x (export "x") 1 funcref) (table $y 1 funcref)'
        + f"(func (table.copy $x $y {ZEROS}) (drop (table.get $y (i32.const 0))))",
        "",
    ),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_r6_references_read_from_open_tables(text: str, expected: str) -> None:
    assert called(text) == expected


def test_r6_a_table_filled_with_what_was_read_is_open() -> None:
    """Read from the exported table, set into the private one, called there."""
    text = (
        f'{T} {FUNCTIONS} (table $x 1 funcref) (table $y (export "y") 1 funcref) {CALL_X}'
        "(func (table.set $x (i32.const 0) (table.get $y (i32.const 0))))"
    )
    assert called(text) == " ?"
    assert called(text.replace('(export "y")', "")) == ""


def test_r7_says_why() -> None:
    assert list(graph(IMPORTED).unseen.values()) == ["table m.x is imported from the host"]
    assert list(graph(TABLES + '(export "x" (table $x))').unseen.values()) == ["table x is open to the host"]
    crossed = graph(BASE + '(func (export "f") (param anyref))')
    assert list(crossed.unseen.values()) == ["the export f passes a reference"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(memory 1)", []),
        ('(memory (export "m") 1)', ["m"]),
        ('(memory (export "m") (export "n") 1)', ["m"]),
        ('(memory (export "m") 1 2)', ["m"]),
        ('(memory (export "m") 2 2)', []),
        ('(import "e" "m" (memory 1))', ["e.m"]),
        ('(import "e" "m" (memory 1 1))', []),
        ('(import "e" "m" (memory 1)) (memory (export "n") 1) (memory 1) (export "o" (memory 0))', ["e.m", "n"]),
        ('(memory (export "m") i64 1 5)', ["m"]),
    ],
)
def test_h2_memories_that_the_host_can_grow(text: str, names: list[str]) -> None:
    assert list(host_memories(module(text))) == names


def test_h2_memories_of_a_component_never_reach_the_host() -> None:
    found = component('(core module $A (memory (export "m") 1)) (core instance (instantiate $A))')
    assert list(host_memories(found.world)) == []


@pytest.mark.parametrize(
    ("name", "is_root"),
    [
        ("cabi_realloc", True),
        ("cabi_realloc$0", True),
        ("cabi_realloc$12", True),
        ("canonical_abi_realloc", True),
        ("cabi_import_realloc", True),
        ("cabi_export_realloc", True),
        ("cm32p2_realloc", True),
        ("cabi_realloc$", False),
        ("cabi_realloc$x", False),
        ("cabi_realloc$1\\n", False),
        ("cabi_realloc2", False),
        ("_cabi_realloc", False),
        ("realloc", False),
        ("CABI_REALLOC", False),
    ],
)
def test_t1_roots_of_a_core_module(name: str, is_root: bool) -> None:
    found = graph(f'(func $a) (func $r) (memory 1) (export "m" (memory 0)) (export "{name}" (func $r))')
    assert [shown(found, root.node) for root in realloc_roots(found)] == ["r"] * is_root


def test_t1_an_imported_realloc_that_is_exported_again() -> None:
    found = graph('(import "m" "f" (func $f)) (export "cabi_realloc" (func $f))')
    assert [root.definition for root in realloc_roots(found)] == [FromHost("m.f")]


def test_t1_a_memory_of_that_name_is_no_root() -> None:
    found = graph('(memory (export "cabi_realloc") 1)')
    assert list(realloc_roots(found)) == []


ENTRIES = "(func $a) (func $b) (func $c (param i32)) (table $x 2 funcref)"


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (ENTRIES, ""),
        (ENTRIES + '(export "a" (func $a))', "a"),
        (ENTRIES + '(export "a" (func $a)) (export "other" (func $a)) (export "b" (func $b))', "a b"),
        (ENTRIES + "(start $b)", "b"),
        ('(import "m" "f" (func $f)) (start $f)', "m.f"),
        (ENTRIES + "(elem (i32.const 0) func $a)", ""),
        (ENTRIES + '(elem (i32.const 0) func $a) (export "x" (table $x))', "a"),
        # Of an open table the contents are all references.
        (ENTRIES + '(elem (i32.const 0) func $a) (elem func $c) (export "x" (table $x))', "a c"),
        (ENTRIES + '(elem func $c) (table (export "y") 1 externref)', ""),
        # With open references the host can call what it is handed.
        (ENTRIES + '(elem func $c) (global (export "g") (mut funcref) (ref.null func))', "c"),
        (ENTRIES + "(elem func $c) (global (mut funcref) (ref.null func))", ""),
    ],
)
def test_t2_entries_of_a_core_module(text: str, entries: str) -> None:
    found = graph(text)
    assert " ".join(sorted({shown(found, root.node) for root in module_entries(found)})) == entries


def test_t2_entries_of_a_component() -> None:
    """The start functions, and what the canonical definitions name; the exports of a core instance are no entries."""
    text = """
      (core module $A (memory (export "m") 1)
        (func $exported (export "e"))
        (func $started)
        (func $lifted (export "l") (param i32 i32) (result i32) (unreachable))
        (func $after (export "p") (param i32))
        (func $realloc (export "r") (param i32 i32 i32 i32) (result i32) (unreachable))
        START)
      (core instance $a (instantiate $A))
      (func (export "f") (param "x" string) (result string)
        (canon lift (core func $a "l") (memory (core memory $a "m")) (realloc (core func $a "r")) POST))"""

    def entries(start: str, post: str) -> set[str]:
        found = component(text.replace("START", start).replace("POST", post))
        return {shown(found, root.node) for root in module_entries(found)}

    assert entries("", "") == {"lifted", "realloc"}
    assert entries("(start $started)", "") == {"lifted", "realloc", "started"}
    assert entries("", '(post-return (core func $a "p"))') == {"lifted", "realloc", "after"}


NAMED = '(func $a) (func $b (export "x")) (func $c (export "b"))'


@pytest.mark.parametrize(
    ("wanted", "roots"),
    [
        (("a",), {"a"}),
        (("x",), {"b"}),
        (("b",), {"b", "c"}),  # one by its name, one by its export
        (("a", "x"), {"a", "b"}),
        (("a", "nobody"), set()),  # none at all if one of the names is no function's
        (("nobody",), set()),
    ],
)
def test_t4_named_roots(wanted: tuple[str, ...], roots: set[str]) -> None:
    found = graph(NAMED)
    assert {shown(found, root.node) for root in named_roots(found, FunctionNames(found.world), wanted)} == roots


def test_t3_named_roots_replace_those_of_the_rule() -> None:
    found = graph('(func $a) (func $r (export "cabi_realloc"))')
    names = FunctionNames(found.world)
    assert [root.node for root in realloc_no_grow(found, names, ()).roots] == [node(found, "r")]
    named = realloc_no_grow(found, names, ("a",))
    assert ([root.node for root in named.roots], named.root_names) == ([node(found, "a")], ("a",))


def test_t3_the_goal_is_every_allocator_entry() -> None:
    found = graph(
        '(import "env" "malloc" (func $imported)) (func $poll) (func $free) (func $g (export "calloc"))'
        "(func $std::alloc::__rust_alloc) (func $my_malloc)"
    )
    obligation = no_alloc_path(found, FunctionNames(found.world), ("poll",), ())
    assert {shown(found, one) for one in obligation.goal} == {"env.malloc", "g", "std::alloc::__rust_alloc"}
    assert obligation.goal_names == tuple(sorted(ALLOCATOR_NAMES))
    few = no_alloc_path(found, FunctionNames(found.world), ("poll",), ("free", "free"))
    assert ({shown(found, one) for one in few.goal}, few.goal_names) == ({"free"}, ("free",))


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("malloc", True),
        ("dlmalloc::malloc", True),
        ("env.malloc", True),
        ("wit$malloc", True),
        ("my_malloc", False),
        ("malloc_usable_size", False),
        ("malloc::inner", False),
        ("malloc.llvm.7", True),
        ("std::malloc.part.0", True),
        ("malloc$inner", False),
        ("_ZN5alloc5alloc6malloc17h0123456789abcdefE", True),
        ("_ZN5alloc5alloc9my_malloc17h0123456789abcdefE", False),
        ("_ZN6malloc5inner17h0123456789abcdefE", True),  # a path segment equals the name
        ("_RNvCs1234_7mycrate6malloc", True),
        ("_RNvCs1234_7mycrate9my_malloc", False),
        ("", False),
        ("_ZN", False),
    ],
)
def test_names_of_allocators(name: str, matches: bool) -> None:
    assert AllocatorNames(("malloc",))(name) is matches


def test_a_file_of_many_instances_keeps_them_apart() -> None:
    """The same module twice: nodes, edges and grows of each by itself."""
    found = component("""
      (core module $A (import "n" "f" (func $f)) (memory 1)
        (func $grow (export "g") (drop (memory.grow (i32.const 1)))) (func $next (export "next") (call $f)))
      (core module $Z (func $end (export "f")))
      (core instance $z (instantiate $Z))
      (core instance $one (instantiate $A (with "n" (instance $z))))
      (core instance $n (export "f" (func $one "g")))
      (core instance $two (instantiate $A (with "n" (instance $n))))""")
    assert [found.vertex(number) for number in range(found.first[-1])] == [
        Defined(0, 0),
        Defined(1, 1),
        Defined(1, 2),
        Defined(2, 1),
        Defined(2, 2),
    ]
    assert [list(found.successors(number)) for number in range(5)] == [[], [], [0], [], [1]]
    assert found.grows == {1, 3}
    assert all(
        found.node(vertex) == number
        for number, vertex in enumerate(map(found.vertex, range(5)))
        if isinstance(vertex, Defined)
    )

"""Closed sets of core modules: each rule with a right certificate and a twin that is broken by little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from certificate_text import accepted, assemble, assume, certificate, closed_set, rejected

REALLOC = '(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)'


def realloc_case(
    folder: Path, text: str, members: list[list[Any]], *assumptions: str, root: int
) -> tuple[Path, dict[str, Any]]:
    path = assemble(folder, f"(module {text})")
    return path, certificate(path, "realloc-no-grow", closed_set([[0, root]], members), assume(*assumptions))


DIRECT = f"""
  (import "env" "f" (func $f))
  (memory (export "m") 1 2)
  {REALLOC} call $f call $g i32.const 0)
  (func $g)
  (func $grows (export "x") (drop (memory.grow (i32.const 1))))"""


def test_direct_calls_with_host_function_and_memory(tmp_path: Path) -> None:
    """E1, E4, H1, H2."""
    path, document = realloc_case(tmp_path, DIRECT, [[0, "1-2"]], "host-function env.f", "host-memory m", root=1)
    accepted(path, document)


@pytest.mark.parametrize(
    ("members", "roots", "assumptions", "reason"),
    [
        ([[0, "1"]], [[0, 1]], ["host-function env.f", "host-memory m"], "function 2: no member"),
        ([[0, "2"]], [[0, 1]], ["host-function env.f", "host-memory m"], "a root leads to"),
        ([], [[0, 1]], ["host-function env.f", "host-memory m"], "a root leads to"),
        ([[0, "1-3"]], [[0, 1]], ["host-function env.f", "host-memory m"], "memory.grow in a member"),
        ([[0, "1-4"]], [[0, 1]], ["host-function env.f", "host-memory m"], "does not define them all"),
        ([[0, "0-2"]], [[0, 1]], ["host-function env.f", "host-memory m"], "does not define them all"),
        ([[1, "1-2"]], [[0, 1]], ["host-function env.f", "host-memory m"], "no core instance 1"),
        ([[0, "1-2"]], [[0, 2]], ["host-function env.f", "host-memory m"], "function 1 is missing"),
        ([[0, "1-2"]], [[0, 1], [0, 2]], ["host-function env.f", "host-memory m"], "function 2 is none"),
        ([[0, "1-2"]], [[0, 1]], ["host-memory m"], "host-function env.f is asked for"),
        ([[0, "1-2"]], [[0, 1]], ["host-function env.f"], "host-memory m is asked for"),
        ([[0, "1-2"]], [[0, 1]], ["host-function env.f", "host-function env.g", "host-memory m"], "not asked for"),
        ([[0, "1-2"]], [[0, 1]], ["host-function env.f", "host-memory m", "host-tables"], "host-tables is listed"),
    ],
)
def test_broken_twins(
    tmp_path: Path, members: list[list[Any]], roots: list[list[int]], assumptions: list[str], reason: str
) -> None:
    path = assemble(tmp_path, f"(module {DIRECT})")
    rejected(path, certificate(path, "realloc-no-grow", closed_set(roots, members), assume(*assumptions)), reason)


def test_a_member_that_no_root_reaches_is_no_fault(tmp_path: Path) -> None:
    text = DIRECT.replace("(drop (memory.grow (i32.const 1)))", "")
    path, document = realloc_case(tmp_path, text, [[0, "1-3"]], "host-function env.f", "host-memory m", root=1)
    accepted(path, document)


@pytest.mark.parametrize("limits", ["1 1", "1 2", "1"])
def test_host_memory_is_asked_for_where_there_is_room(tmp_path: Path, limits: str) -> None:
    """H2."""
    asked = [] if limits == "1 1" else ["host-memory env.mem"]
    text = f'(import "env" "mem" (memory {limits})) (export "m" (memory 0)) {REALLOC} i32.const 0)'
    path, document = realloc_case(tmp_path, text, [[0, "0"]], *asked, root=0)
    accepted(path, document)


def test_tail_calls_are_edges(tmp_path: Path) -> None:
    """E1."""
    text = f"{REALLOC} return_call $g) (func $g (result i32) i32.const 0)"
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0"]], root=0)
    rejected(path, document, "function 1: no member")


@pytest.mark.parametrize("call", ["call_indirect", "return_call_indirect"])
def test_an_indirect_call_reaches_what_matches_in_the_table(tmp_path: Path, call: str) -> None:
    """E2, E5: the function of another type is not reached; a table of another name neither."""
    text = f"""
      (type $t (func (result i32))) (table $a 2 funcref) (table $b 1 funcref) (memory 1)
      {REALLOC} ({call} $a (type $t) (i32.const 0)))
      (func $in (result i32) i32.const 0)
      (func $other (drop (memory.grow (i32.const 1))))
      (func $elsewhere (result i32) (memory.grow (i32.const 1)))
      (elem (table $a) (i32.const 0) func $in $other) (elem (table $b) (i32.const 0) func $elsewhere)"""
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0"]], root=0)
    rejected(path, document, "calls through table 0")


def test_a_subtype_in_the_table_is_reached(tmp_path: Path) -> None:
    """E5, E7: equal recursion groups are one type, a declared subtype matches."""
    text = f"""
      (rec (type $t (sub (func (result i32))))) (type $s (sub $t (func (result i32))))
      (rec (type $u (sub (func (result i32)))))
      (table 2 funcref) (elem (i32.const 0) func $f $g)
      {REALLOC} (call_indirect (type $u) (i32.const 0)))
      (func $f (type $s) i32.const 0) (func $g (type $t) i32.const 0)"""
    path, document = realloc_case(tmp_path, text, [[0, "0-2"]], root=0)
    accepted(path, document)
    for members in ("0-1", "0,2"):
        path, document = realloc_case(tmp_path, text, [[0, members]], root=0)
        rejected(path, document, "calls through table 0")


REFERENCE = f"""
  (type $t (func (result i32))) (memory 1)
  {REALLOC} (call_ref $t (ref.null $t)))
  (func $a (type $t) i32.const 0)"""


@pytest.mark.parametrize(
    "named",
    ["(elem declare func $a)", "(elem func $a)", "(elem declare func $a) (func (drop (ref.func $a)))",
     "(global (ref null $t) (ref.func $a))", "(table 1 (ref null $t) (ref.func $a))"],
)  # fmt: skip
def test_a_call_by_reference_reaches_the_references(tmp_path: Path, named: str) -> None:
    """E3, E6, R1."""
    path, document = realloc_case(tmp_path, REFERENCE + named, [[0, "0-1"]], root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, REFERENCE + named, [[0, "0"]], root=0)
    rejected(path, document, "calls through a reference")


def test_a_function_that_nothing_names_is_no_reference(tmp_path: Path) -> None:
    path, document = realloc_case(tmp_path, REFERENCE, [[0, "0"]], root=0)
    accepted(path, document)


WRITTEN = f"""
  (type $t (func (result i32))) (table $a 1 funcref) (table $b 1 funcref) (elem $p func $f)
  {REALLOC} (call_indirect $a (type $t) (i32.const 0)))
  (func $f (type $t) i32.const 0)"""


@pytest.mark.parametrize(
    ("body", "elements"),
    [
        ("(table.set $a (i32.const 0) (ref.null func))", ""),
        ("(table.fill $a (i32.const 0) (ref.null func) (i32.const 0))", ""),
        ("(drop (table.grow $a (ref.null func) (i32.const 0)))", ""),
        ("(table.init $a $p (i32.const 0) (i32.const 0) (i32.const 0))", ""),
        ("(table.copy $a $b (i32.const 0) (i32.const 0) (i32.const 0))", "(elem (table $b) (i32.const 0) func $f)"),
        ("", "(elem (table $a) (i32.const 0) funcref (ref.func $f))"),
        ("", "(global $g funcref (ref.func $f)) (elem (table $a) (i32.const 0) funcref (global.get $g))"),
    ],
)
def test_what_is_written_to_a_table_is_in_it(tmp_path: Path, body: str, elements: str) -> None:
    """R2, R3; the body that writes is no member."""
    text = f"{WRITTEN} (func {body}) {elements}"
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0"]], root=0)
    rejected(path, document, "calls through table 0")


def test_a_table_that_nothing_writes_is_empty(tmp_path: Path) -> None:
    path, document = realloc_case(tmp_path, f"{WRITTEN} (func)", [[0, "0"]], root=0)
    accepted(path, document)


@pytest.mark.parametrize("opening", ['(import "env" "t" (table $t 1 funcref))', '(table $t (export "t") 1 funcref)'])
def test_an_open_table_needs_its_assumption_and_holds_the_exports(tmp_path: Path, opening: str) -> None:
    """R4, R7: the host may put any exported function into it."""
    text = f"""{opening} (type $v (func)) (type $r (func (result i32)))
      {REALLOC} (call_indirect $t (type $v) (i32.const 0)) i32.const 0) (func (export "e")) (func)"""
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], "host-tables", root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], root=0)
    rejected(path, document, "host-tables is asked for")
    path, document = realloc_case(tmp_path, text, [[0, "0"]], "host-tables", root=0)
    rejected(path, document, "calls through table 0")


def test_a_closed_table_asks_for_nothing(tmp_path: Path) -> None:
    text = f"(table 1 funcref) (type $v (func)) {REALLOC} (call_indirect (type $v) (i32.const 0)) i32.const 0)"
    path, document = realloc_case(tmp_path, text, [[0, "0"]], root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0"]], "host-tables", root=0)
    rejected(path, document, "host-tables is listed")


@pytest.mark.parametrize(
    "opens",
    [
        '(import "env" "o" (table $o 1 funcref)) (func (table.copy $t $o (i32.const 0) (i32.const 0) (i32.const 0)))',
        '(import "env" "o" (table $o 1 funcref)) (func (table.set $t (i32.const 0) (table.get $o (i32.const 0))))',
        '(import "env" "g" (global $g funcref)) (func (table.set $t (i32.const 0) (global.get $g)))',
        '(import "env" "g" (global $g funcref)) (elem (table $t) (i32.const 0) funcref (global.get $g))',
        '(import "env" "h" (func (param funcref))) (func (table.set $t (i32.const 0) (ref.null func)))',
    ],
)
def test_a_table_is_open_through_what_is_put_into_it(tmp_path: Path, opens: str) -> None:
    """R4 to R6, also where the references are open by R6 alone."""
    imports = 1 if "(func (param" in opens else 0
    text = f"""{opens} (table $t 1 funcref) (type $v (func (param i64)))
      {REALLOC} (call_indirect $t (type $v) (i64.const 0) (i32.const 0)) i32.const 0)"""
    root = imports + (0 if "elem" in opens else 1)
    path, document = realloc_case(tmp_path, text, [[0, str(root)]], "host-tables", root=root)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, str(root)]], root=root)
    rejected(path, document, "host-tables is asked for")


@pytest.mark.parametrize(
    ("crosses", "open_"),
    [
        ('(import "e" "f" (func (param funcref)))', True),
        ('(import "e" "f" (func (param externref)))', False),
        ('(import "e" "g" (global (ref null any)))', True),
        ('(import "e" "g" (global externref))', False),
        ('(import "e" "t" (tag (param anyref)))', True),
        ('(func (export "x") (param externref) (drop (any.convert_extern (local.get 0))))', True),
        ('(func (export "x") (result funcref) (ref.null func))', True),
        ("(func (result funcref) (ref.null func))", False),
        ('(global (export "x") (ref null struct) (ref.null struct))', True),
        ('(import "e" "t" (table 1 funcref)) (func (drop (table.get 0 (i32.const 0))))', True),
        ('(import "e" "t" (table 1 externref)) (func (drop (table.get 0 (i32.const 0))))', False),
    ],
)
def test_references_open(tmp_path: Path, crosses: str, open_: bool) -> None:
    """R5, R6."""
    root = crosses.count("(func") - crosses.count('"t" (func')
    text = f"{crosses} (type $v (func (param i64))) {REALLOC} (call_ref $v (i64.const 0) (ref.null $v)) i32.const 0)"
    path, document = realloc_case(tmp_path, text, [[0, str(root)]], *(["host-tables"] if open_ else []), root=root)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, str(root)]], *([] if open_ else ["host-tables"]), root=root)
    rejected(path, document, "host-tables")


def test_open_references_include_the_exports(tmp_path: Path) -> None:
    """R1."""
    text = f"""(import "e" "g" (global funcref)) (type $v (func))
      {REALLOC} (call_ref $v (ref.null $v)) i32.const 0) (func (export "x"))"""
    path, document = realloc_case(tmp_path, text, [[0, "0-1"]], "host-tables", root=0)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "0"]], "host-tables", root=0)
    rejected(path, document, "calls through a reference")


ENTRIES = """(module (memory 1) (table (export "t") 4 funcref) (start $s)
  (func $s) (func (export "e")) (func $held) (func $set (param i32)) (func (drop (memory.grow (i32.const 1))))
  (elem (i32.const 0) func $held) (elem declare func $set))"""


def test_entries_of_a_core_module(tmp_path: Path) -> None:
    """T2: exports, the start function and what an open table holds, all references included."""
    path = assemble(tmp_path, ENTRIES)
    roots = [[0, 0], [0, 1], [0, 2], [0, 3]]
    accepted(path, certificate(path, "module-no-grow", closed_set(roots, [[0, "0-3"]]), []))
    for missing in roots:
        fewer = [root for root in roots if root != missing]
        rejected(
            path, certificate(path, "module-no-grow", closed_set(fewer, [[0, "0-3"]]), []),
            f"evidence.roots: core instance 0, function {missing[1]} is missing",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_root"),
    [("cabi_realloc", True), ("cabi_realloc$12", True), ("canonical_abi_realloc", True), ("cabi_import_realloc", True),
     ("cabi_export_realloc", True), ("cm32p2_realloc", True), ("cabi_realloc$x", False), ("realloc", False)],
)  # fmt: skip
def test_names_of_reallocs(tmp_path: Path, name: str, is_root: bool) -> None:
    """T1."""
    path = assemble(tmp_path, f'(module (func (export "{name}")) (func (export "cabi_realloc$1")))')
    roots = [[0, 0], [0, 1]] if is_root else [[0, 1]]
    accepted(path, certificate(path, "realloc-no-grow", closed_set(roots, [[0, "0-1"]]), []))


def test_a_root_that_the_host_provides_is_followed(tmp_path: Path) -> None:
    text = '(import "e" "f" (func)) (export "cabi_realloc" (func 0)) (func (export "cabi_realloc$1"))'
    path, document = realloc_case(tmp_path, text, [[0, "1"]], "host-function e.f", root=1)
    accepted(path, document)
    path, document = realloc_case(tmp_path, text, [[0, "1"]], root=1)
    rejected(path, document, "host-function e.f is asked for")


def test_text_subjects_are_hashed_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "subject.wat"
    path.write_text('(module (func (export "cabi_realloc")))')
    accepted(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), []))
    path.write_text("(module (func")
    rejected(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), []), "no binary, and no text")

"""Components: linking, canonical functions, resources, and what each realloc is needed by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from certificate_text import accepted, assemble, assume, certificate, closed_set, needed_by, rejected

# the trap of linking: a module whose realloc is an indirect call through a table that a third module fills
LINKED = """(component
  (core module $shim (table (export "t") 1 funcref)
    (type $r (func (param i32 i32 i32 i32) (result i32)))
    (func (export "cabi_realloc") (type $r)
      (call_indirect (type $r) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
  (core module $libc (memory (export "m") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) GROW))
  (core module $fill (import "s" "t" (table 1 funcref))
    (import "l" "realloc" (func $f (param i32 i32 i32 i32) (result i32)))
    (elem (i32.const 0) func $f))
  (core module $main (func (export "run") (param i32 i32)))
  (core instance $s (instantiate $shim))
  (core instance $l (instantiate $libc))
  (core instance (instantiate $fill (with "s" (instance $s)) (with "l" (instance $l))))
  (core instance $m (instantiate $main))
  (func (export "run") (param "x" string)
    (canon lift (core func $m "run") (memory (core memory $l "m")) (realloc (core func $s "cabi_realloc")))))"""


def test_linking_through_a_shared_table(tmp_path: Path) -> None:
    """G2, G3, T1, R2: what the table holds is found across three core instances."""
    path = assemble(tmp_path, LINKED.replace("GROW", "i32.const 0"))
    accepted(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"], [1, "0"]]), []))
    rejected(
        path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), []),
        "calls through table 0 leads to core instance 1, function 0: no member",
    )  # fmt: skip
    path = assemble(tmp_path, LINKED.replace("GROW", "(memory.grow (i32.const 1))"))
    for members in ([[0, "0"], [1, "0"]], [[0, "0"]]):
        rejected(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], members), []), "")


def test_entries_of_a_component(tmp_path: Path) -> None:
    """T2."""
    path = assemble(tmp_path, LINKED.replace("GROW", "i32.const 0"))
    roots, members = [[0, 0], [3, 0]], [[0, "0"], [1, "0"], [3, "0"]]
    accepted(path, certificate(path, "module-no-grow", closed_set(roots, members), []))
    rejected(path, certificate(path, "module-no-grow", closed_set(roots[:1], members), []), "core instance 3")


CALLS = """(component
  (import "wasi:io/streams@0.2.3" (instance $s
    (export "stream" (type $r (sub resource)))
    (export "[method]stream.write" (func (param "self" (borrow $r)) (result string)))))
  (alias export $s "stream" (type $stream))
  (core module $libc (memory (export "m") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "post") (param i32)) (func (export "dtor") (param i32)))
  (core instance $l (instantiate $libc))
  (core func $write (canon lower (func $s "[method]stream.write")
    (memory (core memory $l "m")) (realloc (core func $l "cabi_realloc"))))
  (core func $drop (canon resource.drop $stream))
  (type $own (resource (rep i32) (dtor (core func $l "dtor"))))
  (core func $drop_own (canon resource.drop $own))
  (core module $inner (func (export "run") (result i32) i32.const 0))
  (core instance $i (instantiate $inner))
  (func $lifted (result string) (canon lift (core func $i "run") (memory (core memory $l "m"))
    (post-return (core func $l "post"))))
  (core func $again (canon lower (func $lifted) (memory (core memory $l "m")) (realloc (core func $l "cabi_realloc"))))
  (core module $main
    (import "h" "write" (func $write (param i32 i32))) (import "h" "drop" (func $drop (param i32)))
    (import "h" "drop_own" (func $drop_own (param i32))) (import "h" "again" (func $again (param i32)))
    (func $a (call $write (i32.const 0) (i32.const 0))) (func $b (call $drop (i32.const 0)))
    (func $c (call $drop_own (i32.const 0))) (func $d (call $again (i32.const 0))) (func $e))
  (core instance $m (instantiate $main (with "h" (instance
    (export "write" (func $write)) (export "drop" (func $drop))
    (export "drop_own" (func $drop_own)) (export "again" (func $again))))))
)"""

STREAMS = "wasi:io/streams@0.2.3"


def named(path: Path, root: str, index: int, members: list[list[Any]], *assumptions: str) -> dict[str, Any]:
    evidence = closed_set([[2, index]], members, roots_by="name", root_names=[root])
    return certificate(path, "realloc-no-grow", evidence, assume(*assumptions))


@pytest.mark.parametrize(
    ("root", "index", "members", "assumptions"),
    [
        ("a", 4, [[0, "0"], [2, "4"]], ["canonical-builtins", f"host-function {STREAMS}/[method]stream.write"]),
        ("b", 5, [[2, "5"]], ["canonical-builtins", f"host-function {STREAMS}/[resource-drop]stream"]),
        ("c", 6, [[0, "2"], [2, "6"]], ["canonical-builtins"]),
        ("d", 7, [[0, "0-1"], [1, "0"], [2, "7"]], ["canonical-builtins"]),
        ("e", 8, [[2, "8"]], []),
    ],
)
def test_canonical_functions_lead_on(
    tmp_path: Path, root: str, index: int, members: list[list[Any]], assumptions: list[str]
) -> None:
    """C1 (lower of a lift: core function, post-return, realloc), C2, C3, H1, T4."""
    path = assemble(tmp_path, CALLS)
    accepted(path, named(path, root, index, members, *assumptions))
    for missing in members:
        fewer = [member for member in members if member != missing]
        rejected(path, named(path, root, index, fewer, *assumptions), "no member")
    for left_out in assumptions:
        fewer_assumptions = [assumption for assumption in assumptions if assumption != left_out]
        rejected(path, named(path, root, index, members, *fewer_assumptions), "is asked for and not listed")


def test_destructors_and_lifts_are_entries(tmp_path: Path) -> None:
    """T2."""
    path = assemble(tmp_path, CALLS)
    roots, members = [[0, 0], [0, 1], [0, 2], [1, 0]], [[0, "0-2"], [1, "0"]]
    accepted(path, certificate(path, "module-no-grow", closed_set(roots, members), []))
    for missing in roots:
        fewer = [root for root in roots if root != missing]
        rejected(path, certificate(path, "module-no-grow", closed_set(fewer, members), []), "is missing")


def test_spawned_threads(tmp_path: Path) -> None:
    """C4: `thread.new-indirect` leads to each of the references."""
    text = """(component
      (core module $t (table (export "t") 1 funcref) (func $held (param i32)) (elem (i32.const 0) func $held))
      (core instance $i (instantiate $t)) (core type $f (func (param i32)))
      (alias core export $i "t" (core table $tab))
      (core func $new (canon thread.new-indirect $f (core table $tab)))
      (core module $main (import "h" "n" (func $n (param i32 i32) (result i32)))
        (func $a (drop (call $n (i32.const 0) (i32.const 0)))))
      (core instance (instantiate $main (with "h" (instance (export "n" (func $new)))))))"""
    path = assemble(tmp_path, text)
    for members, ok in (([[0, "0"], [1, "1"]], True), ([[1, "1"]], False)):
        evidence = closed_set([[1, 1]], members, roots_by="name", root_names=["a"])
        document = certificate(path, "realloc-no-grow", evidence, assume("canonical-builtins"))
        if ok:
            accepted(path, document)
        else:
            rejected(path, document, "function 0: no member")


def test_nested_components_are_instantiated_anew(tmp_path: Path) -> None:
    """G2, G3: two instances of one module; outer aliases; arguments followed to their definitions."""
    text = """(component
      (core module $m (func (export "run") (result i32) i32.const 0))
      (component $c (alias outer 1 $m (core module $o)) (core instance $i (instantiate $o))
        (func (export "run") (result u32) (canon lift (core func $i "run"))))
      (instance $x (instantiate $c)) (instance $y (instantiate $c))
      (component $d (import "f" (func $f (result u32))) (core func $l (canon lower (func $f)))
        (core module $n (import "h" "f" (func $f (result i32))) (func $go (drop (call $f))))
        (core instance (instantiate $n (with "h" (instance (export "f" (func $l)))))))
      (instance (instantiate $d (with "f" (func $y "run")))))"""
    path = assemble(tmp_path, text)
    right = closed_set([[2, 1]], [[1, "0"], [2, "1"]], roots_by="name", root_names=["go"])
    accepted(path, certificate(path, "realloc-no-grow", right, assume("canonical-builtins")))
    wrong = closed_set([[2, 1]], [[0, "0"], [2, "1"]], roots_by="name", root_names=["go"])
    rejected(path, certificate(path, "realloc-no-grow", wrong, assume("canonical-builtins")), "core instance 1")


@pytest.mark.parametrize(
    "foreign",
    ['(import "m" (core module $m)) (core instance (instantiate $m))',
     '(import "c" (component $c)) (instance (instantiate $c))'],
)  # fmt: skip
def test_foreign_code(tmp_path: Path, foreign: str) -> None:
    """G4."""
    path = assemble(tmp_path, f"(component {foreign})")
    rejected(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), []), "foreign code (G4)")


def lift_of(params: str, *, realloc: bool = True, flat: str = "i32 i32") -> str:
    option = '(realloc (core func $i "cabi_realloc"))' if realloc else ""
    return f"""(component
      (import "r" (type $r (sub resource)))
      (core module $m (memory (export "m") 1) (func (export "run") (param {flat}))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (core module $user (import "a" "b" (func (param i32 i32 i32 i32) (result i32))))
      (core instance (instantiate $user (with "a" (instance (export "b" (func $i "cabi_realloc"))))))
      (func (export "run") {params}
        (canon lift (core func $i "run") (memory (core memory $i "m")) {option})))"""


@pytest.mark.parametrize(
    ("params", "flat", "needed"),
    [
        ('(param "x" string)', "i32 i32", True),
        ('(param "x" (list u8))', "i32 i32", True),
        ('(param "x" (option string))', "i32 i32 i32", True),
        ('(param "x" (tuple u8 (result (error string))))', "i32 i32 i32 i32", True),
        ('(param "x" u32)', "i32", False),
        ('(param "x" (own $r))', "i32", False),
        (" ".join(f'(param "x{i}" u32)' for i in range(16)), " ".join(["i32"] * 16), False),
        (" ".join(f'(param "x{i}" u32)' for i in range(17)), "i32", True),
    ],
)
def test_what_a_lift_needs(tmp_path: Path, params: str, flat: str, needed: bool) -> None:
    """V1 to V3."""
    path = assemble(tmp_path, lift_of(params, flat=flat))
    by_lift = certificate(path, "realloc-vestigial", needed_by([0, 1, 0]), [])
    if needed:
        accepted(path, by_lift)
    else:
        rejected(path, by_lift, "canonical definition 0 does not need it")
    by_import = certificate(path, "realloc-vestigial", needed_by([0, 1, [1, "a", "b"]]), [])
    accepted(path, by_import)


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        ([[0, 1, 1]], "there is no canonical definition 1"),
        ([[0, 0, 0]], "function 0 is no candidate"),
        ([[0, 0, 0], [0, 1, 0]], "function 0 is no candidate"),
        ([[0, 1, [1, "a", "c"]]], "is not given it"),
        ([[0, 1, [0, "a", "b"]]], "is not given it"),
        ([[0, 1, [2, "a", "b"]]], "there is no core instance 2"),
        ([[0, 1, "run"]], "only for a core module"),
        ([], "at least one need"),
        ([[0, 1, 0], [0, 1, 0]], "not sorted"),
        ([[0, 1, True]], "expected an integer"),
    ],
)
def test_broken_needs(tmp_path: Path, needs: list[Any], reason: str) -> None:
    path = assemble(tmp_path, lift_of('(param "x" string)'))
    rejected(path, certificate(path, "realloc-vestigial", needed_by(*needs), []), reason)


def test_a_realloc_that_is_only_exported_is_a_candidate(tmp_path: Path) -> None:
    """V1."""
    path = assemble(tmp_path, lift_of('(param "x" u32)', realloc=False, flat="i32"))
    accepted(path, certificate(path, "realloc-vestigial", needed_by([0, 1, [1, "a", "b"]]), []))
    rejected(path, certificate(path, "realloc-vestigial", needed_by([0, 1, 0]), []), "does not need it")


@pytest.mark.parametrize(
    ("lower_result", "needed"),
    [("(result string)", True), ("(result (list u8))", True), ("(result u64)", False), ("", False)],
)
def test_what_a_lower_needs(tmp_path: Path, lower_result: str, needed: bool) -> None:
    """V2: by its results alone."""
    text = f"""(component (import "f" (func $f (param "x" string) {lower_result}))
      (core module $m (memory (export "m") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (core func (canon lower (func $f) (memory (core memory $i "m")) (realloc (core func $i "cabi_realloc")))))"""
    path = assemble(tmp_path, text)
    document = certificate(path, "realloc-vestigial", needed_by([0, 0, 0]), [])
    if needed:
        accepted(path, document)
    else:
        rejected(path, document, "does not need it")


BUILT_IN = """(component
  (type $s (stream string)) (type $b (stream u8)) (type $f (future (list u8)))
  (core module $m (memory (export "m") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (core func (canon CANON (memory (core memory $i "m")) (realloc (core func $i "cabi_realloc")))))"""


@pytest.mark.parametrize(
    ("canon", "needed"),
    [
        ("stream.read $s async", True),
        ("stream.read $b async", False),
        ("future.read $f async", True),
        ("stream.write $s async", False),
        ("error-context.debug-message", True),
        ("error-context.new", False),
    ],
)
def test_what_a_built_in_needs(tmp_path: Path, canon: str, needed: bool) -> None:
    """V2; every `realloc` option is a root all the same (T1)."""
    path = assemble(tmp_path, BUILT_IN.replace("CANON", canon))
    document = certificate(path, "realloc-vestigial", needed_by([0, 0, 0]), [])
    if needed:
        accepted(path, document)
    else:
        rejected(path, document, "does not need it")
    accepted(path, certificate(path, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), []))


def test_a_callback_is_an_entry(tmp_path: Path) -> None:
    """T2, C1."""
    text = """(component
      (core module $m (start $s) (func $s) (func (export "run") (result i32) i32.const 0)
        (func (export "cb") (param i32 i32 i32) (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (func (export "run") async (canon lift (core func $i "run") async (callback (core func $i "cb")))))"""
    path = assemble(tmp_path, text)
    roots = [[0, 0], [0, 1], [0, 2]]
    accepted(path, certificate(path, "module-no-grow", closed_set(roots, [[0, "0-2"]]), []))
    for missing in roots:
        fewer = [root for root in roots if root != missing]
        rejected(path, certificate(path, "module-no-grow", closed_set(fewer, [[0, "0-2"]]), []), "is missing")


BOUNDARY = """(module (import "env" "get" (func (param i32))) (memory 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
  (func (export "put") (param i32 i32)) (func (export "float") (param f32)))"""


@pytest.mark.parametrize("name", ["put", "get", "env.get"])
def test_needed_by_the_boundary_of_a_core_module(tmp_path: Path, name: str) -> None:
    """V4."""
    path = assemble(tmp_path, BOUNDARY)
    evidence = needed_by([0, 1, name])
    accepted(path, certificate(path, "realloc-vestigial", evidence, assume(f"boundary {name}")))
    rejected(path, certificate(path, "realloc-vestigial", evidence, []), f"boundary {name} is asked for")


@pytest.mark.parametrize("name", ["float", "cabi_realloc", "none"])
def test_no_boundary(tmp_path: Path, name: str) -> None:
    path = assemble(tmp_path, BOUNDARY)
    document = certificate(path, "realloc-vestigial", needed_by([0, 1, name]), assume(f"boundary {name}"))
    rejected(path, document, "no boundary function")

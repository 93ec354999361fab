"""Replay: what grows is seen to grow, what does not is never said to, and no guest outlives its budget."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime

from extract.subject import read_subject
from extract.wasm.module import ExternKind
from extract.wasm.read import read_world
from extract.wasm.world import Defined
from proofs.replay import Goal, MemoryGrow, ReachFunction, ReplayRoot, replay
from proofs.replay.copies import AddedExport, Changes, copy_module
from proofs.replay.plan import nearest_bodies
from proofs.replay.stand_ins import stand_ins
from proofs.verdicts import Confirmation, Confirmed, FunctionId, NotConfirmed

EXAMPLES = Path(__file__).parents[2] / "examples"

Writer = Callable[[str], Path]


def exported(path: Path, *names: str) -> tuple[ReplayRoot, ...]:
    module = read_world(read_subject(str(path))).instances[0].module
    return tuple(
        ReplayRoot(FunctionId(0, item.index), item.name, item.name == "cabi_realloc")
        for item in module.exports
        if item.kind is ExternKind.FUNCTION and item.name in names
    )


def reallocs(path: Path) -> tuple[ReplayRoot, ...]:
    """Those that the canonical options of a component name."""
    return tuple(
        ReplayRoot(FunctionId(*canon.realloc), f"realloc of {canon.name}", True)
        for canon in read_world(read_subject(str(path))).canons
        if isinstance(canon.realloc, Defined)
    )


def run(path: Path, roots: tuple[ReplayRoot, ...], seconds: float = 10, goal: Goal | None = None) -> Confirmation:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return replay(str(path), digest, roots, goal or MemoryGrow(), seconds).said


@pytest.fixture
def text(tmp_path: Path) -> Writer:
    def write(source: str) -> Path:
        path = tmp_path / "subject.wat"
        path.write_text(source)
        return path

    return write


@pytest.mark.parametrize(
    ("name", "export"),
    [
        ("growing_c", "cabi_realloc"),
        ("growing_rust", "cabi_realloc"),
        ("dlmalloc_rust", "cabi_realloc"),
        ("table_grows", "cabi_realloc"),
        ("multi_memory_grows", "cabi_realloc"),
        ("feasible_grow", "cabi_realloc"),
        ("fused_vestigial", "cabi_realloc"),
        ("fused_needed", "cabi_realloc"),
        ("table_private", "reserve"),
        ("table_open", "reserve"),
        ("table_open_grows", "reserve"),
        ("multi_memory", "trim"),
    ],
)
def test_growth_of_the_examples_is_seen(name: str, export: str) -> None:
    path = EXAMPLES / f"{name}.wasm"
    seen = run(path, exported(path, export))
    assert isinstance(seen, Confirmed), seen
    assert seen.export == export
    assert seen.pages_after > seen.pages_before
    assert f"{export}({', '.join(map(str, seen.arguments))})" in seen.how
    assert str(EXAMPLES) not in seen.how


def test_what_was_seen_can_be_done_again_by_hand() -> None:
    path = EXAMPLES / "feasible_grow.wasm"
    seen = run(path, exported(path, "cabi_realloc"))
    assert isinstance(seen, Confirmed)
    assert seen.calls == 1
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, path.read_bytes()), []).exports(store)
    realloc, memory = exports["cabi_realloc"], exports["memory"]
    assert isinstance(realloc, wasmtime.Func)
    assert isinstance(memory, wasmtime.Memory)
    assert memory.size(store) == seen.pages_before
    realloc(store, *seen.arguments)
    assert memory.size(store) == seen.pages_after


def test_the_same_answer_twice() -> None:
    path = EXAMPLES / "multi_memory_grows.wasm"
    roots = exported(path, "cabi_realloc")
    assert run(path, roots) == run(path, roots)


@pytest.mark.parametrize(
    "name", ["infeasible_grow", "table_open_grows", "table_closed", "static_pool_c", "static_pool_rust", "multi_memory"]
)
def test_what_no_run_reaches_is_not_said_to_be_seen(name: str) -> None:
    path = EXAMPLES / f"{name}.wasm"
    began = time.monotonic()
    assert isinstance(run(path, exported(path, "cabi_realloc"), 1.0), NotConfirmed)
    assert time.monotonic() - began < 1.5


def test_a_start_function_among_the_roots() -> None:
    path = EXAMPLES / "start_grows.wasm"
    seen = run(path, (ReplayRoot(FunctionId(0, 0), "start function", False),))
    assert isinstance(seen, Confirmed)
    assert (seen.calls, seen.arguments, seen.pages_before, seen.pages_after) == (0, (), 1, 2)


def test_growth_of_a_start_function_is_not_that_of_a_root() -> None:
    path = EXAMPLES / "start_grows.wasm"
    assert isinstance(run(path, exported(path, "square"), 1.0), NotConfirmed)


def test_a_start_function_is_not_called_again(text: Writer) -> None:
    path = text(
        """(module (memory 1) (global $again (mut i32) (i32.const 0))
          (func $start (if (global.get $again) (then (drop (memory.grow (i32.const 1)))))
            (global.set $again (i32.const 1))) (start $start))"""
    )
    assert isinstance(run(path, (ReplayRoot(FunctionId(0, 0), "start", False),), 2), NotConfirmed)


@pytest.mark.parametrize("name", ["component_needed", "component_linked_grows"])
def test_components_are_linked_and_called(name: str) -> None:
    path = EXAMPLES / f"{name}.wasm"
    seen = run(path, reallocs(path))
    assert isinstance(seen, Confirmed), seen
    assert seen.arguments[:2] == (0, 0)
    assert seen.arguments[2] in (1, 2, 4, 8)


@pytest.mark.parametrize("name", ["component_linked", "component_vestigial_option"])
def test_components_that_do_not_grow(name: str) -> None:
    path = EXAMPLES / f"{name}.wasm"
    assert isinstance(run(path, reallocs(path), 1.0), NotConfirmed)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [("(loop $l (br $l))", 2.0), ("(call $f (local.get 0) (local.get 1))", 1.0), ("unreachable", 1.0)],
)
def test_guests_that_hang_or_trap_end_with_the_budget(text: Writer, body: str, seconds: float) -> None:
    path = text(f'(module (memory 1) (func $f (export "f") (param i32 i32) {body}))')
    began = time.monotonic()
    assert isinstance(run(path, exported(path, "f"), seconds), NotConfirmed)
    assert time.monotonic() - began < seconds + 0.5


@pytest.mark.parametrize("body", ["unreachable", "(loop $l (br $l))"])
def test_a_start_function_that_does_not_return(text: Writer, body: str) -> None:
    path = text(
        f'(module (memory 1) (func $s {body}) (start $s) (func (export "f") (drop (memory.grow (i32.const 1)))))'
    )
    seen = run(path, exported(path, "f"), 2.0)
    assert isinstance(seen, NotConfirmed)
    assert "cannot be instantiated" in seen.why


@pytest.mark.parametrize(("memories", "is_confirmed"), [(1, True), (2, True), (3, False)])
def test_memory_that_a_guest_has_from_the_start_is_bounded(text: Writer, memories: int, is_confirmed: bool) -> None:
    source = '(func (export "f") (drop (memory.grow (i32.const 1))))' + "(memory 0x4000)" * memories
    path = text(f"(module {source})")
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed if is_confirmed else NotConfirmed)
    if isinstance(seen, NotConfirmed):
        assert "3221225472 bytes from the start" in seen.why


@pytest.mark.parametrize(("tables", "is_confirmed"), [(1, True), (10, True), (11, False)])
def test_elements_of_all_tables_are_bounded(text: Writer, tables: int, is_confirmed: bool) -> None:
    """The guest grows its memory once its first table has a million elements."""
    source = f"""{"(table 0 funcref)" * tables} (memory 1) (func (export "f")
      (if (i32.eqz (table.grow 0 (ref.null func) (i32.const 1000000))) (then (drop (memory.grow (i32.const 1))))))"""
    path = text(f"(module {source})")
    seen = run(path, exported(path, "f"), 20.0 if is_confirmed else 2.0)
    assert isinstance(seen, Confirmed if is_confirmed else NotConfirmed)


def test_growth_before_a_trap_counts(text: Writer) -> None:
    path = text('(module (memory 1) (func (export "f") (drop (memory.grow (i32.const 3))) unreachable))')
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed)
    assert (seen.pages_before, seen.pages_after) == (1, 4)
    assert "more exports" in seen.how


def test_a_grow_that_fails_is_not_seen(text: Writer) -> None:
    path = text('(module (memory 1 1) (func (export "f") (drop (memory.grow (i32.const 1)))))')
    assert isinstance(run(path, exported(path, "f"), 2.0), NotConfirmed)


def test_everything_from_the_host(text: Writer) -> None:
    path = text(
        """(module
          (import "env" "memory" (memory 1 10)) (import "env" "table" (table 2 funcref))
          (import "env" "g" (global i32)) (import "env" "h" (func $h (param i32) (result i64 f32)))
          (import "env" "r" (global externref)) (import "env" "h" (func $ref (result externref)))
          (import "env" "g" (global $m (mut i64)))
          (func (export "f") (result i64)
            (drop (call $h (i32.const 1))) (drop (call $ref))
            (if (i32.eqz (global.get 0)) (then (drop (memory.grow (i32.const 1)))))))"""
    )
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed), seen
    assert "stand-ins for 7 imports" in seen.how


@pytest.mark.parametrize(
    ("source", "compiler"),
    [
        ('(memory i64 1) (func (export "f") (drop (memory.grow (i64.const 1))))', "Winch"),
        ('(memory 1 (pagesize 1)) (func (export "f") (drop (memory.grow (i32.const 7))))', "Winch"),
        ('(memory 1 4 shared) (func (export "f") (atomic.fence) (drop (memory.grow (i32.const 1))))', "Cranelift"),
        ('(import "a" "m" (memory 1 4 shared)) (func (export "f") (drop (memory.grow (i32.const 1))))', "Cranelift"),
        (
            '(memory 1) (tag $t) (func (export "f") (block $b (try_table (catch_all $b) (throw $t))) '
            "(drop (memory.grow (i32.const 1))))",
            "Cranelift",
        ),
        (
            '(type $s (struct (field i32))) (import "a" "h" (func $h (result (ref null $s)))) (memory 1) '
            '(func (export "f") (if (ref.is_null (call $h)) (then (drop (memory.grow (i32.const 1))))))',
            "Cranelift",
        ),
        ('(memory 1) (func $g (drop (memory.grow (i32.const 1)))) (func (export "f") (return_call $g))', "Cranelift"),
        ('(memory 1) (func (export "f") (param externref f64) (drop (memory.grow (i32.const 1))))', "Cranelift"),
    ],
)
def test_proposals(text: Writer, source: str, compiler: str) -> None:
    path = text(f"(module {source})")
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed), seen
    assert compiler in seen.how


def test_a_constant_of_the_code_opens_the_way(text: Writer) -> None:
    path = text(
        """(module (memory 1) (func $g (param i32)
            (if (i32.gt_u (local.get 0) (i32.const 777777776)) (then
              (if (i32.lt_u (local.get 0) (i32.const 777777778)) (then (drop (memory.grow (i32.const 1))))))))
          (func (export "f") (param i64 i32) (call $g (local.get 1))))"""
    )
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed)
    assert seen.arguments[1] == 777777777


def test_another_export_prepares_the_state(text: Writer) -> None:
    path = text(
        """(module (memory 1) (global $on (mut i32) (i32.const 0))
          (func (export "enable") (global.set $on (i32.const 1)))
          (func (export "f") (if (global.get $on) (then (drop (memory.grow (i32.const 1)))))))"""
    )
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed), seen
    assert seen.how.endswith("the last of: enable(), f()")


def test_initialisers_run_first(text: Writer) -> None:
    path = text(
        """(module (memory 1) (global $on (mut i32) (i32.const 0))
          (func (export "_initialize") (drop (memory.grow (i32.const 1))) (global.set $on (i32.const 1)))
          (func (export "f") (if (global.get $on) (then (drop (memory.grow (i32.const 5)))))))"""
    )
    seen = run(path, exported(path, "f"))
    assert isinstance(seen, Confirmed)
    assert (seen.calls, seen.pages_before, seen.pages_after) == (2, 2, 7)


def test_a_function_that_is_reached() -> None:
    path = EXAMPLES / "alloc.wasm"
    seen = run(path, exported(path, "poll"), goal=ReachFunction((FunctionId(0, 0),)))
    assert isinstance(seen, Confirmed), seen
    assert seen.export == "poll"
    assert seen.pages_before == seen.pages_after == 1
    assert "was entered" in seen.how


def test_a_function_that_is_not_reached_from_the_root() -> None:
    path = EXAMPLES / "no_alloc.wasm"
    goal = ReachFunction((FunctionId(0, 0),))
    assert isinstance(run(path, exported(path, "poll"), 2.0, goal), NotConfirmed)


def test_other_bytes_than_those_under_proof() -> None:
    path = EXAMPLES / "growing_c.wasm"
    seen = replay(str(path), "0" * 64, exported(path, "cabi_realloc"), MemoryGrow(), 5).said
    assert isinstance(seen, NotConfirmed)
    assert "SHA-256" in seen.why


def test_no_file_no_roots_no_goal_no_time() -> None:
    path = EXAMPLES / "growing_c.wasm"
    roots = exported(path, "cabi_realloc")
    assert isinstance(replay("absent.wasm", "0" * 64, roots, MemoryGrow(), 5).said, NotConfirmed)
    assert isinstance(run(path, ()), NotConfirmed)
    assert isinstance(run(path, roots, goal=ReachFunction(())), NotConfirmed)
    for seconds in (0, 0.01):
        assert isinstance(run(path, roots, seconds), NotConfirmed)


@pytest.mark.parametrize("name", ["growing_rust", "dlmalloc_rust", "table_grows", "alloc", "multi_memory"])
def test_copies_are_valid_and_say_the_same(name: str) -> None:
    subject = read_subject(str(EXAMPLES / f"{name}.wasm"))
    world = read_world(subject)
    module = world.instances[0].module
    assert copy_module(subject.data, module, Changes()) == subject.data
    last = len(module.function_types) - 1
    changes = Changes(
        (AddedExport("more", ExternKind.FUNCTION, last),),
        frozenset((last,)),
        nearest_bodies(module, [last], 200),
    )
    engine = wasmtime.Engine()
    copy = wasmtime.Module(engine, copy_module(subject.data, module, changes))
    names = [item.name for item in copy.exports]
    assert names[:-2] == [item.name for item in module.exports]
    assert names[-2:] == ["more", "proofmark:reached"]


def test_no_stand_ins_where_nothing_is_imported() -> None:
    world = read_world(read_subject(str(EXAMPLES / "growing_c.wasm")))
    assert stand_ins(world.subject.data, world.instances[0], world.store) is None


@pytest.mark.parametrize(
    ("ending", "words"),
    [("kill -SEGV $$", "died of SIGSEGV while compiling"), ("exit 7", "ended with status 7 while compiling")],
)
def test_a_child_that_dies_is_started_once_more_with_the_other_compiler(
    ending: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    child = tmp_path / "child"
    child.write_text(f"""#!/bin/sh\ncat >> {runs}; echo >> {runs}\necho '{{"doing": "compiling"}}'\n{ending}\n""")
    child.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(child))
    path = EXAMPLES / "growing_c.wasm"
    seen = run(path, exported(path, "cabi_realloc"))
    assert isinstance(seen, NotConfirmed)
    assert words in seen.why
    assert ['"baseline": true' in line for line in runs.read_text().splitlines()] == [True, False]


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child"
    child.write_text("""#!/bin/sh\necho '{"doing": "compiling"}'\nexec sleep 60\n""")
    child.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(child))
    path = EXAMPLES / "growing_c.wasm"
    began = time.monotonic()
    seen = run(path, exported(path, "cabi_realloc"), 1.0)
    assert time.monotonic() - began < 2
    assert seen == NotConfirmed("the replaying process was ended with the budget while compiling (budget: 1 s)")

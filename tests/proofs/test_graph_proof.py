"""The verdicts on our own examples, against what reading their sources by hand established (examples/expected.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from proofmark.job import Job, Outcome, prove_file
from proofs.verdicts import (
    ClosedSet,
    FunctionId,
    ImportSite,
    Kind,
    Needs,
    NotConfirmed,
    Proved,
    Reach,
    Refuted,
    Unknown,
    Vacuous,
    Verdict,
    Vestiges,
)

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CASES: list[dict[str, Any]] = tomllib.loads((EXAMPLES / "expected.toml").read_text(encoding="utf-8"))["case"]
KNOWN = {
    *("file", "obligation", "verdict", "why", "roots", "allocators", "boundary", "assume"),
    *("assumptions", "path", "vestigial", "keeps_alive", "grow_dies", "needs"),
    *("replay", "calls"),  # for the tests of replay
}
OPTIONS = ("roots", "allocators", "boundary", "assume")


def prove(case: dict[str, Any]) -> Outcome:
    options = {option: tuple(case.get(option, ())) for option in OPTIONS}
    job = Job(str(EXAMPLES / case["file"]), (Kind(case["obligation"]),), **options, replay_seconds=0)
    (outcome,) = prove_file(job)
    return outcome


def written(function: FunctionId) -> str:
    return f"{function.instance}:{function.index}"


def by(need: int | ImportSite | str) -> str:
    return f"{need.instance} {need.module}.{need.name}" if isinstance(need, ImportSite) else str(need)


def check_proof(case: dict[str, Any], outcome: Outcome, verdict: Proved) -> None:
    assert [f"{one.id} {one.about}".rstrip() for one in verdict.assumptions] == case["assumptions"]
    assert outcome.certificate is not None
    match verdict.evidence:
        case Needs(needs):
            assert [f"{written(function)} by {by(need)}" for function, need, _ in needs] == case["needs"]
        case ClosedSet() as found:
            assert "needs" not in case
            within = {
                (instance, index)
                for instance, members in found.members
                for first, last in members
                for index in range(first, last + 1)
            }
            assert {(root.instance, root.index) for root in found.roots} <= within


def check_refutation(case: dict[str, Any], verdict: Refuted) -> None:
    match verdict.trace:
        case Reach(paths, entries, cut, confirmation):
            walked = [[written(step.node) for step in path.steps if step.node is not None] for path in paths]
            assert case["path"] in walked
            assert len(walked[0]) == min(map(len, walked))
            assert all(path.steps[0].rule == "root" for path in paths)
            if case["obligation"] != "no-alloc-path":
                assert {path.steps[-1].rule for path in paths} == {"E4"}
                assert all(path.steps[-1].offset is not None for path in paths)
            assert {path.root for path in paths} <= set(entries)
            # A root that is itself the goal is cut off by no edge.
            assert (cut is None) == any(len(walk) == 1 for walk in walked)
            assert confirmation == NotConfirmed("the budget for replay is zero")
        case Vestiges(exports, functions, code_bytes, grow_dies):
            dead = [written(one.function) for one in exports]
            names = [one.name.removeprefix("export ") for one in exports]
            assert case["vestigial"] in (dead, names)
            assert grow_dies == case["grow_dies"]
            assert functions == len(case["keeps_alive"])
            assert code_bytes > 0
            (only,) = exports
            assert (only.functions, only.code_bytes, only.grow_dies) == (functions, code_bytes, grow_dies)
            assert len(only.keeps_alive) == functions - 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}-{case['obligation']}-{case['verdict']}")
def test_examples(case: dict[str, Any]) -> None:
    assert set(case) <= KNOWN
    outcome = prove(case)
    verdict = outcome.result.verdict
    assert type(verdict).__name__.lower() == case["verdict"], (case["why"], verdict)
    assert outcome.result.kind.value == case["obligation"]
    match verdict:
        case Proved():
            check_proof(case, outcome, verdict)
        case Refuted():
            check_refutation(case, verdict)
        case Unknown(reason):
            assert reason.startswith("rule ")
        case Vacuous(why):
            assert "looked for" in why
    if not isinstance(verdict, Proved):
        assert outcome.certificate is None


def test_every_example_has_a_case() -> None:
    assert {case["file"] for case in CASES} == {path.name for path in EXAMPLES.glob("*.wasm")}


def test_each_obligation_is_proved_and_broken_somewhere() -> None:
    for kind in Kind:
        verdicts = {case["verdict"] for case in CASES if case["obligation"] == kind.value}
        assert {"proved", "refuted"} <= verdicts


def test_the_same_bytes_give_the_same_certificate() -> None:
    for case in CASES:
        if case["verdict"] == "proved":
            assert prove(case).certificate == prove(case).certificate


def prove_text(folder: Path, text: str, kind: Kind, **options: Any) -> Outcome:
    path = folder / "module.wat"
    path.write_text(text, encoding="utf-8")
    (outcome,) = prove_file(Job(str(path), (kind,), **options, replay_seconds=0))
    return outcome


def test_code_that_the_file_does_not_hold(tmp_path: Path) -> None:
    """Rule G4: whatever the obligation."""
    text = """(component (import "m" (core module $M (export "f" (func))))
      (core instance $i (instantiate $M)) (func (export "f") (canon lift (core func $i "f"))))"""
    for kind in (Kind.REALLOC_NO_GROW, Kind.MODULE_NO_GROW, Kind.REALLOC_VESTIGIAL):
        verdict = prove_text(tmp_path, text, kind).result.verdict
        assert isinstance(verdict, Unknown)
        assert verdict.reason.startswith("rule G4: ")


def test_roots_of_the_host_only(tmp_path: Path) -> None:
    text = '(module (import "m" "f" (func $f)) (export "cabi_realloc" (func $f)))'
    verdict = prove_text(tmp_path, text, Kind.REALLOC_NO_GROW).result.verdict
    assert isinstance(verdict, Vacuous)
    assert "functions of the host only" in verdict.why


def test_a_name_that_no_function_has(tmp_path: Path) -> None:
    text = '(module (func (export "f")))'
    verdict = prove_text(tmp_path, text, Kind.MODULE_NO_GROW, roots=("f", "g")).result.verdict
    assert isinstance(verdict, Vacuous)
    assert "looked for a function named f, g" in verdict.why
    assert isinstance(prove_text(tmp_path, text, Kind.MODULE_NO_GROW, roots=("f",)).result.verdict, Proved)


def test_no_alloc_path_without_roots_or_goal(tmp_path: Path) -> None:
    text = '(module (func (export "f")) (func $malloc))'
    assert isinstance(prove_text(tmp_path, text, Kind.NO_ALLOC_PATH).result.verdict, Vacuous)
    none = prove_text(tmp_path, text, Kind.NO_ALLOC_PATH, roots=("f",), allocators=("grab",)).result.verdict
    assert isinstance(none, Vacuous)
    assert "looked for a function named grab" in none.why
    assert isinstance(prove_text(tmp_path, text, Kind.NO_ALLOC_PATH, roots=("f",)).result.verdict, Proved)


@pytest.mark.parametrize(
    ("helper", "kind"),
    [
        ("(func $helper)", Proved),
        ('(func (export "helper"))', Proved),
        ("(func)", Unknown),
        ('(func (@name ""))', Unknown),
        ("(func $dlmalloc)", Refuted),
    ],
)
def test_a_function_without_a_name_may_be_an_allocator(tmp_path: Path, helper: str, kind: type[Verdict]) -> None:
    """Rule T5: of a module that was stripped, no more is known than what it exports."""
    text = f'(module {helper} (func (export "run") (call 0)) (func (export "malloc")))'
    verdict = prove_text(tmp_path, text, Kind.NO_ALLOC_PATH, roots=("run",)).result.verdict
    assert isinstance(verdict, kind)
    if isinstance(verdict, Unknown):
        assert verdict.reason == (
            "rule T5: functions that are reached and have no name may be allocators, 1 in all: func[0] "
            "(keep the name section)"
        )


@pytest.mark.parametrize(
    ("lifted", "kind"),
    [
        ('(core func $main "cabi_realloc")', Proved),
        ('(core func $main "other") (post-return (core func $main "cabi_realloc"))', Proved),
        ('(core func $main "other")', Refuted),
    ],
)
def test_a_realloc_that_is_lifted_is_needed(tmp_path: Path, lifted: str, kind: type[Verdict]) -> None:
    """Rule V3: what is called so may be there for something else."""
    text = f"""(component (core module $Main (func (export "cabi_realloc")) (func (export "other")))
      (core instance $main (instantiate $Main)) (func (export "run") (canon lift {lifted})))"""
    assert isinstance(prove_text(tmp_path, text, Kind.REALLOC_VESTIGIAL).result.verdict, kind)


@pytest.mark.parametrize(
    ("use", "dies"),
    [
        ("", True),
        ('(export "other" (func $f))', False),
        ("(start $f)", False),
        ('(func (export "other") (call $f))', False),
        ('(export "cabi_realloc$1" (func $f))', True),
    ],
)
def test_what_is_there_for_something_else_does_not_die_with_its_realloc(tmp_path: Path, use: str, dies: bool) -> None:
    text = f"""(module (memory 1) (func $f (export "cabi_realloc") (drop (memory.grow (i32.const 1)))) {use})"""
    verdict = prove_text(tmp_path, text, Kind.REALLOC_VESTIGIAL).result.verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Vestiges)
    assert (verdict.trace.functions, verdict.trace.grow_dies) == (int(dies), dies)


def test_host_functions_and_tables_are_assumptions(tmp_path: Path) -> None:
    text = """(module (import "m" "f" (func $f)) (import "m" "t" (table 1 funcref))
      (func (export "cabi_realloc") (call $f) (call_indirect (i32.const 0))))"""
    verdict = prove_text(tmp_path, text, Kind.REALLOC_NO_GROW).result.verdict
    assert isinstance(verdict, Unknown)
    assert verdict.reason == (
        "rule R7: 1 kinds of indirect call may reach functions that nobody has seen: "
        "table m.t is imported from the host (declare the assumption host-tables if the host puts none there)"
    )
    verdict = prove_text(tmp_path, text, Kind.REALLOC_NO_GROW, assume=("host-tables",)).result.verdict
    assert isinstance(verdict, Proved)
    assert [(one.id, one.about) for one in verdict.assumptions] == [("host-function", "m.f"), ("host-tables", "")]


def test_a_path_through_a_table(tmp_path: Path) -> None:
    """Each step says what makes it, and where in the file."""
    text = """(module (memory 1) (table 1 funcref) (elem (i32.const 0) func $grow)
      (func $grow (drop (memory.grow (i32.const 1))))
      (func $middle (call_indirect (i32.const 0)))
      (func (export "cabi_realloc") (call $middle))
      (func (export "other") (call $grow)))"""
    outcome = prove_text(tmp_path, text, Kind.REALLOC_NO_GROW)
    assert isinstance(outcome.result.verdict, Refuted)
    trace = outcome.result.verdict.trace
    assert isinstance(trace, Reach)
    (path,) = trace.paths
    assert [(step.function, step.action, step.rule) for step in path.steps] == [
        ("cabi_realloc", "export cabi_realloc", "root"),
        ("middle", "calls", "E1"),
        ("grow", "calls through table 0", "E2, E5"),
        ("memory.grow", "holds", "E4"),
    ]
    assert trace.entries == ("export cabi_realloc", "export other")
    assert trace.cut is not None
    assert len(trace.cut.edges) == 1
    assert trace.cut.exports == ("export cabi_realloc",)
    data = bytes(wasmtime.wat2wasm(text))
    offsets = [step.offset for step in path.steps]
    assert offsets[0] is None
    assert [data[offset] for offset in offsets[1:] if offset is not None] == [0x10, 0x11, 0x40]


VESTIGIAL = """(module (memory 1)
  (func $shared) (func $only (drop (memory.grow (i32.const 1)))) (func $deep (call $only))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $shared) (call $deep) (i32.const 0))
  (func (export "kept") EXTRA (call $shared)))"""


def test_what_goes_with_a_vestigial_realloc(tmp_path: Path) -> None:
    verdict = prove_text(tmp_path, VESTIGIAL.replace("EXTRA", ""), Kind.REALLOC_VESTIGIAL).result.verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Vestiges)
    (export,) = verdict.trace.exports
    assert (export.name, export.keeps_alive, export.functions) == ("export cabi_realloc", ("only", "deep"), 3)
    assert export.grow_dies
    kept = prove_text(tmp_path, VESTIGIAL.replace("EXTRA", "(call $only)"), Kind.REALLOC_VESTIGIAL).result.verdict
    assert isinstance(kept, Refuted)
    assert isinstance(kept.trace, Vestiges)
    (export,) = kept.trace.exports
    assert (export.keeps_alive, export.functions, export.grow_dies) == (("deep",), 2, False)


@pytest.mark.parametrize(
    ("extra", "boundary", "verdict"),
    [
        ("", (), Refuted),
        ("(param f64)", (), Refuted),
        ("(param i32)", (), Unknown),
        ("(param i64)", (), Unknown),
        ("(param i32)", ("kept",), Proved),
        ("(param i32)", ("other",), Unknown),
        ("", ("kept",), Unknown),
    ],
)
def test_v4_the_boundary_of_a_core_module(
    tmp_path: Path, extra: str, boundary: tuple[str, ...], verdict: type[object]
) -> None:
    found = prove_text(tmp_path, VESTIGIAL.replace("EXTRA", extra), Kind.REALLOC_VESTIGIAL, boundary=boundary)
    assert type(found.result.verdict) is verdict

"""Runtimes through the real command line: what is asked wrongly, and one real crate from its name to checked proofs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from artifacts.report import schema
from artifacts.runtime_explained import explained
from extract.mir.compile import Panic
from proofmark.cli import main
from proofmark.job import Outcome
from proofmark.manifest import read_manifest
from proofmark.runtime_job import RuntimeJob, prove_part
from proofmark.runtime_parts import TASK_SIDE, OperationPart, TaskPart
from proofmark.runtime_plan import GivenMir, RuntimeSubject, plan_runtime
from proofs.kinds import TASK_KINDS, RuntimeKind
from proofs.runtime.trace import RuntimeTrace
from proofs.runtime_verdicts import Blocks, Control, CrateBuild, Invariant
from proofs.runtime_wording import assumption
from proofs.verdicts import NotConfirmed, Proved, Refuted, Subject, Unknown, Violation
from proofs.verdicts import Result as ProofResult
from smt_models.runtime.outcomes import Where
from smt_models.runtime.profile_files import PROFILES, profile_for

PACKAGE = "wit-bindgen@0.63.0"
INSTANCE = "FutureReadOp, panic abort, peer wasm"
OF_TASKS = ("the task side, C ABI v1, panic abort", "the task side, C ABI v2, panic abort")
EXAMPLES = Path(__file__).parents[2] / "examples"
RUNTIME = EXAMPLES / "runtime"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["prove", *arguments])


def cargo() -> None:
    if shutil.which("cargo") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no cargo: CI must have it")
        pytest.skip("NOT TESTED: no cargo")


def crate(folder: Path, source: str) -> Path:
    (folder / "src").mkdir()
    (folder / "Cargo.toml").write_text('[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2021"\n')
    (folder / "src" / "lib.rs").write_text(source)
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--package", "wit-bindgen"), "NAME@VERSION"),
        (("--crate", "/nowhere"), "no such file"),
        (("--panic", "abort"), "--package, --crate or --mir"),
        (("--mir", "x.mir"), "--src DIR"),
        (("--mir", "/nowhere.mir", "--src", "."), "a readable file of MIR text"),
    ],
)
def test_asked_wrongly(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_no_toolchain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("--crate", str(crate(tmp_path, "")))
    assert done.exit_code == 2
    assert "https://rustup.rs" in done.output
    assert "--mir FILE --src DIR" in done.output


def test_a_crate_that_does_not_compile(tmp_path: Path) -> None:
    cargo()
    done = run("--crate", str(crate(tmp_path, "pub fn f() -> u8 {\n    nothing()\n}\n")), "--panic", "abort")
    assert done.exit_code == 2
    assert "lib.rs:2:5" in done.output
    assert "cannot find function `nothing`" in done.output


def test_a_profile_that_does_not_fit(tmp_path: Path) -> None:
    cargo()
    tiny = crate(tmp_path, "pub fn f() {}\n")
    done = run("--crate", str(tiny), "--panic", "abort")
    assert done.exit_code == 2
    assert "0 profiles describe tiny 1.0.0" in done.output
    done = run("--crate", str(tiny), "--panic", "abort", "--profile", str(PROFILES / "wit-bindgen.toml"))
    assert done.exit_code == 2
    assert "the profile names what the program does not have" in done.output


def planned(profile: Path, sources: Path = RUNTIME) -> tuple[RuntimeJob, ...]:
    """Of the example runtime, whose MIR is committed."""
    source = GivenMir(str(RUNTIME / "mir" / "abort.mir"), str(sources))
    asked = RuntimeSubject("example", source, panics=(Panic.ABORT,), peers=("host",), profile=str(profile))
    return plan_runtime(asked, lambda _: None).jobs


def reasons(outcomes: tuple[Outcome, ...]) -> set[str]:
    verdicts = [outcome.result.verdict for outcome in outcomes]
    assert all(isinstance(one, Unknown) for one in verdicts)
    return {one.reason for one in verdicts if isinstance(one, Unknown)}


def test_an_operation_that_no_profile_names(tmp_path: Path) -> None:
    """It is Unknown; the others go on."""
    whole = (PROFILES / "examples-runtime.toml").read_text()
    start, end = whole.index("[operations.future-read]"), whole.index("[operations.subtask]")
    less = tmp_path / "less.toml"
    less.write_text(whole[:start] + whole[end:])
    jobs = planned(less)
    parts = [job.part for job in jobs if isinstance(job.part, OperationPart)]
    assert {one.operation for one in parts} == {"stream-read", "stream-write", "future-write", "subtask", None}
    (unnamed,) = (job for job in jobs if isinstance(job.part, OperationPart) and job.part.operation is None)
    assert reasons(prove_part(unnamed)) == {"no operation of the profile less is of future::FutureRead"}


def test_tasks_that_no_profile_describes(tmp_path: Path) -> None:
    """A crate of another name, whose operations somebody described."""
    shutil.copytree(RUNTIME / "src", tmp_path / "src")
    manifest = (RUNTIME / "Cargo.toml").read_text().replace('name = "proofmark-runtime-example"', 'name = "other"')
    (tmp_path / "Cargo.toml").write_text(manifest)
    jobs = planned(PROFILES / "examples-runtime.toml", tmp_path)
    (job,) = (job for job in jobs if isinstance(job.part, TaskPart))
    (why,) = reasons(prove_part(job))
    assert "the tasks are not described" in why
    assert "--task-profile FILE" in why
    assert job.instance == "the task side, panic abort"
    assert job.kinds == tuple(kind for kind in RuntimeKind if kind in TASK_KINDS)


def test_tasks_that_a_profile_describes() -> None:
    """Not by the C ABI, but as objects that are shared: proved, with certificates that are checked."""
    jobs = planned(PROFILES / "examples-runtime.toml")
    (job,) = (job for job in jobs if isinstance(job.part, TaskPart))
    outcomes = prove_part(job)
    assert {outcome.result.instance for outcome in outcomes} == {"the task side, shared tasks, panic abort"}
    assert {outcome.result.kind for outcome in outcomes} == set(TASK_KINDS)
    assert all(outcome.certificate is not None for outcome in outcomes)


def test_an_obligation_of_nothing_that_is_asked_about() -> None:
    given = ("--mir", str(RUNTIME / "mir" / "abort.mir"), "--src", str(RUNTIME), "--panic", "abort")
    profile = ("--profile", str(PROFILES / "examples-runtime.toml"))
    done = run(*given, *profile, "--operation", "subtask", "--obligation", "copy-when-idle")
    assert done.exit_code == 2
    assert "nothing that copy-when-idle is about: it is of streams and futures" in done.output


def test_a_real_crate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """future-read and the tasks of wit-bindgen: the way from the registry to certificates that are checked again, and
    changed; and once more, when nothing changed.
    """
    cargo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # what another key signed is not believed
    import jsonschema

    parts = ("--operation", "future-read", "--operation", "task-side")
    asked = ("--package", PACKAGE, "--panic", "abort", "--peer", "wasm", *parts)
    out = tmp_path / "out"
    done = run(*asked, "--out", str(out))
    if "error: " in done.output and any(word in done.output for word in ("network", "download", "resolve host")):
        if os.environ.get("CI") == "true":
            pytest.fail(done.output)
        pytest.skip(f"NOT TESTED: no registry: {done.output}")
    report = json.loads((out / "report.json").read_text())
    jsonschema.validate(report, schema())
    assert done.exit_code == 1, done.output
    of_tasks = [one for one in report["results"] if one["instance"].startswith("the task side")]
    allocates = [one for one in of_tasks if one["obligation"] == "scalar-zero-alloc"]
    assert {(one["instance"], one["verdict"]) for one in allocates} == {(one, "refuted") for one in OF_TASKS}
    assert {(one["instance"], one["verdict"]) for one in of_tasks if one not in allocates} == {
        (one, "proved") for one in OF_TASKS
    }
    assert {one["obligation"] for one in of_tasks} == {kind.value for kind in TASK_KINDS}
    of_operation = [one for one in report["results"] if one not in of_tasks]
    said = {one["obligation"]: one["verdict"] for one in of_operation}
    assert {one["instance"].rpartition("::")[2] for one in of_operation} == {INSTANCE}
    assert not said.keys() & {"set-empty", "task-contract"}
    assert {said[name] for name in ("memory", "cancel-before-free", "cancel-on-drop", "cancel-once")} == {"proved"}
    assert {name for name, word in said.items() if word == "unknown"} <= {"extent"}
    refuted = next(one for one in of_operation if one["obligation"] == "scalar-zero-alloc")
    assert (refuted["verdict"], refuted["trace"]["kind"]) == ("refuted", "violation")
    assert [path.suffixes[-2:] for path in (out / "traces").iterdir()] == [[".itf", ".json"]] * (1 + len(allocates))
    assert not any(one["cached"] for one in report["results"])
    written = {path.name: path.read_bytes() for path in (out / "certificates").iterdir()}
    assert run(*asked, "--out", str(out)).exit_code == 1
    again = json.loads((out / "report.json").read_text())
    assert all(one["cached"] for one in again["results"])
    assert [_said(one) for one in again["results"]] == [_said(one) for one in report["results"]]
    assert {path.name: path.read_bytes() for path in (out / "certificates").iterdir()} == written
    _check_again(out)
    traces = sorted((out / "traces").iterdir())
    of_a_task = [path for path in traces if _of_a_task(path)]
    (of_an_operation,) = set(traces) - set(of_a_task)
    _generated_test_runs(out, of_an_operation, tmp_path / "operation")
    _generated_test_runs(out, of_a_task[0], tmp_path / "task")


def _of_a_task(trace: Path) -> bool:
    return "what is asked of a task" in trace.read_text()


def _generated_test_runs(out: Path, trace: Path, folder: Path) -> None:
    """As a user would: the refutation as a project, and cargo in it."""
    asked = ["explore", str(out), "--at", trace.name.removesuffix(".itf.json"), "--export", "test"]
    assert CliRunner().invoke(main, [*asked, "--output", str(folder)]).exit_code == 2  # without the program
    written = CliRunner().invoke(main, [*asked, "--output", str(folder), "--package", PACKAGE])
    assert written.exit_code == 0, written.output
    command = ["cargo", "run", "--quiet", "--bin", "counterexample"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 101, ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("fault: allocates: ")
    there = CliRunner().invoke(main, [*asked, "--output", str(folder), "--package", PACKAGE])
    assert there.exit_code == 2
    assert "something that is there" in there.output


def _said(result: dict[str, Any]) -> tuple[str, ...]:
    return result["instance"], result["obligation"], result["verdict"]


MANIFEST = """
[[runtime]]
mir = '{examples}/mir/abort.mir'
src = '{examples}'
panic = ["abort"]
peers = ["host"]
operations = ["{operation}"]
obligations = ["memory", "cancel-before-free", "copy-when-idle"]
"""


def test_a_runtime_in_the_manifest_needs_no_rust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    manifest = tmp_path / "proofmark.toml"
    manifest.write_text(MANIFEST.format(examples=RUNTIME, operation="future-read"))
    done = run("--manifest", str(manifest), "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    asked = ("--mir", str(RUNTIME / "mir" / "abort.mir"), "--src", str(RUNTIME), "--panic", "abort", "--peer", "host")
    explanation = explain(*asked, "--operation", "future-read", "--obligation", "cancel-before-free")
    assert explanation.exit_code == 0, explanation.output
    assert "while a lease is open its storage is not freed" in explanation.output
    assert {one["obligation"] for one in report["expected"]} == {"memory", "cancel-before-free", "copy-when-idle"}
    assert report["expected"] == [
        {"subject": one["subject"]["path"], "obligation": one["obligation"], "instance": one["instance"]}
        for one in report["results"]
    ]
    manifest.write_text(MANIFEST.format(examples=RUNTIME, operation="future-reed"))
    done = run("--manifest", str(manifest))
    assert done.exit_code == 2
    assert "no operation future-reed" in done.output
    assert "future-read" in done.output


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "FILE is missing"),
        (("a.wasm", "--obligation", "memory"), "for an obligation of runtimes"),
        (("a.wasm", "--package", "wit-bindgen@0.63.0"), "without FILE"),
        (("--package", "wit-bindgen@0.63.0", "--format", "svg"), "as text"),
        (("--crate", "/nowhere"), "no such file"),
    ],
)
def test_an_explanation_asked_wrongly(arguments: tuple[str, ...], said: str) -> None:
    done = explain(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_an_explanation_says_what_a_proof_rests_on_or_what_breaks_it() -> None:
    trace = RuntimeTrace("memory", "it is gone", Where("f", 3, "a.rs:7"), (), ())
    build = CrateBuild("a", "1.0.0", None, None, None, None, "abort", None, "0" * 64, "1" * 64)
    subject = Subject("a@1.0.0", "a.mir", 1, "2" * 64, build)
    controls = (
        Control("the call is skipped", Where("f", 4, "a.rs:8"), ("memory",)),
        Control("the value is not dropped", Where("f", 5, "a.rs:9"), ()),
    )
    evidence = Invariant("model", "true", ("memory",), ("H3",), (), (Blocks("f", (0, 1)),), (), controls)
    proved = Proved(evidence, (assumption("hypothesis", "H3"), assumption("model")))
    refuted = Refuted(Violation(trace, NotConfirmed("nobody ran it")))
    of_proof, of_run = (
        explained(ProofResult(subject, RuntimeKind.MEMORY, "Op, panic abort, peer wasm", one, 1.0))
        for one in (proved, refuted)
    )
    assert "H3: the host touches guest memory only while a lease is open" in of_proof
    assert "the call is skipped at a.rs:8 (f bb4): breaks memory" in of_proof
    assert "the value is not dropped at a.rs:9 (f bb5): all stays proved" in of_proof
    assert "executed: 2 blocks of 1 function" in of_proof
    assert "it is gone" in of_run
    assert "nobody ran it" in of_run


def test_the_manifest_of_the_examples_has_every_operation_of_the_runtime() -> None:
    (runtime,) = read_manifest(EXAMPLES / "proofmark.toml").runtimes
    profile = profile_for("proofmark-runtime-example", "0.1.0")
    assert sorted(runtime.operations) == sorted([*(one.name for one in profile.operations), TASK_SIDE])


def _check_again(out: Path) -> None:
    """With the MIR text, model and invariants that stand beside them; with a hash changed or without one, no more."""
    certificates = sorted((out / "certificates").glob("*.cert.json"))
    assert len(certificates) >= 24
    assert str(Path.home()) not in certificates[0].read_text(), "a path of this machine"
    assert CliRunner().invoke(main, ["check", str(out / "certificates")]).exit_code == 0
    of_operation = next(path for path in certificates if INSTANCE in path.read_text())
    deep = CliRunner().invoke(main, ["check", "--deep", "--package", PACKAGE, str(of_operation)])
    assert deep.exit_code == 0, deep.output
    assert "its model was made again from the subject, with the same bytes" in deep.output
    models = list((out / "certificates").glob("*.model.smt2"))
    assert len(models) == 1 + len(OF_TASKS)
    assert sum(path.stat().st_size for path in certificates) < 8 * sum(path.stat().st_size for path in models)
    changed = json.loads(certificates[0].read_text())
    changed["subject"]["sha256"] = "0" * 64
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    certificates[0].write_text(text)
    assert CliRunner().invoke(main, ["check", str(certificates[0])]).exit_code == 1
    for model in models:
        model.unlink()
    assert CliRunner().invoke(main, ["check", str(certificates[1])]).exit_code == 1

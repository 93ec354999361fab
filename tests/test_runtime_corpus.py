"""The runtime of examples/runtime against its mock host: it is right, each seeded fault of tests/mutants is found by a
native run, each harmless rewrite passes, and the MIR committed is what its sources give."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

from extract.mir.parser import read_mir

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "examples" / "runtime"
MUTANTS = ROOT / "tests" / "mutants"
BUILD: dict[str, Any] = tomllib.loads((RUNTIME / "build.toml").read_text(encoding="utf-8"))
ROWS: list[dict[str, str]] = tomllib.loads((MUTANTS / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
FAULTS = [row for row in ROWS if "harmless" not in row]
HARMLESS = [row for row in ROWS if "harmless" in row]
OBLIGATIONS = {
    "extent", "address-stability", "cancel-before-free", "cancel-on-drop", "unregister-before-cancel",
    "cancel-is-final", "completion-race", "cancel-once", "code-matches-lease", "waker-unregistered", "cross-task",
    "set-empty", "leak-safe", "partial-write", "panic-in-callback", "subtask-areas", "end-dropped-idle",
    "blocking-cancel", "scalar-zero-alloc", "end-idle", "memory",
}  # fmt: skip
FIELDS = {"id", "harmless", "obligation", "sees", "scenario", "fault", "panic", "only_without"}
OLDEST = (1, 88)
"""What the tests of the runtime need; the runtime itself needs less."""
SECONDS = 300


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: CI must have it")
    pytest.skip(f"NOT TESTED: {what}")


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS, **options)


def _version(command: tuple[str, ...]) -> dict[str, str]:
    """What `-vV` says; nothing if there is no such compiler."""
    if shutil.which(command[0]) is None:
        return {}
    answer = _run([*command, "-vV"], env={**os.environ, "RUSTUP_AUTO_INSTALL": "0"})
    return dict(line.split(": ", 1) for line in answer.stdout.splitlines() if ": " in line)


@cache
def _rustc(exact: bool) -> tuple[str, ...] | None:
    """A compiler that is new enough; or the very one that the committed MIR is from."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    found = (shutil.which("rustc", path=folder) for folder in folders if folder)
    paths = list(dict.fromkeys(path for path in found if path))
    for command in [*((path,) for path in paths), *((path, f"+{BUILD['rustc']['release']}") for path in paths)]:
        version = _version(command)
        release = version.get("release", "0.0").split("-")[0].split(".")
        if exact and (version.get("commit-hash"), version.get("host")) == (
            BUILD["rustc"]["commit"],
            BUILD["rustc"]["host"],
        ):
            return command
        if not exact and tuple(map(int, release[:2])) >= OLDEST:
            return command
    return None


def _need(exact: bool = False) -> list[str]:
    command = _rustc(exact)
    if command is None:
        wanted = BUILD["rustc"]["release"] if exact else ".".join(map(str, OLDEST)) + " or later"
        _missing(f"no rustc {wanted}")
    return list(command)


@pytest.fixture(scope="session")
def mock_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mock host does not know the runtime: it is compiled once."""
    folder = tmp_path_factory.mktemp("mock-host")
    _compile("mock_host", RUNTIME / "mock" / "src" / "lib.rs", folder, "--crate-type=rlib")
    return folder


def _compile(name: str, source: Path, output: Path, *flags: str) -> str:
    """Compiles without a word, or gives the errors."""
    common = ["--edition=2021", f"--crate-name={name}", "-Cdebuginfo=0", "-Awarnings", f"--out-dir={output}"]
    answer = _run([*_need(), *common, str(source), *flags])
    return answer.stderr if answer.returncode else ""


def _build(sources: Path, mock: Path, output: Path) -> str:
    """The scenarios for the runtime in `sources`: errors, or none and a program `scenarios`."""
    errors = _compile("runtime", sources / "src" / "lib.rs", output, "--crate-type=rlib")
    assert not errors
    externs = [f"--extern=runtime={output / 'libruntime.rlib'}", f"--extern=mock_host={mock / 'libmock_host.rlib'}"]
    return _compile("scenarios", RUNTIME / "tests" / "scenarios" / "main.rs", output, *externs)


def _mutated(row: dict[str, str], folder: Path) -> Path:
    """A copy of the runtime with the patch."""
    shutil.copytree(RUNTIME / "src", folder / "src")
    patch = MUTANTS / f"{row['id']}.patch"
    answer = _run(
        ["git", "apply", "-p1", str(patch)],
        cwd=folder,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_DIR": str(folder / "none")},
    )
    assert answer.returncode == 0, answer.stderr
    return folder


def _faults(program: Path, *scenarios: str) -> dict[str, str]:
    """The scenarios that fail, each with the fault that it ends in."""
    answer = _run([str(program), *scenarios])
    lines = answer.stdout.splitlines()
    assert lines, answer.stderr
    failed = [line.split(" ", 2) for line in lines if line.startswith("FAULT ")]
    assert lines[-1].endswith(f" scenarios, {len(failed)} failed")
    assert not scenarios or lines[-1].startswith(f"{len(scenarios)} ")
    return {name: fault for _, name, fault in failed}


def test_runtime_is_right(mock_host: Path, tmp_path: Path) -> None:
    assert not _build(RUNTIME, mock_host, tmp_path)
    assert _faults(tmp_path / "scenarios") == {}


def test_cargo_test_is_green(tmp_path: Path) -> None:
    """As users run it, and with no warning."""
    rustc = _need()
    if shutil.which("cargo") is None:
        _missing("no cargo")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(tmp_path), "RUSTFLAGS": "-Dwarnings"}
    answer = _run(["cargo", *rustc[1:], "test", "--offline", "--locked"], cwd=RUNTIME, env=environment)
    assert answer.returncode == 0, answer.stderr + answer.stdout
    assert "FAULT" not in answer.stdout
    assert ", 0 failed" in answer.stdout


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["id"])
def test_fault_is_killed(row: dict[str, str], mock_host: Path, tmp_path: Path) -> None:
    errors = _build(_mutated(row, tmp_path), mock_host, tmp_path)
    if row["scenario"] == "compile":
        assert row["fault"] in errors
        return
    assert not errors
    found = _faults(tmp_path / "scenarios", row["scenario"])
    assert found.get(row["scenario"], "survived").startswith(row["fault"])


@pytest.mark.parametrize("row", HARMLESS, ids=lambda row: row["id"])
def test_harmless_rewrite_passes(row: dict[str, str], mock_host: Path, tmp_path: Path) -> None:
    assert not _build(_mutated(row, tmp_path), mock_host, tmp_path)
    assert _faults(tmp_path / "scenarios") == {}


def test_rows_are_whole() -> None:
    assert len(FAULTS) >= 30
    assert len(HARMLESS) >= 10
    assert {f"{row['id']}.patch" for row in ROWS} == {path.name for path in MUTANTS.glob("*.patch")}
    assert max(Counter(row["id"] for row in ROWS).values()) == 1
    assert max(Counter((MUTANTS / f"{row['id']}.patch").read_bytes() for row in ROWS).values()) == 1
    for row in ROWS:
        assert set(row) <= FIELDS
        assert row.get("panic", "unwind") == "unwind"
        assert row.get("only_without", "H1") in ("H1", "H2", "counts")
    for row in FAULTS:
        assert row["sees"]
        assert row["scenario"]
        assert row["fault"]
    assert {row["obligation"] for row in FAULTS} == OBLIGATIONS, "each obligation has a fault that breaks it"


@pytest.mark.parametrize("made", BUILD["mir"], ids=lambda made: made["panic"])
def test_mir_is_that_of_the_sources(made: dict[str, Any], tmp_path: Path) -> None:
    rustc = _need(exact=True)
    sysroot = _run([*rustc, "--print", "sysroot"]).stdout.strip()
    shutil.copytree(RUNTIME / "src", tmp_path / "src")
    (tmp_path / "mir").mkdir()
    words = {"sysroot": sysroot, "commit": BUILD["rustc"]["commit"]}
    arguments = [word.format(**words) if "{" in word else word for word in made["command"][1:]]
    answer = _run([*rustc, *arguments], cwd=tmp_path, env={**os.environ, **BUILD["environment"]})
    assert answer.returncode == 0, answer.stderr
    for name in (made["output"], *(str(path.relative_to(RUNTIME)) for path in _dumps(made))):
        assert (tmp_path / name).read_bytes() == (RUNTIME / name).read_bytes(), f"{name}: run the command of build.toml"
    assert {path.name for path in (tmp_path / made["dumps"]).iterdir()} == {path.name for path in _dumps(made)}


def _dumps(made: dict[str, Any]) -> list[Path]:
    return sorted((RUNTIME / made["dumps"]).iterdir())


@pytest.mark.parametrize("made", BUILD["mir"], ids=lambda made: made["panic"])
def test_mir_is_read_whole(made: dict[str, Any]) -> None:
    assert _dumps(made)
    for path in [RUNTIME / made["output"], *_dumps(made)]:
        mir = read_mir(str(path))
        assert list(mir.functions())
        assert list(mir.unknowns()) == []


@pytest.mark.parametrize("path", sorted(RUNTIME.glob("mir/**/*.mir")), ids=lambda path: path.name)
def test_mir_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [
        word for word in ("/home/", "/root/", "/tmp/", "/work/", "/Users/", ".cargo", ".rustup") if word in text
    ]

"""Runtimes through the real command line: what is asked wrongly, and one real crate from its name to checked proofs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from artifacts.report import schema
from proofmark.cli import main
from smt_models.runtime.profile_files import PROFILES

PACKAGE = "wit-bindgen@0.63.0"
INSTANCE = "FutureReadOp, panic abort, peer wasm"


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


def test_a_real_crate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """future-read of wit-bindgen: the way from the registry to certificates that are checked again, and changed; and
    once more, when nothing changed.
    """
    cargo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # what another key signed is not believed
    import jsonschema

    asked = ("--package", PACKAGE, "--panic", "abort", "--peer", "wasm", "--operation", "future-read")
    out = tmp_path / "out"
    done = run(*asked, "--out", str(out))
    if "error: " in done.output and any(word in done.output for word in ("network", "download", "resolve host")):
        if os.environ.get("CI") == "true":
            pytest.fail(done.output)
        pytest.skip(f"NOT TESTED: no registry: {done.output}")
    report = json.loads((out / "report.json").read_text())
    jsonschema.validate(report, schema())
    assert done.exit_code == 1, done.output
    said = {one["obligation"]: one["verdict"] for one in report["results"]}
    assert {one["instance"].rpartition("::")[2] for one in report["results"]} == {INSTANCE}
    assert {said[name] for name in ("memory", "cancel-before-free", "cancel-on-drop", "cancel-once")} == {"proved"}
    assert {name for name, word in said.items() if word == "unknown"} <= {"extent", "set-empty"}
    refuted = next(one for one in report["results"] if one["obligation"] == "scalar-zero-alloc")
    assert (refuted["verdict"], refuted["trace"]["kind"]) == ("refuted", "violation")
    assert [path.suffixes[-2:] for path in (out / "traces").iterdir()] == [[".itf", ".json"]]
    assert not any(one["cached"] for one in report["results"])
    written = {path.name: path.read_bytes() for path in (out / "certificates").iterdir()}
    assert run(*asked, "--out", str(out)).exit_code == 1
    again = json.loads((out / "report.json").read_text())
    assert all(one["cached"] for one in again["results"])
    assert {one["obligation"]: one["verdict"] for one in again["results"]} == said
    assert {path.name: path.read_bytes() for path in (out / "certificates").iterdir()} == written
    _check_again(out)


def _check_again(out: Path) -> None:
    """With the MIR text, model and invariants that stand beside them; with a hash changed or without one, no more."""
    certificates = sorted((out / "certificates").glob("*.cert.json"))
    assert len(certificates) >= 14
    assert str(Path.home()) not in certificates[0].read_text(), "a path of this machine"
    assert CliRunner().invoke(main, ["check", str(out / "certificates")]).exit_code == 0
    (model,) = (out / "certificates").glob("*.model.smt2")
    assert sum(path.stat().st_size for path in certificates) < 16 * model.stat().st_size
    changed = json.loads(certificates[0].read_text())
    changed["subject"]["sha256"] = "0" * 64
    text = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    certificates[0].write_text(text)
    assert CliRunner().invoke(main, ["check", str(certificates[0])]).exit_code == 1
    model.unlink()
    assert CliRunner().invoke(main, ["check", str(certificates[1])]).exit_code == 1

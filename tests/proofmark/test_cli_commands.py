"""The commands as a user runs them, and their exit statuses."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from proofmark import prove_command
from proofmark.cli import main
from proofmark.version import VERSION

REPO = Path(__file__).parents[2]
EXAMPLES = REPO / "examples"
GOOD, BAD, OPEN = "static_pool_rust.wasm", "growing_c.wasm", "table_open.wasm"

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command in a directory with the examples, with a cache of its own."""
    for name in (GOOD, BAD, OPEN, "no_alloc.wasm"):
        shutil.copy(EXAMPLES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)


def run(*args: str, cwd: Path, **extra: Any) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(REPO), "XDG_CACHE_HOME": str(cwd / "cache")} | extra
    return subprocess.run(
        [sys.executable, "-m", "proofmark", *args], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def test_the_version_is_the_package_s() -> None:
    assert tomllib.loads((REPO / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("prove", GOOD), 0),
        (("prove", BAD, "--replay-seconds", 0), 1),
        (("prove", OPEN, "--obligation", "realloc-no-grow"), 3),
        (("prove", OPEN, "--obligation", "realloc-no-grow", "--assume", "host-tables"), 0),
        (("prove", "no_alloc.wasm"), 3),
        (("prove", "no_alloc.wasm", "--obligation", "module-no-grow", "--json"), 0),
        (("prove", GOOD, "gone.wasm"), 2),
        (("prove", "."), 2),
        (("prove",), 2),
        (("prove", GOOD, "--obligation", "all"), 2),
        (("prove", GOOD, "--jobs", "0"), 2),
        (("prove", GOOD, "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"), 2),
        (("prove", GOOD, "--manifest", "proofmark.toml"), 2),
        (("prove", GOOD, "--obligation", "no-alloc-path"), 2),
        (("prove", "--root", "f"), 2),
        (("prove", GOOD, "--format", "sarif", "--format", "junit"), 2),
        (("prove", GOOD, "--json", "--format", "junit"), 2),
        (("prove", GOOD, "--out", GOOD), 2),
        (("prove", GOOD, "--no-such-option"), 2),
        (("explain", GOOD), 0),
        (("explain", BAD, "--obligation", "module-no-grow"), 1),
        (("explain", BAD, "--output", "gone/x"), 2),
        (("explain", "gone.wasm"), 2),
        (("check", "gone.json"), 2),
        (("check", "."), 2),
        (("check",), 2),
        (("init", "gone.wasm"), 2),
        (("--version",), 0),
        (("--help",), 0),
        (("prove", "--help"), 0),
        (("nonsense",), 2),
    ],
)
def test_exit_status(call: Call, args: tuple[str, ...], status: int) -> None:
    result = call(*args)
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output


def test_out_holds_all_reports_and_certificates_that_check(call: Call) -> None:
    assert call("prove", GOOD, BAD, "gone.wasm", "--out", "out", "--replay-seconds", 0, "--jobs", 1).exit_code == 2
    names = {path.name for path in Path("out").iterdir()}
    assert names == {"report.json", "proofmark.sarif", "junit.xml", "summary.md", "certificates"}
    report = json.loads(Path("out/report.json").read_text())
    assert report["run_state"] == "complete"
    assert [r["verdict"] for r in report["results"]] == ["refuted", "refuted", "proved", "proved"]
    assert [m["subject"] for m in report["missing"]] == ["gone.wasm", "gone.wasm"]
    assert len(report["errors"]) == 1
    certificates = sorted(Path("out/certificates").iterdir())
    assert [c.name for c in certificates] == sorted(r["certificate"] for r in report["results"] if r["certificate"])
    assert call("check", *certificates).exit_code == 0
    assert call("check", "out/certificates").output == call("check", *certificates).output
    shutil.move(GOOD, "moved.wasm")
    assert call("check", *certificates).exit_code == 3
    assert call("check", *certificates, "--subject", "moved.wasm").exit_code == 0
    assert call("check", *certificates, "--subject", BAD, "--subject", "moved.wasm").exit_code == 0
    assert call("check", *certificates, "--subject", BAD).exit_code == 1
    assert call("check", *certificates, "gone.json", "--subject", BAD).exit_code == 2


def test_check_says_it_in_json(call: Call) -> None:
    call("prove", GOOD, "--out", "out")
    certificates = sorted(Path("out/certificates").iterdir())
    Path("forged.json").write_bytes(certificates[0].read_bytes().replace(b'"members":[[0,"0', b'"members":[[0,"1'))
    result = call("check", *certificates, "forged.json", "--json", "--subject", GOOD)
    assert result.exit_code == 1
    answers = json.loads(result.stdout)["results"]
    assert [answer["answer"] for answer in answers] == ["accepted", "accepted", "rejected"]
    quiet = call("check", certificates[0], "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")


def test_stale_certificates_go_and_nothing_else_does(call: Call) -> None:
    call("prove", GOOD, "--out", "out")
    others = ["notes.txt", "my.cert.json", "x-0123456789ab.module-no-grow.cert.json.bak"]
    for name in others:
        Path("out/certificates", name).touch()
    call("prove", "no_alloc.wasm", "--out", "out")
    left = {path.name for path in Path("out/certificates").iterdir()} - set(others)
    assert len(left) == 1
    assert left.pop().startswith("no_alloc-")
    assert all(Path("out/certificates", name).exists() for name in others)


def test_formats_choose_the_files(call: Call) -> None:
    call("prove", GOOD, "--out", "out", "--format", "sarif")
    assert {path.name for path in Path("out").iterdir()} == {"proofmark.sarif", "certificates"}


@pytest.mark.parametrize(("form", "begins"), [("json", "{"), ("sarif", "{"), ("junit", "<?xml"), ("markdown", "### ")])
def test_one_report_on_standard_output(call: Call, form: str, begins: str) -> None:
    result = call("prove", GOOD, "--format", form)
    assert result.stdout.startswith(begins)
    assert "proved" in result.stderr
    silent = call("prove", GOOD, "--format", form, "--quiet")
    assert silent.stdout.startswith(begins)
    assert silent.stderr == ""


def test_json_is_all_there_is_on_standard_output(call: Call) -> None:
    result = call("prove", GOOD, "gone.wasm", "--json", "--jobs", 1)
    assert json.loads(result.stdout)["missing"]
    assert "gone.wasm:file: found" in result.stderr


def test_quiet_prints_errors_only(call: Call) -> None:
    assert call("prove", BAD, GOOD, "--quiet", "--jobs", 1, "--replay-seconds", 0).output == ""
    assert call("prove", "gone.wasm", "--quiet").stderr.startswith("error: gone.wasm:file: found No such file")


def test_manifest_drives_a_run(call: Call) -> None:
    assert call("init", ".").exit_code == 0
    written = tomllib.loads(Path("proofmark.toml").read_text())
    asked = {subject["path"]: subject["obligations"] for subject in written["subject"]}
    assert asked["no_alloc.wasm"] == ["module-no-grow"]
    assert asked[GOOD] == ["realloc-no-grow", "module-no-grow"]
    assert "# realloc-vestigial applies once it says: boundary" in Path("proofmark.toml").read_text()
    assert call("init").exit_code == 2
    assert call("init", "--force").exit_code == 0
    with open("proofmark.toml", "a") as file:
        file.write('[[subject]]\npath = "gone.wasm"\nobligations = ["module-no-grow"]\n')
    result = call("prove", "--out", "out", "--replay-seconds", 0, "--jobs", 1)
    assert result.exit_code == 2
    assert json.loads(Path("out/report.json").read_text())["missing"][0]["subject"] == "gone.wasm"


def test_a_broken_manifest_leaves_a_report_that_is_not_green(call: Call) -> None:
    Path("proofmark.toml").write_text("[[subjct]]\n")
    result = call("prove", "--out", "out")
    assert result.exit_code == 2
    assert "proofmark.toml:1:1: found unknown key 'subjct'" in result.stderr
    report = json.loads(Path("out/report.json").read_text())
    assert report["run_state"] == "incomplete"
    assert report["errors"]


@pytest.mark.parametrize(("form", "begins"), [("text", "refuted "), ("dot", "digraph"), ("svg", "<svg")])
def test_explain_draws(call: Call, form: str, begins: str) -> None:
    result = call("explain", BAD, "--format", form)
    assert begins in result.stdout
    call("explain", BAD, "--format", form, "--output", "picture")
    seconds = re.compile(r"\d+\.\d\d s\b")
    assert seconds.sub("", Path("picture").read_text()) == seconds.sub("", result.stdout)


def test_a_fault_of_ours_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def slips(_: object) -> int:
        raise KeyError("two\nlines")

    monkeypatch.setattr(prove_command, "run", slips)
    result = call("prove", GOOD)
    assert result.exit_code == 4
    assert re.fullmatch(
        r"fault in proofmark: KeyError: .*; please report \(set PROOFMARK_TRACEBACK=1 .*\)\n", result.stderr
    )
    monkeypatch.setenv("PROOFMARK_TRACEBACK", "1")
    assert "Traceback" in call("prove", GOOD).stderr


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    from proofmark.console import coloured

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert coloured("proved   x proved", Terminal()) == "\x1b[32mproved\x1b[0m   x proved"  # type: ignore[arg-type]
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured("proved   x", Terminal()) == "proved   x"  # type: ignore[arg-type]


def test_a_reader_that_goes_away_does_not_change_the_verdict(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / GOOD, tmp_path)
    for args, status in ((("prove", GOOD, "--json"), 0), (("prove", GOOD), 0), (("--help",), 141)):
        reader, writer = os.pipe()
        os.close(reader)
        environ = {**os.environ, "PYTHONPATH": str(REPO), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        done = subprocess.run(
            [sys.executable, "-m", "proofmark", *args],
            cwd=tmp_path, env=environ, stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        os.close(writer)
        assert done.returncode == status, (args, done.stderr)
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_no_verdict(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / GOOD, tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(REPO), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "proofmark", "prove", GOOD, "--json"],
            cwd=tmp_path, env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_ascii_world(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / BAD, tmp_path)
    done = run("explain", BAD, cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_processes_of_the_command_line(tmp_path: Path) -> None:
    for name in (GOOD, BAD, "no_alloc.wasm"):
        shutil.copy(EXAMPLES / name, tmp_path)
    done = run("prove", BAD, GOOD, "no_alloc.wasm", "--jobs", "2", "--json", "--replay-seconds", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["results"]) == 6


def test_help_names_every_exit_status() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {status}  " in text for status in range(5))
    assert isinstance(main, click.Group)

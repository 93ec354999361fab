"""`proofmark diff`: each kind of change is told, and fails the gate that names it and no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from click.testing import CliRunner, Result

from proofmark.cli import main

GATES = ("verdicts", "assumptions", "evidence", "subjects")
Diff = Callable[..., Result]

MODULE = '(module {imports}(memory (export "m") 1 1) (func (export "cabi_realloc")) (func (export "run") {body}))'
PLAIN = MODULE.format(imports="", body="")
CALLS = MODULE.format(imports='(import "env" "f" (func $f)) ', body="call $f")
GROWS = MODULE.format(imports="", body="(drop (memory.grow (i32.const 1)))")


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Proves both obligations of a module, in a directory of its own, into the directory given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(text: str, out: str, *more: str) -> None:
        Path("a.wasm").write_bytes(wasmtime.wat2wasm(text))
        options = ["a.wasm", "--out", out, "--quiet", "--replay-seconds", "0", *more]
        assert CliRunner().invoke(main, ["prove", *options]).exit_code in (0, 1, 3)

    return run


def _changes(old: str, new: str) -> dict[str, Any]:
    """What changed, by kind; and that each gate fails exactly when it should."""
    answer = CliRunner().invoke(main, ["diff", old, new, "--json", "--quiet"], catch_exceptions=False)
    assert answer.exit_code == 0
    found: dict[str, list[str]] = {}
    for change in json.loads(answer.stdout)["changes"]:
        found.setdefault(change["change"], []).append(f"{change.get('obligation')}: {change['detail']}")
    wanted = {
        "verdicts": {"gone", "worse", "run-less-complete"},
        "assumptions": {"assumes-more"},
        "evidence": {"evidence"},
        "subjects": {"subject"},
    }
    for gate in GATES:
        status = CliRunner().invoke(main, ["diff", old, new, "--fail-on", gate, "--quiet"]).exit_code
        assert status == (1 if wanted[gate] & found.keys() else 0), gate
    return found


def test_the_same_run_twice(prove: Callable[..., None]) -> None:
    prove(PLAIN, "old")
    prove(PLAIN, "new", "--no-cache")
    assert _changes("old", "new") == {}
    assert CliRunner().invoke(main, ["diff", "old", "new"]).stdout == "no change\n"


def test_a_new_assumption(prove: Callable[..., None]) -> None:
    """And one less on the way back."""
    prove(PLAIN, "old")
    prove(CALLS, "new")
    forward, back = _changes("old", "new"), _changes("new", "old")
    assert forward.keys() == {"assumes-more", "evidence", "subject"}
    assert [line.split(":")[:2] for line in forward["assumes-more"]] == [["module-no-grow", " host-function env.f"]]
    assert forward["evidence"] == ["module-no-grow: members, roots", "realloc-no-grow: members, roots"]
    assert back.keys() == {"assumes-less", "evidence", "subject"}


def test_verdicts(prove: Callable[..., None]) -> None:
    """Worse, and better; a proof that comes anew with an assumption assumes more."""
    prove(CALLS, "old")
    prove(GROWS, "new")
    forward, back = _changes("old", "new"), _changes("new", "old")
    assert forward["worse"] == ["module-no-grow: proved → refuted"]
    assert "assumes-less" not in forward
    assert back["better"] == ["module-no-grow: refuted → proved"]
    assert back["assumes-more"][0].startswith("module-no-grow: host-function env.f")


def test_obligations_that_come_and_go(prove: Callable[..., None]) -> None:
    prove(PLAIN, "old")
    prove(PLAIN, "new", "--obligation", "module-no-grow")
    assert _changes("old", "new") == {"gone": ["realloc-no-grow: proved → no result"]}
    assert _changes("new", "old") == {"new": ["realloc-no-grow: proved"]}


def test_an_incomplete_run(prove: Callable[..., None]) -> None:
    prove(PLAIN, "old")
    prove(PLAIN, "new")
    report = Path("new/report.json")
    report.write_text(report.read_text().replace('"complete"', '"incomplete"'))
    assert _changes("old", "new") == {"run-less-complete": ["None: complete → incomplete"]}


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize(
    "damage",
    [
        lambda: Path("new/report.json").unlink(),
        lambda: Path("new/report.json").write_text("[" * 100_000),
        lambda: Path("new/report.json").write_text('{"format": "proofmark-report/2"}'),
        lambda: _emptied(Path("new/certificates")),
        lambda: [path.write_text("[]") for path in Path("new/certificates").glob("*.json")],
    ],
)
def test_no_run_to_compare(prove: Callable[..., None], damage: Callable[[], object]) -> None:
    """Bad input, never "no change"."""
    prove(PLAIN, "old")
    prove(PLAIN, "new")
    damage()
    for pair in (["old", "new"], ["new", "old"]):
        answer = CliRunner().invoke(main, ["diff", *pair])
        assert answer.exit_code == 2
        assert "new/" in answer.stderr

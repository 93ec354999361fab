"""`proofmark kit`: the archive checks with Python alone, and whatever is changed in it is told."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import wasmtime
from click.testing import CliRunner

from proofmark.cli import main

MODULE = '(module (memory (export "m") 1 1) (func (export "cabi_realloc")) (func (export "run") {body}))'
PLAIN = MODULE.format(body="")
GROWS = MODULE.format(body="(drop (memory.grow (i32.const 1)))")
RUNTIME = Path(__file__).parents[2] / "examples/runtime"
ALONE = ("-I", "-S")
"""Python without packages, environment or working directory: its standard library alone."""

Prove = Callable[..., None]


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prove:
    """Proves into `out`: a module `a.wasm` of this text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(text: str) -> None:
        Path("a.wasm").write_bytes(wasmtime.wat2wasm(text))
        options = ["a.wasm", "--out", "out", "--quiet", "--replay-seconds", "0"]
        assert CliRunner().invoke(main, ["prove", *options]).exit_code in (0, 1)

    return run


def _kit(status: int, *more: str) -> Path:
    """Made and unpacked."""
    answer = CliRunner().invoke(main, ["kit", "out", "--out", "kit.zip", *more], catch_exceptions=False)
    assert answer.exit_code == status, answer.output
    shutil.rmtree("kit", ignore_errors=True)
    with zipfile.ZipFile("kit.zip") as archive:
        archive.extractall("kit")
    return Path("kit").resolve()


def _check(kit: Path, *more: str, python: Iterable[str] = ALONE) -> tuple[int, str]:
    """As whoever gets it runs it: elsewhere, and without anything of ours on the way."""
    command = [sys.executable, *python, str(kit / "check.py"), *more]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, cwd="/", env=environ, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_python_alone_checks_it(prove: Prove) -> None:
    """Twice: the check leaves nothing behind."""
    prove(PLAIN)
    kit = _kit(0)
    for _ in range(2):
        assert _check(kit) == (
            0,
            "accepted     module-no-grow of a.wasm (every entry)\n"
            "accepted     realloc-no-grow of a.wasm (every realloc)\n",
        )
    assert "cvc5" not in (kit / "README.md").read_text()


def test_the_command_of_its_instructions(prove: Prove) -> None:
    prove(PLAIN)
    kit = _kit(0)
    command = re.search(r"```sh\npython3 (.*)\n```", (kit / "README.md").read_text())
    assert command is not None
    done = subprocess.run([sys.executable, *command[1].split()], cwd=kit, capture_output=True, check=False)
    assert done.returncode == 0


def test_the_same_run_gives_the_same_bytes(prove: Prove) -> None:
    prove(PLAIN)
    _kit(0)
    first = Path("kit.zip").read_bytes()
    os.utime("a.wasm", (0, 0))
    _kit(0)
    assert Path("kit.zip").read_bytes() == first


def test_whatever_is_changed_is_told(prove: Prove) -> None:
    """A byte of any file but the list and what reads it; a file taken away, or put in."""
    prove(PLAIN)
    kit = _kit(0)
    files = [
        path for path in sorted(kit.rglob("*")) if path.is_file() and path.name not in ("MANIFEST.json", "check.py")
    ]
    for path in files[:: max(1, len(files) // 12)]:
        raw = path.read_bytes()
        path.write_bytes(raw[:-1] + bytes((raw[-1] ^ 1,)) if raw else b"x")
        assert _check(kit)[0] == 2, path
        path.unlink()
        assert _check(kit)[0] == 2, path
        path.write_bytes(raw)
    (kit / "proofs/recheck/__pycache__").mkdir()
    (kit / "proofs/recheck/__pycache__/check.cpython-311.pyc").write_bytes(b"")
    assert _check(kit) == (
        2,
        "damaged      files missing or left over: proofs/recheck/__pycache__/check.cpython-311.pyc\n",
    )
    shutil.rmtree(kit / "proofs/recheck/__pycache__")
    assert _check(kit)[0] == 0


def test_a_list_that_was_changed_as_well(prove: Prove) -> None:
    """The checker stands behind the list: a certificate of other bytes is rejected, whatever hash is listed."""
    prove(PLAIN)
    kit = _kit(0)
    manifest = (kit / "MANIFEST.json").read_text()
    for old, new in (("module-no-grow", "realloc-no-grow"), ("every entry", "every realloc")):
        (kit / "MANIFEST.json").write_text(manifest.replace(f'": "{old}"', f'": "{new}"'))
        assert _check(kit)[0] == 1
    elsewhere = manifest.replace('"file": "a', '"file": "../a')
    for broken in (
        "",
        elsewhere,
        manifest.replace('"obligation"', '"other"'),
        "[]",
        "{}",
        manifest.replace("proofmark-kit/1", "proofmark-kit/2"),
        "[" * 100_000,
    ):
        (kit / "MANIFEST.json").write_text(broken)
        assert _check(kit)[0] == 2


def test_without_the_subjects(prove: Prove) -> None:
    """They are named by whoever has them, and told apart by hash."""
    prove(PLAIN)
    kit = _kit(0, "--without-subjects")
    assert not (kit / "subjects").exists()
    assert _check(kit)[0] == 3
    assert _check(kit, str(kit / "README.md"))[0] == 3
    assert _check(kit, str(kit / "README.md"), str(Path("a.wasm").resolve()))[0] == 0
    assert _check(kit, "gone.wasm")[0] == 2


def test_only_what_holds_is_in_it(prove: Prove) -> None:
    prove(GROWS)
    kit = _kit(1)
    assert _check(kit) == (0, "accepted     realloc-no-grow of a.wasm (every realloc)\n")
    Path("a.wasm").write_bytes(b"")
    assert CliRunner().invoke(main, ["kit", "out"]).exit_code == 2
    assert CliRunner().invoke(main, ["kit", "gone"]).exit_code == 2


@pytest.mark.usefixtures("prove")
def test_an_invariant_needs_the_solver() -> None:
    """Without one, hashes and form are checked and that is said; with one, it is proved again."""
    options = ["--mir", str(RUNTIME / "mir/abort.mir"), "--src", str(RUNTIME), "--panic", "abort", "--peer", "host"]
    more = ["--operation", "task-side", "--obligation", "set-empty", "--out", "out", "--quiet"]
    assert CliRunner().invoke(main, ["prove", *options, *more]).exit_code == 0
    kit = _kit(0)
    status, said = _check(kit)
    assert status == 3
    assert "not-checked  set-empty" in said
    assert "the solver cvc5 is not at hand" in said
    assert re.search(r"pip install cvc5==\d", (kit / "README.md").read_text())
    status, said = _check(kit, python=("-I",))
    assert (status, said.splitlines()[0][:22]) == (0, "accepted     set-empty")
    assert _check(kit, python=("-I",))[0] == 0
    _break_the_invariant(kit)
    status, said = _check(kit)
    assert status == 1
    assert "SHA-256" in said


def _break_the_invariant(kit: Path) -> None:
    """And the list with it."""
    path = next(iter((kit / "certificates").glob("*.invariant.smt2")))
    raw = path.read_bytes()
    changed = raw.replace(b"true", b"eurt", 1) if b"true" in raw else raw[:-1] + b" "
    path.write_bytes(changed)
    manifest = kit / "MANIFEST.json"
    text = manifest.read_text()
    before, after = (hashlib.sha256(one).hexdigest() for one in (raw, changed))
    manifest.write_text(text.replace(f'"sha256": "{before}"', f'"sha256": "{after}"'))

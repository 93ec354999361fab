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
from proved_pool import accepted, prove_pool, run

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

    def prove(text: str) -> None:
        Path("a.wasm").write_bytes(wasmtime.wat2wasm(text))
        options = ["a.wasm", "--out", "out", "--quiet", "--replay-seconds", "0"]
        assert CliRunner().invoke(main, ["prove", *options]).exit_code in (0, 1)

    return prove


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
    outside = kit.with_name("outside")
    outside.mkdir()
    (outside / "__init__.py").write_text("raise SystemExit(0)")
    (kit / "proofs/recheck/check").symlink_to(outside)  # a package, which Python would take for the module of this name
    assert _check(kit) == (2, "damaged      files missing or left over: proofs/recheck/check\n")
    (kit / "proofs/recheck/check").unlink()
    checker = kit / "proofs/recheck/check.py"
    for odd in (outside / "__init__.py", outside / "pipe"):
        if not odd.exists():
            os.mkfifo(odd)
        kept = checker.read_bytes()
        checker.unlink()
        checker.symlink_to(odd)
        assert _check(kit) == (2, "damaged      proofs/recheck/check.py: no regular file\n")
        checker.unlink()
        checker.write_bytes(kept)
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
        manifest.replace('"solvers": []', '"solvers": [],\n "solvers": []'),  # a key twice
        manifest + " ",
    ):
        (kit / "MANIFEST.json").write_text(broken)
        assert broken != manifest
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


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run about a pool, with propositional proofs of both of its certificates."""
    certificates = prove_pool(tmp_path_factory.mktemp("pool"))
    accepted(run("export", certificates))
    return certificates.parent


@pytest.fixture
def pool_run(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(exported, tmp_path / "out"))


def test_propositional_proofs_need_no_solver(pool_run: Path) -> None:
    """By the command of the kit's own instructions: Python alone accepts what is about a pool."""
    (pool_run / "certificates/other.lrat").write_text("c of no certificate\n")
    kit = _kit(0, "--lrat")
    assert len(list((kit / "certificates").glob("*.lrat"))) == 4
    assert not (kit / "certificates/other.lrat").exists()
    text = (kit / "README.md").read_text()
    assert "python3 -I -S check.py --lrat\n" in text
    assert "pip install" not in text
    status, said = _check(kit, "--lrat")
    assert (status, said.count("accepted ")) == (0, 2), said
    status, said = _check(kit)
    assert (status, said.count("the solver cvc5 is not at hand")) == (3, 2), said
    proof = max((kit / "certificates").glob("*.lrat"), key=lambda path: path.stat().st_size)
    raw = proof.read_bytes()
    _replace(kit, proof, raw[: len(raw) // 2])
    status, said = _check(kit, "--lrat")
    assert (status, "rejected" in said) == (1, True), said


@pytest.mark.usefixtures("pool_run")
def test_without_lrat_no_proof_that_nobody_looked_at_is_packed() -> None:
    kit = _kit(0)
    assert not list((kit / "certificates").glob("*.lrat"))
    assert "--lrat" not in (kit / "README.md").read_text()
    status, said = _check(kit, "--lrat")
    assert (status, said.count("there is no file")) == (1, 2), said


def test_a_certificate_without_its_proofs_is_not_packed(pool_run: Path) -> None:
    for path in (pool_run / "certificates").glob("*.lrat"):
        path.unlink()
    done = run("kit", "out", "--lrat")
    assert done.exit_code == 2
    assert "no certificate that holds" in done.output
    done = run("safety-case", "out", "--lrat", "--format", "json")
    assert (done.exit_code, done.output.count("there is no file")) == (1, 2), done.output


def _break_the_invariant(kit: Path) -> None:
    """And the list with it."""
    path = next(iter((kit / "certificates").glob("*.invariant.smt2")))
    raw = path.read_bytes()
    _replace(kit, path, raw.replace(b"true", b"eurt", 1) if b"true" in raw else raw[:-1] + b" ")


def _replace(kit: Path, path: Path, changed: bytes) -> None:
    before, after = (hashlib.sha256(one).hexdigest() for one in (path.read_bytes(), changed))
    path.write_bytes(changed)
    manifest = kit / "MANIFEST.json"
    manifest.write_text(manifest.read_text().replace(f'"sha256": "{before}"', f'"sha256": "{after}"'))

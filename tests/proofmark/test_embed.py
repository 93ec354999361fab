"""`prove --embed`: what it writes is taken by the loader and by `check`, and nothing else in its place is."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from loader_tools import answers, compiler

from proofmark.cli import main
from proofs.recheck.compact import SECTION_NAME, split_module

EXAMPLES = Path(__file__).parents[2] / "examples"
POOL, TABLE = "static_pool_rust.wasm", "table_closed.wasm"

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command in a directory of its own, where `out` is what embedding two examples wrote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)

    for name in (POOL, TABLE):
        os.symlink(EXAMPLES / name, name)
    assert run("prove", POOL, TABLE, "--out", "out", "--embed", "--quiet").exit_code == 0
    return run


def _written(stem: str, ending: str) -> Path:
    (found,) = Path("out/embedded").glob(f"{stem}-*{ending}")
    return found


@pytest.mark.usefixtures("call")
def test_modules_carry_their_certificates() -> None:
    """Every byte of the module is as it was; the loader takes the sidecar and the section, over either module."""
    for name in (POOL, TABLE):
        original, stem = Path(name).read_bytes(), Path(name).stem
        carrying = _written(stem, ".wasm").read_bytes()
        assert carrying.startswith(original)
        plain, carried = split_module(carrying)
        sidecars = [_written(stem, f".{kind}-no-grow.closed-set").read_bytes() for kind in ("realloc", "module")]
        assert plain == original
        assert list(carried) == sidecars
        assert answers([(module, raw) for module in (original, carrying) for raw in sidecars]) == ["accepted"] * 4


def test_check_takes_them(call: Call) -> None:
    """Beside their module or with it given; several at once; and the module by itself."""
    carrying = _written("table_closed", ".wasm")
    assert call("check", "out/embedded").exit_code == 0
    assert call("check", carrying).output.count("accepted") == 2
    assert call("check", "out/embedded", "--subject", POOL, "--subject", TABLE).exit_code == 0
    one = _written("table_closed", ".module-no-grow.closed-set")
    assert call("check", one, "--subject", TABLE).exit_code == 0
    assert call("check", one, "--subject", POOL).exit_code == 1
    one.rename("alone.closed-set")
    assert call("check", "alone.closed-set").exit_code == 3
    answer = json.loads(call("check", carrying, "--json", "--quiet").stdout)["results"][0]
    assert (answer["answer"], answer["obligation"]) == ("accepted", "module-no-grow")


def test_check_refuses_what_was_changed(call: Call) -> None:
    """Each byte of a certificate, and each of the module that carries it but those of other certificates."""
    carrying, path = _written("table_closed", ".wasm").read_bytes(), Path("changed.wasm")
    for at in range(len(carrying)):
        path.write_bytes(bytes((*carrying[:at], carrying[at] ^ 0x40, *carrying[at + 1 :])))
        assert call("check", path).exit_code == 1, at


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda carrying, _: carrying + _section(split_module(carrying)[1][0]), "two certificates for realloc-no-grow"),
        (lambda carrying, _: carrying + _section(b"PMcs"), "holds no certificate"),
        (lambda _, plain: plain, "carries no certificate"),
        (lambda carrying, _: carrying[:-1], "longer than what holds it"),
        (lambda _, plain: plain[:4] + b"\x0d\0\1\0", "components have no compact certificates"),
    ],
)
def test_a_module_that_carries_something_else(call: Call, change: Callable[[bytes, bytes], bytes], reason: str) -> None:
    carrying = _written("table_closed", ".wasm").read_bytes()
    Path("other.wasm").write_bytes(change(carrying, Path(TABLE).read_bytes()))
    answer = call("check", "other.wasm")
    assert answer.exit_code == 1
    assert reason in answer.output


def _section(content: bytes) -> bytes:
    name = SECTION_NAME.encode()
    body = bytes((len(name),)) + name + content
    return bytes((0, len(body))) + body


def test_proving_what_carries_certificates(call: Call) -> None:
    """Old sections make way for new ones: the same module comes out."""
    carrying = _written("table_closed", ".wasm")
    assert call("prove", carrying, "--out", "again", "--embed", "--quiet").exit_code == 0
    (again,) = Path("again/embedded").glob("*.wasm")
    assert again.read_bytes() == carrying.read_bytes()


def test_what_has_no_compact_form(call: Call) -> None:
    """It is said; the files of an earlier run go."""
    component = EXAMPLES / "component_linked.wasm"
    answer = call("prove", component, "--out", "out", "--embed")
    assert "a component: loaders check core modules only" in answer.stderr
    assert list(Path("out/embedded").iterdir()) == []
    answer = call("prove", POOL, "--root", "cabi_realloc", "--obligation", "realloc-no-grow", "--out", "out", "--embed")
    assert "loaders find roots by rule only" in answer.stderr
    assert [path.suffix for path in Path("out/embedded").iterdir()] == [".rs"]
    assert call("prove", EXAMPLES / "no_alloc.wat", "--out", "out", "--embed").stderr.count("text format") == 1
    assert call("prove", POOL, "--embed").exit_code == 2


def test_constants_compile(call: Call) -> None:
    """Rust reads them, and they say what the files are; names that are hostile are only text."""
    roots = ("--root", "cabi_realloc", "--obligation", "realloc-no-grow")
    named = Path('hostile"\n {name}.wasm')
    named.write_bytes(Path(POOL).read_bytes())
    assert call("prove", named, *roots, "--out", "named", "--embed").exit_code == 0
    (hostile,) = Path("named/embedded").glob("*.rs")
    files = [_written("table_closed", ".rs"), hostile]
    modules = "\n".join(f'mod m{at} {{ include!("{path.resolve()}"); }}' for at, path in enumerate(files))
    program = f"""#![allow(dead_code)]
{modules}
fn main() {{
    println!("{{}} {{}} {{}}", m0::MODULE_BYTES, m0::EMBEDDED_BYTES, m0::POOLS.len());
    println!("{{}} {{}}", m0::COMPACT[1].0, m0::PROVED[0].1);
    for byte in m0::EMBEDDED_SHA256 {{ print!("{{:02x}}", byte); }}
    println!("\\n{{}}", m1::PROVED[0].1);
}}"""
    Path("program.rs").write_text(program, encoding="utf-8")
    subprocess.run([compiler(), "--edition=2021", "-oprogram", "program.rs"], check=True)
    said = subprocess.run(["./program"], capture_output=True, text=True, check=True).stdout.split("\n")
    carrying = _written("table_closed", ".wasm")
    assert said[0] == f"{Path(TABLE).stat().st_size} {carrying.stat().st_size} 0"
    assert said[1:] == ["module-no-grow every entry", _sha256(carrying), "roots cabi_realloc", ""]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Files that somebody else put there: pipes, devices, names that no file can have. Each gets an answer, and none that
is a fault of proofmark's own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from artifacts.certificate import sealed
from artifacts.regular_file import read_regular
from proofmark.cli import main

GOOD = Path(__file__).parents[2] / "examples/static_pool_rust.wasm"
ATTESTATION = Path("out/attestation.intoto.json")
Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command where a signed run is, and `pipe`, into which nobody writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    key = Ed25519PrivateKey.generate()
    Path("mine.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    Path("mine.pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    os.mkfifo("pipe")

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args])

    proved = run("prove", GOOD, "--obligation", "realloc-no-grow", "--out", "out", "--sign", "mine.key", "--quiet")
    assert proved.exit_code == 0
    return run


def _certificate() -> Path:
    (found,) = Path("out/certificates").glob("*.cert.json")
    return found


@pytest.mark.parametrize("odd", ["pipe", "/dev/zero"])
def test_pipes_and_devices_are_no_certificates(call: Call, odd: str) -> None:
    answer = call("check", odd)
    assert answer.exit_code == 2
    assert "no regular file" in answer.output
    assert call("export", odd).exit_code == 2
    raw = _certificate().read_bytes()
    name = _certificate()
    name.unlink()
    name.symlink_to(Path(odd).absolute())
    assert call("check", "out/certificates", "--subject", GOOD).exit_code == 2
    assert call("check", ATTESTATION, "--key", "mine.pub", "--subject", GOOD).exit_code == 1
    assert call("safety-case", "out", "--subject", GOOD).exit_code == 3
    name.unlink()
    name.write_bytes(raw)
    assert call("check", "out/certificates", "--subject", GOOD).exit_code == 0
    assert call("safety-case", "out", "--subject", GOOD).exit_code == 0


@pytest.mark.parametrize("odd", ["pipe", "/dev/zero"])
@pytest.mark.parametrize("command", [("safety-case", "out"), ("kit", "out"), ("diff", "out", "out")])
def test_pipes_and_devices_are_no_reports(call: Call, command: tuple[str, ...], odd: str) -> None:
    assert call(*command).exit_code == 0
    Path("out/report.json").unlink()
    Path("out/report.json").symlink_to(Path(odd).absolute())
    assert call(*command).exit_code == 2


def test_pipes_are_no_subjects_nor_attestations(call: Call) -> None:
    assert call("check", _certificate(), "--subject", "pipe").exit_code == 3
    assert call("check", _certificate(), "--subject", "pipe", "--subject", GOOD).exit_code == 0
    assert call("safety-case", "out", "--subject", "pipe").exit_code == 2
    ATTESTATION.unlink()
    ATTESTATION.symlink_to(Path("pipe").absolute())
    assert call("check", ATTESTATION, "--key", "mine.pub", "--subject", GOOD).exit_code == 2


@pytest.mark.parametrize(("name", "status"), [("static_pool_rust.wasm", 0), ("y" * 255, 3), ("y" * 100_000, 3)])
def test_a_subject_s_name_may_be_longer_than_a_file_s(call: Call, name: str, status: int) -> None:
    Path("static_pool_rust.wasm").write_bytes(GOOD.read_bytes())
    document: dict[str, Any] = json.loads(_certificate().read_bytes())
    document["subject"]["name"] = name
    Path("x.cert.json").write_bytes(sealed(document))
    assert call("check", "x.cert.json").exit_code == status


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "../report.json", "", ".."])
def test_a_report_that_names_no_possible_certificate(call: Call, name: str) -> None:
    document: dict[str, Any] = json.loads(Path("out/report.json").read_bytes())
    document["results"][0]["certificate"] = name
    Path("out/report.json").write_text(json.dumps(document))
    assert call("kit", "out", "--subject", GOOD).exit_code == 2  # nothing is left to pack
    assert call("safety-case", "out", "--subject", GOOD).exit_code == 3
    state = json.loads(Path("out/safety-case.json").read_bytes())
    assert "missing" in json.dumps(state)
    assert str(Path.cwd()) not in json.dumps(state["nodes"]).replace(document["results"][0]["subject"]["path"], "")


def test_a_safety_case_makes_its_directory(call: Call) -> None:
    assert call("safety-case", "out", "--subject", GOOD, "--out", "new/case").exit_code == 0
    assert Path("new/case/safety-case.svg").is_file()
    assert call("safety-case", "out", "--subject", GOOD, "--out", "mine.key/case").exit_code == 2


def test_a_key_twice_in_an_envelope_is_refused(call: Call) -> None:
    """Other readers may take the first."""
    raw = ATTESTATION.read_bytes()
    assert call("check", ATTESTATION, "--key", "mine.pub", "--subject", GOOD).exit_code == 0
    ATTESTATION.write_bytes(raw.replace(b"{", b'{"payload":"AAAA",', 1))
    answer = call("check", ATTESTATION, "--key", "mine.pub", "--subject", GOOD)
    assert answer.exit_code == 1
    assert "a key twice" in answer.output


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    for most, odd in ((4, path), (5, tmp_path), (5, tmp_path / "none"), (5, Path("/dev/zero"))):
        with pytest.raises(OSError, match=r"bytes|directory|regular"):
            read_regular(odd, most)


def test_a_module_of_python_beside_a_subject_is_not_run(call: Call) -> None:
    text = '(module (memory 1) (func (export "cabi_realloc") (drop (memory.grow (i32.const 1)))))'
    Path("text.wat").write_text(text)
    Path("wasmtime.py").write_text('open("ran", "w"); wat2wasm = lambda text: b"\\0asm\\1\\0\\0\\0"')
    assert call("prove", "text.wat", "--obligation", "realloc-no-grow", "--out", "text").exit_code == 1
    document = json.loads(_certificate().read_bytes())
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    subject: dict[str, Any] = {"name": "text.wat", "bytes": len(text), "sha256": sha256}
    changed = Path("text.cert.json")
    changed.write_bytes(sealed({**document, "subject": subject}))
    assert call("check", changed, "--subject", "text.wat").exit_code == 1
    assert not Path("ran").exists()

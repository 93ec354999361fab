"""`prove --sign` and `check --key`: only proofs are signed, and accepted is only what still holds."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from real_modules import missing

from artifacts.attestation import signed_bytes
from proofmark.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD, BAD = EXAMPLES / "static_pool_rust.wasm", EXAMPLES / "growing_c.wasm"
ATTESTATION = Path("out/attestation.intoto.json")

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command where two pairs of keys and a signed run are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("mine", "other"):
        key = Ed25519PrivateKey.generate()
        Path(f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        Path(f"{name}.pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)

    assert run("prove", GOOD, "--out", "out", "--sign", "mine.key", "--quiet").exit_code == 0
    return run


def _check(call: Call, *more: object) -> Result:
    return call("check", ATTESTATION, "--key", "mine.pub", "--subject", GOOD, *more)


def test_signed_and_checked(call: Call) -> None:
    answer = _check(call)
    assert answer.exit_code == 0
    assert "2 proofs, signed by" in answer.output
    document = json.loads(_check(call, "--json").stdout)["results"][0]
    assert (document["answer"], document["proofs"], len(document["signed_by"])) == ("accepted", 2, 64)
    statement = json.loads(base64.b64decode(json.loads(ATTESTATION.read_bytes())["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert [one["obligation"] for one in statement["predicate"]["proofs"]] == ["module-no-grow", "realloc-no-grow"]


def test_another_tool_verifies_the_signature(call: Call) -> None:
    """OpenSSL, over DSSE's pre-authentication encoding."""
    assert call is not None
    if shutil.which("openssl") is None:
        missing("no openssl")
    envelope = json.loads(ATTESTATION.read_bytes())
    Path("data").write_bytes(signed_bytes(base64.b64decode(envelope["payload"])))
    Path("sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "mine.pub",
        "-rawin",
        "-in",
        "data",
        "-sigfile",
        "sig",
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_without_the_key_or_with_another(call: Call) -> None:
    assert call("check", ATTESTATION, "--subject", GOOD).exit_code == 3
    assert call("check", ATTESTATION, "--subject", GOOD, "--key", "other.pub").exit_code == 1
    for wrong in ("mine.key", "gone.pub", GOOD):
        assert call("check", ATTESTATION, "--key", wrong).exit_code == 2
    assert call("prove", GOOD, "--out", "out", "--sign", "mine.pub").exit_code == 2
    assert call("prove", GOOD, "--sign", "mine.key").exit_code == 2


def test_only_a_run_that_proved_everything_is_signed(call: Call) -> None:
    """And the attestation of the run before is gone."""
    answer = call("prove", GOOD, BAD, "--out", "out", "--sign", "mine.key", "--replay-seconds", 0)
    assert answer.exit_code == 1
    assert "not signed: not everything was proved" in answer.stderr
    assert not ATTESTATION.exists()


def test_every_byte_of_the_envelope(call: Call) -> None:
    raw = ATTESTATION.read_bytes()
    for at in range(0, len(raw), 3):
        ATTESTATION.write_bytes(bytes((*raw[:at], raw[at] ^ 1, *raw[at + 1 :])))
        answer = _check(call)
        if answer.exit_code == 0:  # the key's name, which is only a hint
            assert raw.index(b'"keyid":"') + 9 <= at < raw.index(b'","sig"'), at
        else:
            assert answer.exit_code == 1, at


def _without_certificate() -> None:
    next(iter(Path("out/certificates").glob("*.module-no-grow.cert.json"))).unlink()


def _swapped() -> None:
    one, other = sorted(Path("out/certificates").iterdir())
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


@pytest.mark.parametrize("change", [_without_certificate, _swapped])
def test_certificates_that_are_not_those_signed(call: Call, change: Callable[[], None]) -> None:
    change()
    assert _check(call).exit_code == 1
    assert call("check", ATTESTATION, "--key", "mine.pub", "--subject", BAD).exit_code == 1


def _signed(change: Callable[[Any], object]) -> None:
    """Another statement, signed with the right key."""
    from proofmark.key_files import read_signer

    envelope = json.loads(ATTESTATION.read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    ATTESTATION.write_bytes(read_signer(Path("mine.key")).signed(payload))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["predicate"]["proofs"].clear(),
        lambda s: s["predicate"]["proofs"][0].update(obligation="no-alloc-path"),
        lambda s: s["predicate"]["proofs"][0]["assumptions"].clear(),
        lambda s: s["predicate"]["proofs"][0]["subject"]["digest"].update(sha256="0" * 64),
        lambda s: s["predicate"]["proofs"][0]["certificate"].update(name="../certificates/x"),
        lambda s: s["predicate"]["proofs"][0].update(more=1),
        lambda s: s["subject"].clear(),
        lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda s: s.update(more=1),
    ],
)
def test_statements_that_say_something_else(call: Call, change: Callable[[Any], object]) -> None:
    """Signed or not, a statement is held to the certificates."""
    _signed(lambda _: None)
    assert _check(call).exit_code == 0
    _signed(change)
    assert _check(call).exit_code == 1

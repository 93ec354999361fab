"""`prove --sigstore` and `check --identity`: signed without a key, by Sigstore's library, against an instance here."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sigstore_instance import ISSUER, Instance, running, token

from proofmark.cli import main
from proofmark.keyless import TOKEN

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD, BAD = EXAMPLES / "static_pool_rust.wasm", EXAMPLES / "growing_c.wasm"
BUNDLE = Path("out/attestation.sigstore.json")
WHO = "https://ci.example/job"


def _call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    """With a run that it signed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(TOKEN, token(WHO))
    with running(Path("trust.json")) as instance:
        assert _prove(GOOD).exit_code == 0
        yield instance


def _prove(*more: object) -> Result:
    return _call("prove", *more, "--out", "out", "--sigstore", "--sigstore-config", "trust.json", "--quiet")


def _check(who: str = WHO, issuer: str = ISSUER, trust: str = "trust.json") -> Result:
    given = ("--identity", who, "--issuer", issuer, "--sigstore-config", trust)
    return _call("check", BUNDLE, *given, "--subject", GOOD, "--json")


def _said(answer: Result) -> dict[str, Any]:
    (one,) = json.loads(answer.stdout)["results"]
    return dict(one)


def test_signed_and_checked(instance: Instance) -> None:
    """By whom, is said; the log has the hash of just what was signed, and not what it says."""
    answer = _check()
    assert answer.exit_code == 0
    said = _said(answer)
    assert (said["answer"], said["proofs"], said["signed_by"]) == ("accepted", 2, f"{WHO} ({ISSUER})")
    (body,) = instance.entries
    assert b"module-no-grow" not in body
    statement = json.loads(base64.b64decode(json.loads(BUNDLE.read_bytes())["dsseEnvelope"]["payload"]))
    assert [one["obligation"] for one in statement["predicate"]["proofs"]] == ["module-no-grow", "realloc-no-grow"]


def test_another_signer_or_another_instance(instance: Instance, tmp_path: Path) -> None:
    assert instance.entries
    for who, issuer in (("https://ci.example/other", ISSUER), (WHO, "https://other.example")):
        assert _check(who, issuer).exit_code == 1
    with running(tmp_path / "other.json"):
        answer = _check(trust="other.json")
    assert answer.exit_code == 1
    assert "not verified by sigstore" in _said(answer)["reason"]


def test_who_is_not_said_is_not_checked(instance: Instance) -> None:
    assert instance.entries
    assert _call("check", BUNDLE, "--subject", GOOD).exit_code == 3
    for incomplete in (("--identity", WHO), ("--issuer", ISSUER), ("--sigstore-config", "trust.json")):
        assert _call("check", BUNDLE, *incomplete).exit_code == 2


def _payload(bundle: dict[str, Any]) -> None:
    envelope = bundle["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"]).replace(b"module-no-grow", b"no-alloc-paths")
    envelope["payload"] = base64.b64encode(payload).decode()


def _signature(bundle: dict[str, Any]) -> None:
    (one,) = bundle["dsseEnvelope"]["signatures"]
    sig = base64.b64decode(one["sig"])
    one["sig"] = base64.b64encode(sig[:-1] + bytes((sig[-1] ^ 1,))).decode()


CHANGES: list[Callable[[dict[str, Any]], object]] = [
    _payload,
    _signature,
    lambda b: b["dsseEnvelope"].update(payloadType="text/plain"),
    lambda b: b["verificationMaterial"]["tlogEntries"].clear(),
    lambda b: b["verificationMaterial"]["tlogEntries"][0].update(integratedTime="1"),
    lambda b: b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"].update(rootHash="AAAA"),
    lambda b: b["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"].update(envelope="x"),
    lambda b: b["verificationMaterial"].pop("certificate"),
    lambda b: b.pop("dsseEnvelope"),
    lambda b: b.update(mediaType="application/json"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_bundle_that_was_changed(instance: Instance, change: Callable[[dict[str, Any]], object]) -> None:
    assert instance.entries
    bundle = json.loads(BUNDLE.read_bytes())
    change(bundle)
    BUNDLE.write_text(json.dumps(bundle))
    answer = _check()
    assert answer.exit_code == 1
    assert "not verified by sigstore" in _said(answer)["reason"]


@pytest.mark.parametrize("raw", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"mediaType": 1}'])
def test_what_is_no_bundle(instance: Instance, raw: bytes) -> None:
    assert instance.entries
    BUNDLE.write_bytes(raw)
    assert _check().exit_code == 1


def test_certificates_that_are_not_those_signed(instance: Instance) -> None:
    assert instance.entries
    next(iter(Path("out/certificates").glob("*.module-no-grow.cert.json"))).unlink()
    assert _check().exit_code == 1


def test_only_a_run_that_proved_everything_is_signed(instance: Instance) -> None:
    """And the bundle of the run before is gone."""
    answer = _prove(GOOD, BAD, "--replay-seconds", 0)
    assert answer.exit_code == 1
    assert "not signed: not everything was proved" in answer.stderr
    assert not BUNDLE.exists()
    assert len(instance.entries) == 1


def test_without_an_identity(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    assert instance.entries
    for wrong, why in (("no token", "malformed"), (None, "no CI that vouches")):
        if wrong is None:
            monkeypatch.delenv(TOKEN)
            for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE"):
                monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(TOKEN, wrong)
        answer = _prove(GOOD)
        assert answer.exit_code == 2
        assert why in answer.stderr
        assert not BUNDLE.exists()


def test_services_that_do_not_answer_and_no_configuration(instance: Instance) -> None:
    assert instance.entries
    trust = Path("trust.json").read_text()
    Path("trust.json").write_text(trust.replace(instance.url, "http://127.0.0.1:9"))
    answer = _prove(GOOD)
    assert answer.exit_code == 2
    assert "--sigstore: not signed:" in answer.stderr
    for raw in ("", "{}", "[]", trust.replace("SHA2_256", "x")):
        Path("trust.json").write_text(raw)
        answer = _prove(GOOD)
        assert answer.exit_code == 2, raw
        assert "no trust configuration of sigstore" in answer.stderr
    Path("trust.json").unlink()
    assert _prove(GOOD).exit_code == 2
    assert _call("prove", GOOD, "--out", "out", "--sigstore-config", "trust.json").exit_code == 2
    assert _call("prove", GOOD, "--sigstore", "--sigstore-config", "trust.json").exit_code == 2

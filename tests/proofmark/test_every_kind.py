"""Every kind of evidence through everything that is done with certificates: schema, check, --deep, --lrat, diff,
safety-case, kit; the same run gives the same bytes, and what was tampered with is refused.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from proved_kinds import CRATES, KINDS, prove_kinds
from proved_pool import accepted, rebind, run, write_certificate

from artifacts.certificate import schema, sealed
from proofmark.asked_runtimes import NO_RUNTIMES
from proofmark.deep_check import Deep, Different
from proofs.kinds import POOL_KINDS, Kind, RuntimeKind
from proofs.recheck import Accepted, Rejected, recheck, recheck_file
from proofs.recheck.runtime_wording import CLAIMS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prove_kinds(tmp_path_factory.mktemp("kinds"))


def _certificates(out: Path) -> list[Path]:
    return sorted((out / "certificates").glob("*.cert.json"))


def _kind(path: Path) -> str:
    return str(json.loads(path.read_bytes())["evidence"]["kind"])


def _subject(out: Path, path: Path) -> Path:
    """Beside the certificate, or in the directory that was proved."""
    name = str(json.loads(path.read_bytes())["subject"]["name"])
    return next(one for one in (out / "certificates" / name, out.parent / name) if one.is_file())


def _subjects(out: Path) -> list[str]:
    named = {str(_subject(out, path)) for path in _certificates(out)}
    return [word for one in sorted(named) for word in ("--subject", one)]


def _one_of_each(out: Path) -> dict[str, Path]:
    """The smallest of each kind."""
    by_size = sorted(_certificates(out), key=lambda path: path.stat().st_size, reverse=True)
    return {_kind(path): path for path in by_size}


# What is done with certificates


def test_the_schema_holds_of_every_kind(proved: Path) -> None:
    validator = Draft202012Validator(schema())
    assert set(_one_of_each(proved)) == KINDS
    for path in _certificates(proved):
        document = json.loads(path.read_bytes())
        validator.validate(document)
        for broken in _broken(document):
            assert not validator.is_valid(broken), path


def _broken(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A key too many, and each too few."""
    for key in document:
        yield {other: value for other, value in document.items() if other != key}
    for key in document["evidence"]:
        yield {**document, "evidence": {other: v for other, v in document["evidence"].items() if other != key}}
    yield {**document, "more": 1}
    yield {**document, "evidence": {**document["evidence"], "more": 1}}
    yield {**document, "evidence": {**document["evidence"], "kind": "other"}}


def test_the_schema_is_closed_and_knows_every_obligation() -> None:
    Draft202012Validator.check_schema(schema())
    listed = [name for one in schema()["oneOf"] for name in one["properties"]["obligation"]["enum"]]  # type: ignore[attr-defined]
    assert set(listed) == {kind.value for kind in (*Kind, *POOL_KINDS, *RuntimeKind)}
    assert set(CLAIMS) <= set(listed)


def test_checked_deeply(proved: Path) -> None:
    done = run("check", "--deep", proved / "certificates", *_subjects(proved), *CRATES)
    accepted(done)
    with_model = sum("invariant" in _kind(path) for path in _certificates(proved))
    assert done.output.count("its model was made again from the subject, with the same bytes") == with_model
    assert done.output.count("no model stands between") == len(_certificates(proved)) - with_model


def test_checked_without_a_solver(proved: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(proved, tmp_path / "out"))
    accepted(run("export", copied / "certificates", "--quiet"))
    for path in _certificates(copied):
        answer = recheck_file(path, _subject(proved, path), by_lrat=True)
        assert isinstance(answer, Accepted), (path, answer)
    accepted(run("safety-case", copied, "--lrat", "--format", "json"))
    accepted(run("kit", copied, "--lrat", "--out", tmp_path / "kit.zip"))
    shutil.unpack_archive(tmp_path / "kit.zip", tmp_path / "kit")
    command = [sys.executable, "-I", "-S", str(tmp_path / "kit" / "check.py"), "--lrat"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count("accepted ") == len(_certificates(proved))


def test_argued_packed_and_compared(proved: Path, tmp_path: Path) -> None:
    done = run("safety-case", proved, "--out", tmp_path)
    accepted(done)
    assert f"{len(_certificates(proved))} of {len(_certificates(proved))} hold" in done.output
    accepted(run("kit", proved, "--out", tmp_path / "kit.zip"))
    assert "no change" in run("diff", proved, proved).output
    other = Path(shutil.copytree(proved, tmp_path / "other"))
    for path in _one_of_each(other).values():
        document = json.loads(path.read_bytes())
        document["evidence"]["changed"] = 1
        write_certificate(path, document)
    done = run("diff", proved, other, "--fail-on", "evidence")
    assert (done.exit_code, done.output.count(": changed")) == (1, len(KINDS)), done.output


def test_the_same_run_gives_the_same_bytes(proved: Path, tmp_path: Path) -> None:
    """In another directory, by another process, with another order of everything that has none."""
    code = "import sys; from pathlib import Path; from proved_kinds import prove_kinds; prove_kinds(Path(sys.argv[1]))"
    paths = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    environ = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": paths, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environ, check=True, capture_output=True)
    for part in ("certificates", "embedded"):
        first = {path.name: path.read_bytes() for path in (proved / part).iterdir()}
        assert first == {path.name: path.read_bytes() for path in (tmp_path / "out" / part).iterdir()}
    for path in _certificates(proved):
        text = path.read_text()
        assert str(proved.parent) not in text
        assert str(ROOT) not in text


# Tampering


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_changed_byte_is_refused(kind: str, proved: Path) -> None:
    """One bit of each byte, and each byte gone: with a reason, and at once."""
    path = _one_of_each(proved)[kind]
    raw, subject, beside = path.read_bytes(), _subject(proved, path), path.parent
    assert isinstance(recheck(raw, subject, beside), Accepted)
    for at in range(len(raw)):
        for changed in (raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :], raw[:at] + raw[at + 1 :]):
            _refused(changed, subject, beside)


def _refused(raw: bytes, subject: Path, beside: Path) -> str:
    answer = recheck(raw, subject, beside)
    assert isinstance(answer, Rejected), raw
    assert "fault of the checker" not in answer.reason
    return answer.reason


def test_parts_of_other_certificates_are_refused(proved: Path) -> None:
    """Each field of each kind in the place of another's, with the digest that stood there, and hashes put right."""
    chosen = list(_one_of_each(proved).values())
    documents = {path: json.loads(path.read_bytes()) for path in chosen}
    for path in chosen:
        subject, beside = _subject(proved, path), path.parent
        for other in chosen:
            for key, value in documents[other].items():
                changed = {**documents[path], key: value}
                if changed != documents[path]:
                    _refused(_canonical(changed), subject, beside)
                if key not in ("digest", "tool") and changed != documents[path]:
                    _refused(sealed(changed), subject, beside)


def _canonical(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def test_models_and_invariants_of_others_are_refused(proved: Path, tmp_path: Path) -> None:
    """The text of one operation, pool or static below the certificate of another, with its hash. Sealed anew, what is
    consistent is a matter for --deep: an invariant of one host's model may be one of the other's.
    """
    chosen = {path: json.loads(path.read_bytes()) for path in _certificates(proved) if "invariant" in _kind(path)}
    for text in (proved / "certificates").glob("*.smt2"):
        shutil.copy(text, tmp_path)
    deep = Deep(replace(NO_RUNTIMES, mirs=CRATES[1::4], sources=CRATES[3::4]))
    for path, document in chosen.items():
        subject = _subject(proved, path)
        for other in chosen.values():
            for what in ("model", "invariant"):
                text = other["evidence"][what]
                if text == document["evidence"][what]:
                    continue
                changed = {**document, "evidence": {**document["evidence"], what: text}}
                assert "digest" in _refused(_canonical(changed), subject, tmp_path)
                if isinstance(recheck(sealed(changed), subject, tmp_path), Accepted) and what == "model":
                    (tmp_path / path.name).write_bytes(sealed(changed))
                    assert isinstance(deep.look(tmp_path / path.name, subject), Different)


def test_evidence_of_another_subject_is_refused(proved: Path) -> None:
    subjects = {_subject(proved, path) for path in _certificates(proved)}
    for path in _certificates(proved):
        for other in subjects - {_subject(proved, path)}:
            assert "subject: " in _refused(path.read_bytes(), other, path.parent)


@pytest.mark.parametrize("version", [0, 1, 2, 3, 5])
def test_other_versions_of_the_format_are_refused(version: int, proved: Path) -> None:
    for path in _one_of_each(proved).values():
        document = json.loads(path.read_bytes()) | {"format": f"proofmark-certificate/{version}"}
        assert "format" in _refused(sealed(document), _subject(proved, path), path.parent)
        del document["digest"]  # as they were
        assert "format" in _refused(_canonical(document), _subject(proved, path), path.parent)


HOSTILE = {
    "deep": lambda: "(and " * 40_000 + "true" + ")" * 40_000,
    "deep and open": lambda: "(" * 300_000,
    "bindings within bindings": lambda: "(let ((?a true)) " * 5_000 + "?a" + ")" * 5_000,
    "doubled again and again": lambda: (
        "".join(f"(let ((?a{n + 1} (and ?a{n} ?a{n})))" for n in range(60)).replace("?a0 ?a0", "true true")
        + " ?a60"
        + ")" * 60
    ),
    "long": lambda: "(or " + "true " * 100_000 + ")",
    "a number without end": lambda: "#b" + "1" * 1_000_000,
    "no text": lambda: "\x00" * 1000,
}
REFUSED = {"doubled again and again": ("Rejected ", "NotChecked ")}
"""The solver's memory does not suffice for some: that is no answer, and nothing is accepted."""


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("what", ["model", "invariant"])
def test_hostile_texts_get_an_answer_in_time(name: str, what: str, proved: Path, tmp_path: Path) -> None:
    """In a process with bounded memory, as a deep text may take the checker's own."""
    path = _one_of_each(proved)["pool-invariant"]
    for one in (path, *path.parent.glob("*.smt2")):
        shutil.copy(one, tmp_path)
    hostile = HOSTILE[name]()
    text = f"(set-logic QF_BV)\n(define-fun initial () Bool {hostile})\n" if what == "model" else hostile
    rebind(tmp_path / path.name, what, text)
    for by_lrat in (False, True):
        asked = [str(tmp_path / path.name), str(_subject(proved, path)), str(by_lrat)]
        command = [sys.executable, "-c", _BOUNDED, *asked]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert said.stdout.startswith(REFUSED.get(name, "Rejected ")), (said.stdout[:300], said.stderr[-600:])
        assert "fault of the checker" not in said.stdout


_BOUNDED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from proofs.recheck import recheck_file
answer = recheck_file(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "True")
print(type(answer).__name__, getattr(answer, "reason", "")[:500])
"""

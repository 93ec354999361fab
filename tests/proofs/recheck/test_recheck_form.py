"""The form of a certificate: canonical bytes, known keys and words, sorted lists; and the subject it is about."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from certificate_text import TEXTS, accepted, assemble, assume, certificate, closed_set, write

from proofs.recheck import Accepted, NotChecked, Rejected, recheck, recheck_file

TEXT = """(module (import "env" "f" (func $f)) (memory (export "m") 1)
  (func (export "cabi_realloc") call $f call $g) (func $g) (func (drop (memory.grow (i32.const 1)))) (func))"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return assemble(tmp_path, TEXT)


def right(path: Path) -> dict[str, Any]:
    evidence = closed_set([[0, 1]], [[0, "1-2,4"]])
    return certificate(path, "realloc-no-grow", evidence, assume("host-function env.f", "host-memory m"))


def change(*keys: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def apply(document: dict[str, Any]) -> None:
        inner: Any = document
        for key in keys[:-1]:
            inner = inner[key]
        if to is None:
            del inner[keys[-1]]
        else:
            inner[keys[-1]] = to

    return apply


def test_facts_of_an_accepted_certificate(path: Path) -> None:
    document = right(path)
    texts = (
        ("host-function", "env.f", TEXTS["host-function"].replace("{about}", "env.f")),
        ("host-memory", "m", TEXTS["host-memory"].replace("{about}", "m")),
    )
    expected = Accepted("realloc-no-grow", "every realloc", "subject.wasm", document["subject"]["sha256"], texts)
    assert recheck(write(document), path) == expected


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (change("format", to="proofmark-certificate/3"), "format"),
        (change("rule_pack", to="wasm-graph/1"), "rule_pack"),
        (change("obligation", to="grow"), "obligation: unknown"),
        (change("obligation", to="module-no-grow"), "claim"),
        (change("claim", to="no path from any canonical-ABI realloc reaches memory.grow at all"), "claim"),
        (change("instance", to="every entry"), "instance"),
        (change("extra", to=1), "expected an object"),
        (change("tool", to=None), "expected an object"),
        (change("tool", "name", to="other"), "tool.name"),
        (change("tool", "version", to=1), "tool.version"),
        (change("subject", "sha256", to="0" * 64), "its SHA-256"),
        (change("subject", "sha256", to="0" * 63), "64 hexadecimal digits"),
        (change("subject", "bytes", to=3), "where the certificate says 3"),
        (change("subject", "bytes", to=True), "expected an integer"),
        (change("subject", "bytes", to=-1), "expected an integer"),
        (change("subject", "bytes", to=10**3000), "expected an integer"),
        (change("subject", "bytes", to=1.5), "no JSON of this format"),
        (change("subject", "name", to="../subject.wasm"), "without directories"),
        (change("evidence", "kind", to="needed-by"), "evidence.kind"),
        (change("evidence", "goal", to=[]), "evidence.goal"),
        (change("evidence", "dead", to=[1]), "evidence.dead"),
        (change("evidence", "dead", to=None), "expected an object"),
        (change("evidence", "roots_by", to="other"), "evidence.roots_by"),
        (change("evidence", "roots_by", to="name"), "expected an object"),
        (change("evidence", "root_names", to=[]), "expected an object"),
        (change("evidence", "goal_names", to=["malloc"]), "expected an object"),
        (change("evidence", "roots", to=[]), "at least one root"),
        (change("evidence", "roots", to=[[0, "1"], [0, "1"]]), "evidence.roots: not sorted"),
        (change("evidence", "roots", to=[[0]]), "pairs"),
        (change("evidence", "roots", to=[[0, 1]]), "evidence.roots: expected text"),
        (change("evidence", "roots", to=[["0", "1"]]), "expected an integer"),
        (change("evidence", "roots", to=[[0, "1,2"]]), "evidence.roots: ranges not ascending"),
        (change("evidence", "roots", to=[[0, "1-4000000000"]]), "evidence.roots: core instance 0 does not define them"),
        (change("evidence", "roots", to=[[0, "0-1"]]), "evidence.roots: core instance 0 does not define them"),
        (change("evidence", "roots", to=[[0, "1-2"]]), "evidence.roots: core instance 0, function 2 is none"),
        (change("evidence", "roots", to=[[0, "2"]]), "evidence.roots: core instance 0, function 1 is missing"),
        (change("evidence", "roots", to=[[1, "1"]]), "evidence.roots: there is no core instance 1"),
        (change("evidence", "members", to=[[0, "4,1-2"]]), "ranges not ascending"),
        (change("evidence", "members", to=[[0, "1-3,2"]]), "ranges not ascending"),
        (change("evidence", "members", to=[[0, "1,2,4"]]), "ranges not ascending"),
        (change("evidence", "members", to=[[0, "2-1"]]), "ranges not ascending"),
        (change("evidence", "members", to=[[0, "1-1"]]), "ranges not ascending"),
        (change("evidence", "members", to=[[0, "01-2"]]), "no range"),
        (change("evidence", "members", to=[[0, " 1-2"]]), "no range"),
        (change("evidence", "members", to=[[0, ""]]), "no range"),
        (change("evidence", "members", to=[[0, "1-9999999999"]]), "does not define them all"),
        (change("evidence", "members", to=[[0, "1-2"], [0, "4"]]), "not sorted"),
        (change("assumptions", 0, "text", to="trust me"), "text of host-function"),
        (change("assumptions", 0, "text", to=TEXTS["host-memory"]), "text of host-function"),
        (
            change("assumptions", 0, "text", to=TEXTS["host-function"].replace("{about}", "env.f")),
            "text of host-function",
        ),
        (change("assumptions", 0, "about", to=["env.g"]), "host-function env.f is asked for"),
        (change("assumptions", 0, "about", to=["env.f", "env.g"]), "host-function env.g is listed and not asked for"),
        (change("assumptions", 0, "about", to=["env.f", "env.f"]), "not sorted"),
        (change("assumptions", 0, "about", to=[""]), "about an empty name"),
        (change("assumptions", 0, "about", to=[]), "host-function about"),
        (change("assumptions", 0, "about", to="env.f"), "expected a list"),
        (change("assumptions", 0, "about", to=[f"f{n:06}" for n in range(100_001)]), "more than the 100000"),
        (change("assumptions", 0, "about", to=[1]), "expected text"),
        (change("assumptions", 0, "id", to="faith"), "unknown id"),
        (change("assumptions", to=[]), "is asked for and not listed"),
        (change("assumptions", to=assume("host-memory m", "host-function env.f")), "not sorted"),
        (change("assumptions", to=assume("host-function env.f", "host-function env.f")), "not sorted"),
        (change("assumptions", to=2 * assume("host-function env.f")), "the sentence of host-function stands twice"),
        (change("assumptions", to=assume("host-tables it")), "host-tables about"),
    ],
)
def test_any_other_form_is_rejected(path: Path, changed: Callable[[dict[str, Any]], None], reason: str) -> None:
    document = right(path)
    accepted(path, document)
    changed(document)
    answer = recheck(write(document), path)
    assert isinstance(answer, Rejected)
    assert reason in answer.reason


def test_only_canonical_bytes(path: Path) -> None:
    document, raw = right(path), write(right(path))
    pretty = json.dumps(document, indent=1).encode()
    twice = raw.replace(b'"format"', b'"format":"proofmark-certificate/4","format"', 1)
    escaped = raw.replace(b"env.f", b"\\u0065nv.f")
    spaced, marked = raw.replace(b":", b": "), b"\xef\xbb\xbf" + raw
    for other in (raw[:-1], raw + b"\n", b" " + raw, spaced, pretty, twice, escaped, marked):
        assert isinstance(recheck(other, path), Rejected)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]\n", b"null\n", b'"\xff"\n', b"[" * 200_000, b'{"a":' * 200_000, b"NaN\n", b"Infinity\n",
     b"1e999\n", b"1" * 10_000 + b"\n", b'"\\ud800"\n', b'{"format":NaN}\n', bytes(range(256))],
)  # fmt: skip
def test_no_certificate_at_all(raw: bytes, path: Path) -> None:
    for subject in (path, None):
        answer = recheck(raw, subject)
        assert isinstance(answer, Rejected)
        assert "fault of the checker" not in answer.reason


def test_without_the_subject_nothing_is_proved(path: Path, tmp_path: Path) -> None:
    raw = write(right(path))
    assert isinstance(recheck(raw, None), NotChecked)
    assert isinstance(recheck(raw, tmp_path / "absent"), NotChecked)
    assert isinstance(recheck(raw, tmp_path), NotChecked)


def test_the_subject_is_found_by_name_and_hash(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = tmp_path / "certificates", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    file = folder / "c.json"
    file.write_bytes(write(right(path)))
    monkeypatch.chdir(elsewhere)
    assert isinstance(recheck_file(file), NotChecked)
    assert isinstance(recheck_file(file, path), Accepted)
    (elsewhere / path.name).write_bytes(path.read_bytes())
    assert isinstance(recheck_file(file), Accepted)
    (folder / path.name).write_bytes(b"another")
    assert isinstance(recheck_file(file), Accepted)
    (elsewhere / path.name).unlink()
    assert isinstance(recheck_file(file), Rejected)
    assert isinstance(recheck_file(folder / "absent.json"), Rejected)


def test_the_checker_needs_the_standard_library_alone() -> None:
    code = (
        "import sys, proofs.recheck\n"
        "foreign = {'z3', 'pysmt', 'networkx', 'wasmtime', 'extract', 'smt_models', 'artifacts', 'proofmark'}\n"
        "found = foreign & {name.partition('.')[0] for name in sys.modules}\n"
        "others = {n for n in sys.modules if n.startswith('proofs.') and not n.startswith('proofs.recheck')}\n"
        "sys.exit(str(found | others) if found | others else 0)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""`proofmark safety-case`: only what is accepted now holds, and whatever does not stays to be seen, up to the top."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from artifacts.safety.case_json import schema
from proofmark.cli import main

MODULE = '(module {imports}(memory (export "m") 1 1) (func (export "cabi_realloc")) (func (export "run") {body}))'
PLAIN = MODULE.format(imports="", body="")
CALLS = MODULE.format(imports='(import "env" "f" (func $f)) ', body="call $f")
GROWS = MODULE.format(imports="", body="(drop (memory.grow (i32.const 1)))")
CASE = Path("out/safety-case.json")

Prove = Callable[..., None]


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prove:
    """Proves both obligations of a module `a.wasm`, in a directory of its own, into `out`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(text: str, *more: str) -> None:
        Path("a.wasm").write_bytes(wasmtime.wat2wasm(text))
        options = ["a.wasm", "--out", "out", "--quiet", "--replay-seconds", "0", *more]
        assert CliRunner().invoke(main, ["prove", *options]).exit_code in (0, 1, 3)

    return run


def _case(status: int, *more: str) -> dict[str, Any]:
    answer = CliRunner().invoke(main, ["safety-case", "out", *more], catch_exceptions=False)
    assert answer.exit_code == status, answer.output
    document: dict[str, Any] = json.loads(CASE.read_bytes())
    Draft202012Validator(schema()).validate(document)
    _is_sound(document)
    return document


def _is_sound(document: dict[str, Any]) -> None:
    """Every node is led to from the first; a node holds only if all below it do, and at the end a certificate."""
    nodes = {node["id"]: node for node in document["nodes"]}
    assert len(nodes) == len(document["nodes"])
    seen: set[str] = set()
    waiting = [document["nodes"][0]["id"]]
    while waiting:
        node = nodes[waiting.pop()]
        assert node["id"] not in seen or node["kind"] in ("context", "assumption")
        seen.add(node["id"])
        below = [nodes[part] for part in node["supported_by"]]
        waiting += [*node["supported_by"], *node["in_context_of"]]
        if node["state"] == "holds":
            assert node["certificate"] is not None or below
            assert {one["state"] for one in below} <= {"holds"}
    assert seen == nodes.keys()
    assert document["state"] == document["nodes"][0]["state"]


def _states(document: dict[str, Any], kind: str = "solution") -> list[str]:
    return sorted(node["state"] for node in document["nodes"] if node["kind"] == kind)


def _certificate(obligation: str) -> Path:
    return next(iter(Path("out/certificates").glob(f"*.{obligation}.cert.json")))


def test_what_is_proved_holds(prove: Prove) -> None:
    """And each solution is a certificate that lies there, by its hash; the same run gives the same bytes."""
    prove(CALLS)
    document = _case(0)
    assert document["state"] == "holds"
    found = [node["certificate"] for node in document["nodes"] if node["certificate"]]
    assert len(found) == 2
    for one in found:
        assert hashlib.sha256(Path("out/certificates", one["file"]).read_bytes()).hexdigest() == one["sha256"]
        assert one["solver"] is None
    first = {path.name: path.read_bytes() for path in Path("out").glob("safety-case.*")}
    assert len(first) == 4
    _case(0)
    assert first == {path.name: path.read_bytes() for path in Path("out").glob("safety-case.*")}


def test_an_assumption_hangs_where_its_proofs_are(prove: Prove) -> None:
    """One of one obligation at that goal, and not above: the other proof does without it."""
    prove(CALLS)
    nodes = _case(0)["nodes"]
    hangs = [
        n for n in nodes if any(m["title"] == "host-function env.f" for m in nodes if m["id"] in n["in_context_of"])
    ]
    assert [node["title"] for node in hangs] == ["module-no-grow, every entry"]


def test_a_changed_byte(prove: Prove) -> None:
    """Of a certificate, wherever: it is rejected, or, where it names rules or tool, expired."""
    prove(PLAIN)
    path = _certificate("module-no-grow")
    raw = path.read_bytes()
    for at in range(0, len(raw), 7):
        path.write_bytes(bytes((*raw[:at], raw[at] ^ 1, *raw[at + 1 :])))
        answer = CliRunner().invoke(main, ["safety-case", "out", "--format", "json", "--quiet"])
        document = json.loads(CASE.read_bytes())
        assert (answer.exit_code, document["state"]) in ((1, "rejected"), (3, "expired")), at


def test_certificates_swapped(prove: Prove) -> None:
    prove(PLAIN)
    one, other = _certificate("module-no-grow"), _certificate("realloc-no-grow")
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert _states(_case(1)) == ["rejected", "rejected"]


def test_a_subject_that_was_built_again(prove: Prove) -> None:
    """Its proofs have expired, unless the file that they are about is named."""
    prove(PLAIN)
    Path("a.wasm").rename("b.wasm")
    Path("a.wasm").write_bytes(wasmtime.wat2wasm(CALLS))
    document = _case(3)
    assert _states(document) == ["expired", "expired"]
    assert any("has now the SHA-256" in node["why"] for node in document["nodes"])
    assert _case(0, "--subject", "b.wasm")["state"] == "holds"


def test_a_subject_that_is_gone(prove: Prove) -> None:
    prove(PLAIN)
    Path("a.wasm").unlink()
    assert _states(_case(3)) == ["unchecked", "unchecked"]


def test_a_certificate_that_is_gone(prove: Prove) -> None:
    """The goal stays, without a solution."""
    prove(PLAIN)
    _certificate("module-no-grow").unlink()
    document = _case(3)
    assert document["state"] == "missing"
    assert _states(document) == ["holds"]


def test_another_tool(prove: Prove, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(PLAIN)
    monkeypatch.setattr("proofmark.standing.VERSION", "99.0.0")
    assert _states(_case(3)) == ["expired", "expired"]


def test_other_rules(prove: Prove) -> None:
    prove(PLAIN)
    path = _certificate("module-no-grow")
    path.write_bytes(path.read_bytes().replace(b'"wasm-graph/2"', b'"wasm-graph/0"'))
    assert _states(_case(3)) == ["expired", "holds"]


def test_refuted_stays(prove: Prove) -> None:
    prove(GROWS)
    document = _case(1)
    assert document["state"] == "refuted"
    assert _states(document, "goal") == ["holds", "refuted", "refuted", "refuted"]


def test_the_report_alone_proves_nothing(prove: Prove) -> None:
    """A verdict changed to `proved`, with the certificate of another obligation: no solution comes of it."""
    prove(GROWS)
    report = json.loads(Path("out/report.json").read_bytes())
    proved = next(row for row in report["results"] if row["verdict"] == "proved")
    for row in report["results"]:
        row |= {"verdict": "proved", "trace": None, "certificate": proved["certificate"]}
    Path("out/report.json").write_text(json.dumps(report))
    assert _states(_case(1)) == ["holds", "rejected"]


@pytest.mark.parametrize("change", [{"run_state": "incomplete"}, {"errors": ["x.wasm: gone"]}])
def test_a_run_that_was_cut_short(prove: Prove, change: dict[str, Any]) -> None:
    """What was tried may hold; the whole does not."""
    prove(PLAIN)
    report = json.loads(Path("out/report.json").read_bytes())
    Path("out/report.json").write_text(json.dumps(report | change))
    document = _case(3)
    assert document["state"] == "missing"
    assert _states(document) == ["holds", "holds"]


def test_an_obligation_without_result(prove: Prove) -> None:
    prove(PLAIN)
    report = json.loads(Path("out/report.json").read_bytes())
    report["missing"] = [{"subject": "b.wasm", "obligation": "module-no-grow", "instance": None}]
    Path("out/report.json").write_text(json.dumps(report))
    document = _case(3)
    assert [node["title"] for node in document["nodes"] if node["why"] == "no result answers it"] == ["module-no-grow"]
    Path("out/report.json").write_text(json.dumps(report | {"results": []}))
    assert _case(3)["state"] == "missing"
    Path("out/report.json").write_text(json.dumps(report | {"results": [], "missing": []}))
    assert _case(3)["state"] == "missing"


def test_what_people_accepted(prove: Prove) -> None:
    """A proof that assumes more than the one accepted has expired; one that is gone is missing; ids stay."""
    prove(PLAIN)
    before = _case(0)
    Path("accepted.json").write_bytes(CASE.read_bytes())
    assert _case(0, "--accepted", "accepted.json") == before
    prove(CALLS)
    after = _case(3, "--accepted", "accepted.json")
    assert _states(after) == ["expired", "expired"]
    ids = [{n["id"] for n in case["nodes"] if n["kind"] in ("goal", "solution")} for case in (before, after)]
    assert ids[0] == ids[1]
    prove(CALLS, "--obligation", "realloc-no-grow")
    assert _case(3, "--accepted", "accepted.json")["state"] == "expired"
    assert any("accepted case had a certificate" in node["why"] for node in json.loads(CASE.read_bytes())["nodes"])


@pytest.mark.usefixtures("prove")
def test_another_solver() -> None:
    """A certificate with an invariant was accepted with what another solver answered: people look again."""
    examples = Path(__file__).parents[2] / "examples/runtime"
    options = ["--mir", str(examples / "mir/abort.mir"), "--src", str(examples), "--panic", "abort", "--peer", "host"]
    more = ["--operation", "task-side", "--obligation", "set-empty", "--out", "out", "--quiet"]
    assert CliRunner().invoke(main, ["prove", *options, *more]).exit_code == 0
    document = _case(0)
    solvers = {node["certificate"]["solver"] for node in document["nodes"] if node["certificate"]}
    assert [str(one).split()[0] for one in solvers] == ["cvc5"]
    for node in document["nodes"]:
        if node["certificate"]:
            node["certificate"]["solver"] = "cvc5 0.0.1"
    Path("accepted.json").write_text(json.dumps(document))
    after = _case(3, "--accepted", "accepted.json")
    assert set(_states(after)) == {"expired"}
    assert any("solver cvc5 0.0.1 → cvc5" in node["why"] for node in after["nodes"])


@pytest.mark.usefixtures("prove")
def test_without_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """With propositional proofs no solver is asked, none is believed, and the case says so."""
    examples = Path(__file__).parents[2] / "examples/rust-pools"
    Path("proofmark.toml").write_text(
        f'[[static_pools]]\nmir = "{examples}/mir/right.mir"\nsrc = "{examples}/right"\n'
        'statics = ["client_table::TABLE"]\nobligations = ["index-in-bounds"]\n'
    )
    assert CliRunner().invoke(main, ["prove", "--out", "out", "--quiet"]).exit_code == 0
    assert CliRunner().invoke(main, ["export", "out/certificates", "--quiet"]).exit_code == 0
    by_solver = _case(0)
    monkeypatch.setattr("proofs.recheck.invariant._answer", lambda *_: "a solver was asked")
    by_lrat = _case(0, "--lrat")
    for case, solver, believed in ((by_solver, "cvc5", "solver"), (by_lrat, "LRAT", "bit-blaster")):
        (found,) = [node["certificate"] for node in case["nodes"] if node["certificate"]]
        assert found["solver"].split()[0] == solver
        (said,) = [node for node in case["nodes"] if node["title"].startswith("Believed of statics-invariant: ")]
        ids = said["title"].partition(": ")[2].split(", ")
        assert {"solver", "bit-blaster"} & set(ids) == {believed}


def test_nothing_to_read(prove: Prove) -> None:
    assert CliRunner().invoke(main, ["safety-case", "out"]).exit_code == 2
    prove(PLAIN)
    Path("bad.json").write_text("{}")
    for options in (["--accepted", "bad.json"], ["--accepted", "gone"], ["--subject", "gone"], ["--out", "a.wasm"]):
        assert CliRunner().invoke(main, ["safety-case", "out", *options]).exit_code == 2, options

"""The pages on trust and on clauses say what the code says; what they name is there; nothing is left out."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from artifacts import clauses, trust
from artifacts.safety.leaves import leaf
from artifacts.safety.states import Certified, Standing, State
from proofs.kinds import POOL_KINDS, Kind, RuntimeKind
from proofs.recheck.buffer_certificate import ASSUMPTIONS as OF_BUFFERS
from proofs.recheck.pool_wording import ASSUMPTIONS as OF_POOLS
from proofs.recheck.runtime_wording import ASSUMPTIONS as OF_RUNTIMES
from proofs.recheck.statics_certificate import ASSUMPTIONS as OF_STATICS
from proofs.recheck.wording import ASSUMPTIONS as OF_MODULES

ROOT = Path(__file__).parents[2]
SAID_BY_THE_CERTIFICATE = {"build", "earlier-fault"}
"""Assumptions about what was built and what was proved, which nothing but the certificate stands behind."""


def test_the_pages_are_what_the_data_say() -> None:
    assert trust.page_table() in (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    assert clauses.page_table() in (ROOT / "docs/clauses.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_is_there() -> None:
    for one in trust.all_trusted():
        for test in one.tests:
            assert "def test_" in (ROOT / test).read_text(encoding="utf-8"), test


def test_every_assumption_has_its_place() -> None:
    """An assumption that certificates can list is behind something that has to be believed, and no other is named."""
    named = {id_ for one in trust.all_trusted() for id_ in one.assumption}
    assert (
        named
        == {*OF_MODULES, *OF_RUNTIMES, *OF_POOLS, *OF_STATICS, *OF_BUFFERS, "hypothesis"} - SAID_BY_THE_CERTIFICATE
    )


def test_every_obligation_is_in_one_group() -> None:
    listed = [one for some in clauses.groups().values() for one in some]
    assert sorted(listed) == sorted(kind.value for kind in (*Kind, *POOL_KINDS, *RuntimeKind))
    for one in listed:
        assert clauses.clauses_of(one)


def test_a_closed_set_does_without_solver_model_and_compiler() -> None:
    ids = {one.id for one in trust.trusted_by("closed-set", ())}
    assert ids == {"machine", "checker", "wasm-decoder", "graph-rules", "engine"}
    assert {one.id for one in trust.trusted_by("closed-set", ("host-function",))} == {*ids, "host"}


def test_checking_a_closed_set_loads_nothing_that_need_not_be_believed(tmp_path: Path) -> None:
    """The claim of the page, seen from the interpreter: no solver, no prover, no package."""
    text = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from proofs.recheck import Accepted, recheck_file\n"
        "assert isinstance(recheck_file(Path(sys.argv[2]), Path(sys.argv[3])), Accepted)\n"
        "needless = {'extract', 'smt_models', 'artifacts', 'proofmark', 'z3', 'cvc5', 'wasmtime', 'jsonschema'}\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert not needless & loaded, needless & loaded\n"
    )
    subject = ROOT / "examples/static_pool_rust.wasm"
    prove = [sys.executable, "-m", "proofmark", "prove", str(subject), "--out", str(tmp_path), "--quiet", "--no-cache"]
    subprocess.run(prove, cwd=ROOT, check=True)
    found = next(iter((tmp_path / "certificates").glob("*.module-no-grow.cert.json")))
    subprocess.run([sys.executable, "-I", "-S", "-c", text, str(ROOT), str(found), str(subject)], check=True)


@pytest.mark.parametrize(("evidence", "ids"), [("closed-set", ()), ("invariant", ("model", "library", "hypothesis"))])
def test_the_safety_case_says_the_same(evidence: str, ids: tuple[str, ...]) -> None:
    found = Certified(("a", "memory", ""), "a.cert.json", "0" * 64, "", "", evidence, None)
    standing = Standing(State.HOLDS, "", found, tuple((id_, "x", "text") for id_ in ids))
    notes = {note.title: note.text for note in leaf("a", "memory", "", standing).notes}
    needed = [one.id for one in trust.trusted_by(evidence, ids)]
    others = [one.id for one in trust.all_trusted() if one.id not in needed]
    said = notes[f"Believed of {evidence}: {', '.join(needed)}"]
    assert said.endswith(f"Not needed: {', '.join(others)}")
    assert {one.title for one in clauses.clauses_of("memory")} <= notes.keys()


def test_every_clause_says_what_it_does_not_claim() -> None:
    document = tomllib.loads((ROOT / "artifacts/clauses.toml").read_text(encoding="utf-8"))
    for one in document["clause"]:
        assert one["not"], one
        assert one["serves"], one
        assert set(one["groups"]) <= document["groups"].keys()

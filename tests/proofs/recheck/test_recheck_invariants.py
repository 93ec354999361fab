"""Certificates about runtimes: what is accepted, and that whatever is changed in one is refused, with a reason."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts.canonical import canonical
from artifacts.certificate import certificate
from proofs import runtime_wording as wording
from proofs.kinds import RuntimeKind
from proofs.recheck import Accepted, NotChecked, Rejected, recheck
from proofs.recheck.faults import Refused
from proofs.recheck.invariant import check_invariant
from proofs.runtime_verdicts import Blocks, CrateBuild, Invariant, LibraryFunction
from proofs.verdicts import Proved, Result, Subject
from smt_models.runtime.emit import OUTSIDE, UNKNOWN
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec, Enum
from smt_models.system.script import invariant_text, model_script
from smt_models.system.terms import FALSE, TRUE, Variable, apply, both, either, equal, literal

MIR = b"""fn a::free(_1: T) -> () {
    bb0: {
        return;
    }

    bb1 (cleanup): {
        resume;
    }
}
"""
KIND = RuntimeKind.CANCEL_BEFORE_FREE
LEASE = Variable("lease", BitVec(8))
STATE = Variable("the state", Enum("state", ("idle", "lent", "gone")))
COUNT = Variable("count", BitVec(8))


def _system(guarded: bool = True) -> System:
    """Lend, take back, free; freeing asks for `idle`, or (the broken twin) does not."""
    one, none = literal(1, LEASE.sort), literal(0, LEASE.sort)
    guard = STATE.is_("idle") if guarded else TRUE
    lent = both(STATE.is_("idle"), apply("bvult", none, COUNT))
    to_lent, to_idle = ("the state", STATE.value("lent")), ("the state", STATE.value("idle"))
    steps = (
        Step("lend", "lend", "", Actor.GUEST, (COUNT,), lent, (("lease", COUNT), to_lent)),
        Step("back", "back", "", Actor.HOST, (), STATE.is_("lent"), (("lease", none), to_idle)),
        Step("free", "free", "", Actor.GUEST, (), guard, (("the state", STATE.value("gone")),)),
    )
    freed = both(STATE.is_("gone"), apply("bvult", none, LEASE))
    bad = (Bad(KIND.value, freed), Bad("memory", equal(LEASE, one)), Bad(OUTSIDE, FALSE), Bad(UNKNOWN, FALSE))
    return System("lending", (LEASE, STATE), both(equal(LEASE, none), STATE.is_("idle")), steps, bad)


INVARIANT = either(STATE.is_("lent"), equal(LEASE, literal(0, LEASE.sort)))
TRUSTED = (LibraryFunction("core::mem::take", "leaves the default", "https://doc.rust-lang.org/std/mem/fn.take.html"),)


def _result(system: System) -> Result:
    build = CrateBuild("a", "1.0.0", "rustc 1.95.0", "x", ("async",), (), "abort", False, "0" * 64, "1" * 64)
    subject = Subject("a@1.0.0", "a-1.0.0-abort.mir", len(MIR), hashlib.sha256(MIR).hexdigest(), build)
    evidence = Invariant(
        model_script(system),
        invariant_text(system, INVARIANT),
        (KIND.value, OUTSIDE, UNKNOWN),
        ("H3",),
        TRUSTED,
        (Blocks("a::free", (0,)),),
        (Blocks("a::free", (1,)),),
    )
    assumptions = (
        wording.assumption("earlier-fault", "memory"),
        wording.assumption("hypothesis", "H3"),
        wording.assumption("library", "core::mem::take"),
        wording.assumption("model"),
    )
    return Result(subject, KIND, wording.instance("a::Op", "abort", "wasm"), Proved(evidence, assumptions), 1.0)


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    path = tmp_path / "a-1.0.0-abort.mir"
    path.write_bytes(MIR)
    return path


def test_accepted_with_its_subject_only(subject: Path) -> None:
    document = certificate(_result(_system()), "0")
    assert document == certificate(_result(_system()), "0")
    answer = recheck(document, subject)
    assert isinstance(answer, Accepted), answer
    assert (answer.obligation, answer.instance) == (KIND.value, "a::Op, panic abort, peer wasm")
    assert isinstance(recheck(document, None), NotChecked)
    subject.write_bytes(MIR + b"\n")
    assert isinstance(recheck(document, subject), Rejected)


def test_the_invariant_of_a_broken_twin_is_refused(subject: Path) -> None:
    answer = recheck(certificate(_result(_system(guarded=False)), "0"), subject)
    assert isinstance(answer, Rejected)
    assert answer.reason == "invariant: a step does not keep it"


Change = Callable[[dict[str, Any]], None]


def _with_model(old: str, new: str) -> Change:
    """The model changed and its hash with it."""

    def change(top: dict[str, Any]) -> None:
        model = top["evidence"]["model"]
        assert old in model
        top["evidence"]["model"] = changed = model.replace(old, new)
        top["evidence"]["model_sha256"] = hashlib.sha256(changed.encode()).hexdigest()

    return change


def _set(path: str, value: Any) -> Change:
    def change(top: dict[str, Any]) -> None:
        *keys, last = path.split(".")
        for key in keys:
            top = top[key]
        assert top[last] != value
        top[last] = value

    return change


def _add(path: str, value: Any) -> Change:
    def change(top: dict[str, Any]) -> None:
        *keys, last = path.split(".")
        for key in keys:
            top = top[key]
        top[last] = top[last] + value if isinstance(value, str) else [*top[last], value]

    return change


INITIAL = "(define-fun initial"
CHANGES: dict[str, tuple[Change, str]] = {
    "an invariant that is too weak": (_set("evidence.invariant", "true"), "does not keep it|does not exclude"),
    "an invariant that does not hold at first": (_set("evidence.invariant", "(= |the state| #b01)"), "at first"),
    "a false invariant": (_set("evidence.invariant", "false"), "at first"),
    "two terms": (_set("evidence.invariant", "true) (assert false"), "bracket"),
    "a command within": (_set("evidence.invariant", "(and (push 1) true)"), "invariant"),
    "an input in the invariant": (_set("evidence.invariant", "(= count@0 #x01)"), "no part of the state"),
    "an unknown symbol": (_set("evidence.invariant", "elsewhere"), "symbol"),
    "a guard": (_with_model("guard 2| () Bool (= |the state| #b00)", "guard 2| () Bool true"), "keep"),
    "the model, not its hash": (_add("evidence.model", " "), "model_sha256"),
    "the hash": (_set("evidence.model_sha256", "0" * 64), "model_sha256"),
    "an assertion in the model": (_with_model(INITIAL, "(assert false)" + INITIAL), "command"),
    "an operator redefined": (_with_model("(set-logic QF_BV)", "(set-logic QF_BV)(declare-const bvult Bool)"), "name"),
    "a definition twice": (_with_model(INITIAL, INITIAL + " () Bool true)" + INITIAL), "twice"),
    "no condition": (_with_model("bad cancel-before-free", "bad something"), "no condition"),
    "another obligation": (_set("obligation", "memory"), "claim"),
    "another claim": (_set("claim", "all is well"), "claim"),
    "another instance": (_set("instance", "a::Op, panic unwind, peer wasm"), "panic unwind"),
    "another panic strategy": (_set("subject.build.panic", "unwind"), "panic abort"),
    "the hash of the subject": (_set("subject.sha256", "0" * 64), "SHA-256"),
    "the hash of the sources": (_set("subject.build.sources_sha256", "0"), "sources_sha256"),
    "the size of the subject": (_set("subject.bytes", 1), "bytes"),
    "another rule pack": (_set("rule_pack", "wasm-graph/1"), "rule_pack"),
    "not excluded": (_set("evidence.excluded", [KIND.value, OUTSIDE]), "something not modelled"),
    "excludes too much": (_set("evidence.excluded", [KIND.value, "memory", OUTSIDE, UNKNOWN]), "does not exclude"),
    "an assumption left out": (lambda top: top["assumptions"].pop(0), "earlier-fault memory is asked for"),
    "an assumption too many": (_add("assumptions", {"id": "zzz", "about": "", "text": ""}), "assumptions"),
    "a hypothesis unlisted": (_set("evidence.hypotheses", []), "listed and not asked for"),
    "a trusted function unlisted": (_set("evidence.trusted", []), "listed and not asked for"),
    "blocks": (_set("evidence.covered", [["a::free", [0, 1]]]), "blocks of a::free"),
    "a function": (_set("evidence.covered", [["a::other", [0]]]), "uncovered"),
    "controls": (_set("evidence.controls", ["x"]), "controls"),
    "a key": (lambda top: top["evidence"].update(more=1), "keys"),
    "another kind of evidence": (_set("evidence.kind", "closed-set"), "kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_refused(name: str, subject: Path) -> None:
    change, reason = CHANGES[name]
    document = json.loads(certificate(_result(_system()), "0"))
    change(document)
    answer = recheck(canonical(document), subject)
    assert isinstance(answer, Rejected)
    assert re.search(reason, answer.reason), answer.reason


def test_a_solver_without_answer_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    from proofs.recheck import invariant

    monkeypatch.setattr(invariant, "_answer", lambda _query: "unknown")
    with pytest.raises(Refused, match="not decided"):
        check_invariant(model_script(_system()), invariant_text(_system(), INVARIANT), (KIND.value,))


def test_every_sentence_is_the_same_on_both_sides() -> None:
    from proofs.recheck import runtime_wording

    assert {kind.value: text for kind, text in wording.CLAIMS.items()} == runtime_wording.CLAIMS
    assert wording.HYPOTHESES == runtime_wording.HYPOTHESES
    page = (Path(__file__).parents[3] / "docs" / "certificate.md").read_text(encoding="utf-8")
    for kind, text in wording.CLAIMS.items():
        assert f"| `{kind.value}` | {text} |" in page
    for identity, text in (*runtime_wording.ASSUMPTIONS.items(), *runtime_wording.HYPOTHESES.items()):
        assert f"| `{identity}` | {text} |" in page


def test_what_no_certificate_can_say() -> None:
    result = _result(_system())
    with pytest.raises(ValueError, match="built for"):
        certificate(replace(result, instance="a::Op, panic unwind, peer wasm"), "0")
    with pytest.raises(ValueError, match="no evidence for"):
        certificate(replace(result, kind=RuntimeKind.EXTENT), "0")

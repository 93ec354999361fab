"""Certificates about runtimes: what is accepted, and that whatever is changed in one is refused, with a reason."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artifacts.certificate import certificate, sealed
from artifacts.runtime_certificate import texts_of
from proofmark.own_check import own_check
from proofs import runtime_wording as wording
from proofs.kinds import RuntimeKind
from proofs.lrat.make import Budget, Satisfiable, refutation
from proofs.recheck import Accepted, NotChecked, Rejected, Session, invariant, recheck, recheck_file
from proofs.recheck.faults import NotDecided, Refused
from proofs.recheck.invariant import check_invariant
from proofs.recheck.propositional import excluded_queries, inductive_queries
from proofs.recheck.question import Question
from proofs.recheck.runtime_wording import NOT_FOLLOWED, assumption_text
from proofs.runtime_verdicts import Blocks, Control, CrateBuild, Invariant, LibraryFunction
from proofs.verdicts import Proved, Result, Subject, Unknown
from smt_models.runtime.emit import NOT_MODELLED, OUTSIDE, UNKNOWN
from smt_models.runtime.followed import NO_PARTIAL_WRITE
from smt_models.runtime.outcomes import Where
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
        (Control("the call is skipped", Where("a::free", 0, "src/lib.rs:7"), (KIND.value,), ""),),
    )
    assumptions = (
        wording.assumption("earlier-fault", "memory"),
        wording.assumption("hypothesis", "H3"),
        wording.assumption("library", "core::mem::take"),
        wording.assumption("model"),
    )
    return Result(subject, KIND, wording.instance("a::Op", "abort", "wasm"), Proved(evidence, assumptions), 1.0)


@pytest.mark.parametrize("at_once", [1, 500_000])
def test_no_step_is_left_out_where_they_are_asked_in_pieces(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant, "AT_ONCE", at_once)
    assert [one for some in invariant.together(["a", "b", "c"]) for one in some] == ["a", "b", "c"]
    right, broken = _system(), _system(guarded=False)
    check_invariant(model_script(right), invariant_text(right, INVARIANT), (KIND.value,))
    with pytest.raises(Refused, match="a step does not keep it"):
        check_invariant(model_script(broken), invariant_text(broken, INVARIANT), (KIND.value,))


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    path = tmp_path / "a-1.0.0-abort.mir"
    path.write_bytes(MIR)
    return path


def test_accepted_with_its_subject_only(subject: Path) -> None:
    document, texts = certificate(_result(_system()), "0"), texts_of(_result(_system()))
    assert document == certificate(_result(_system()), "0")
    answer = recheck(document, subject, texts)
    assert isinstance(answer, Accepted), answer
    assert (answer.obligation, answer.instance) == (KIND.value, "a::Op, panic abort, peer wasm")
    assert isinstance(recheck(document, None, texts), NotChecked)
    subject.write_bytes(MIR + b"\n")
    assert isinstance(recheck(document, subject, texts), Rejected)


def test_the_invariant_of_a_broken_twin_is_refused(subject: Path) -> None:
    result = _result(_system(guarded=False))
    answer = recheck(certificate(result, "0"), subject, texts_of(result))
    assert isinstance(answer, Rejected)
    assert answer.reason == "invariant: a step does not keep it"


@pytest.fixture
def written(subject: Path) -> Path:
    """A certificate in its file, its subject and the texts that it shares beside it."""
    result = _result(_system())
    for name, text in texts_of(result).items():
        (subject.parent / name).write_bytes(text)
    path = subject.parent / "a.cert.json"
    path.write_bytes(certificate(result, "0"))
    assert isinstance(recheck_file(path), Accepted)
    return path


def _with_proofs(result: Result) -> dict[str, bytes]:
    """What the certificate shares, and a propositional proof for each of its queries."""
    assert isinstance(result.verdict, Proved)
    evidence = result.verdict.evidence
    assert isinstance(evidence, Invariant)
    asked = Question(evidence.model, evidence.invariant, evidence.excluded, ghosts=False)
    groups = {asked.inductive_file: inductive_queries(asked), asked.excluded_file: excluded_queries(asked)}
    proofs = {
        name: "".join(f"{query.title}\n{refutation(query, Budget(30))}" for query in queries).encode()
        for name, queries in groups.items()
    }
    return texts_of(result) | proofs


def test_accepted_by_propositional_proofs(subject: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant, "_answer", lambda *_: "no solver is to be asked")
    document, texts = certificate(_result(_system()), "0"), _with_proofs(_result(_system()))
    assert isinstance(recheck(document, subject, texts, by_lrat=True), Accepted)
    for name in texts:
        fewer = {at: text for at, text in texts.items() if at != name}
        assert isinstance(recheck(document, subject, fewer, by_lrat=True), Rejected)


def test_the_invariant_of_a_broken_twin_has_no_propositional_proof() -> None:
    with pytest.raises(Satisfiable, match="step 2: its clauses do not contradict"):
        _with_proofs(_result(_system(guarded=False)))


def _foreign() -> bytes:
    """The model of another run."""
    (model, _) = texts_of(_result(_system(guarded=False))).values()
    return model


def _instead(path: Path, make: Callable[[Path], None]) -> None:
    path.unlink()
    make(path)


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), "there is no file"),
    "of another run": (lambda path: path.write_bytes(_foreign()), "not the .* bytes"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "not the .* bytes"),
    "longer": (lambda path: path.write_bytes(path.read_bytes() + b"\n"), "not the .* bytes"),
    "empty": (lambda path: path.write_bytes(b""), "not the .* bytes"),
    "of a hostile size": (lambda path: os.truncate(path, 1 << 33), "not the .* bytes"),
    "a directory": (lambda path: _instead(path, Path.mkdir), "there is no file"),
    "a pipe": (lambda path: _instead(path, os.mkfifo), "there is no file"),
    "of the same size": (lambda path: path.write_bytes(path.read_bytes().replace(b"lease", b"leese")), "SHA-256"),
}


@pytest.mark.parametrize("what", ["model", "invariant"])
@pytest.mark.parametrize("name", SPOILT)
def test_a_text_beside_it_that_is_spoilt_is_refused(name: str, what: str, written: Path) -> None:
    spoil, reason = SPOILT[name]
    (beside,) = written.parent.glob(f"*.{what}.smt2")
    spoil(beside)
    answer = recheck_file(written)
    assert isinstance(answer, Rejected)
    assert re.match(rf"{what}: .*{reason}", answer.reason), answer.reason


def test_every_byte_of_a_shared_text_counts(written: Path) -> None:
    for beside in written.parent.glob("*.smt2"):
        whole = beside.read_bytes()
        for place in range(len(whole)):
            beside.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            answer = recheck_file(written)
            assert isinstance(answer, Rejected)
            assert "SHA-256" in answer.reason
        beside.write_bytes(whole)


def test_several_certificates_share_the_queries_about_their_invariant(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    answer_of = invariant._answer

    def counted(queries: tuple[str, ...], seconds: int, session: Session) -> str:
        asked.append(queries)
        return answer_of(queries, seconds, session)

    monkeypatch.setattr(invariant, "_answer", counted)
    result = _result(_system())
    assert isinstance(result.verdict, Proved)
    assert isinstance(result.verdict.evidence, Invariant)
    conditions = ((KIND.value, OUTSIDE, UNKNOWN), (OUTSIDE, UNKNOWN))
    evidence = result.verdict.evidence
    with Session() as session:
        for excluded in conditions:
            check_invariant(evidence.model, evidence.invariant, excluded, session=session)
    assert len(asked) == len(set(asked)) == 4, "what holds at first and is kept once, what is excluded for each"


Change = Callable[[dict[str, Any], dict[str, bytes]], None]


def _with_text(what: str, change: Callable[[str], str]) -> Change:
    """A shared text changed, and what the certificate says of it too."""

    def changed(top: dict[str, Any], texts: dict[str, bytes]) -> None:
        text = texts.pop(f"{top['evidence'][what]['sha256']}.{what}.smt2")
        other = change(text.decode()).encode()
        assert other != text
        said = {"bytes": len(other), "sha256": hashlib.sha256(other).hexdigest()}
        top["evidence"][what] = said
        texts[f"{said['sha256']}.{what}.smt2"] = other

    return changed


def _with_model(old: str, new: str) -> Change:
    return _with_text("model", lambda text: text.replace(old, new))


def _invariant(new: str) -> Change:
    return _with_text("invariant", lambda _: new)


def _without_text(_: dict[str, Any], texts: dict[str, bytes]) -> None:
    texts.clear()


def _set(path: str, value: Any) -> Change:
    def change(top: dict[str, Any], _: dict[str, bytes]) -> None:
        *keys, last = path.split(".")
        for key in keys:
            top = top[key]
        assert top[last] != value
        top[last] = value

    return change


def _add(path: str, value: Any) -> Change:
    def change(top: dict[str, Any], _: dict[str, bytes]) -> None:
        *keys, last = path.split(".")
        for key in keys:
            top = top[key]
        top[last] = top[last] + value if isinstance(value, str) else [*top[last], value]

    return change


INITIAL = "(define-fun initial"
CONTROL = {"step": "x", "where": ["a::free", 0, "src/lib.rs:7"], "fails": ["memory"], "undecided": ""}
CHANGES: dict[str, tuple[Change, str]] = {
    "an invariant that is too weak": (_invariant("true"), "does not keep it|does not exclude"),
    "an invariant that does not hold at first": (_invariant("(= |the state| #b01)"), "at first"),
    "a false invariant": (_invariant("false"), "at first"),
    "two terms": (_invariant("true) (assert false"), "bracket"),
    "a command within": (_invariant("(and (push 1) true)"), "invariant"),
    "an input in the invariant": (_invariant("(= count@0 #x01)"), "no part of the state"),
    "an unknown symbol": (_invariant("elsewhere"), "symbol"),
    "a guard": (_with_model("guard 2| () Bool (= |the state| #b00)", "guard 2| () Bool true"), "keep"),
    "the hash of the model": (_set("evidence.model.sha256", "0" * 64), "no file"),
    "no hash": (_set("evidence.model.sha256", "../" + "0" * 61), "64 hexadecimal digits"),
    "the size of the model": (_set("evidence.model.bytes", 7), "not the 7 bytes"),
    "a hostile size": (_set("evidence.invariant.bytes", 1 << 31), "larger than this checker takes"),
    "a text in place of a hash": (_set("evidence.model", "(set-logic QF_BV)"), "keys bytes, sha256"),
    "no shared texts": (_without_text, "no file"),
    "no text": (_with_text("model", lambda text: text + "\0"), "no token"),
    "another format": (_set("format", "proofmark-certificate/1"), "format"),
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
    "another rule pack": (_set("rule_pack", "wasm-graph/2"), "rule_pack"),
    "not excluded": (_set("evidence.excluded", [KIND.value, OUTSIDE]), "something not modelled"),
    "excludes too much": (_set("evidence.excluded", [KIND.value, "memory", OUTSIDE, UNKNOWN]), "does not exclude"),
    "an assumption left out": (lambda top, _: top["assumptions"].pop(0), "earlier-fault memory is asked for"),
    "an assumption too many": (_add("assumptions", {"id": "zzz", "about": [], "text": ""}), "assumptions"),
    "a hypothesis unlisted": (_set("evidence.hypotheses", []), "listed and not asked for"),
    "a trusted function unlisted": (_set("evidence.trusted", []), "listed and not asked for"),
    "blocks": (_set("evidence.covered", [["a::free", [0, 1]]]), "blocks of a::free"),
    "a function": (_set("evidence.covered", [["a::other", [0]]]), "uncovered"),
    "no control": (_set("evidence.controls", ["x"]), "controls"),
    "a control of nothing known": (_set("evidence.controls", [{**CONTROL, "fails": ["x"]}]), "unknown obligation"),
    "a control nowhere": (_set("evidence.controls", [{**CONTROL, "where": []}]), "a function, a block and a line"),
    "a control at length": (_set("evidence.controls", [{**CONTROL, "step": "x" * 5000}]), "too long"),
    "controls without end": (_set("evidence.controls", [CONTROL] * 1001), "more than"),
    "a key": (lambda top, _: top["evidence"].update(more=1), "keys"),
    "another kind of evidence": (_set("evidence.kind", "closed-set"), "kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_refused(name: str, subject: Path) -> None:
    change, reason = CHANGES[name]
    document, texts = json.loads(certificate(_result(_system()), "0")), texts_of(_result(_system()))
    change(document, texts)
    answer = recheck(sealed(document), subject, texts)
    assert isinstance(answer, Rejected)
    assert re.search(reason, answer.reason), answer.reason


def test_a_solver_without_answer_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant, "_answer", lambda *_: "unknown")
    with pytest.raises(NotDecided, match="is not decided: unknown"):
        check_invariant(model_script(_system()), invariant_text(_system(), INVARIANT), (KIND.value,))


def test_a_proof_that_is_not_checked_in_time_is_none(monkeypatch: pytest.MonkeyPatch, subject: Path) -> None:
    asked: list[int] = []

    def without_answer(_queries: tuple[str, ...], seconds: int, _session: Session) -> str:
        asked.append(seconds)
        return "unknown"

    monkeypatch.setattr(invariant, "_answer", without_answer)
    result, document = own_check(_result(_system()), subject, "here", 7, Session())
    assert document is None
    assert result.verdict == Unknown(
        "proved, and not checked: invariant: whether it does not hold at first is not decided: unknown"
    )
    assert asked == [35]


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


def test_what_is_not_followed_is_an_assumption_of_the_other_proofs() -> None:
    """A model has conditions that are no obligations; one that an invariant does not exclude is listed as the rest."""
    of_its_own_model = NO_PARTIAL_WRITE  # no proof is given without excluding it
    assert set(NOT_MODELLED.values()) - {of_its_own_model} == {NOT_FOLLOWED}
    assert assumption_text("earlier-fault", NOT_FOLLOWED) == wording.assumption("earlier-fault", NOT_FOLLOWED).text
    assert assumption_text("earlier-fault", "something else") is None

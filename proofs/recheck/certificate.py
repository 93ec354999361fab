"""Reads a certificate, strictly: canonical bytes, known keys, right types, sorted lists, the wording known by heart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import NoReturn

import proofs.recheck.buffer_certificate as buffer_certificate
import proofs.recheck.form as form
import proofs.recheck.pool_certificate as pool_certificate
import proofs.recheck.pool_wording as pool_wording
import proofs.recheck.runtime_certificate as runtime_certificate
import proofs.recheck.statics_certificate as statics_certificate
from proofs.recheck.assumptions import listed, of_module, of_runtime
from proofs.recheck.buffer_certificate import BufferInvariant
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse
from proofs.recheck.graph_certificate import ClosedSet, NeededBy, read_graph_evidence
from proofs.recheck.pool_certificate import PoolInvariant
from proofs.recheck.runtime_certificate import Invariant
from proofs.recheck.runtime_wording import CLAIMS
from proofs.recheck.statics_certificate import StaticsInvariant
from proofs.recheck.wording import Obligation, claim, instance_text

FORMAT, RULE_PACK = "proofmark-certificate/4", "wasm-graph/2"
MAX_BYTES = 1 << 24
Evidence = ClosedSet | NeededBy | Invariant | PoolInvariant | StaticsInvariant | BufferInvariant


@dataclass(frozen=True, slots=True)
class Certificate:
    """`obligation`: one of a module's with a closed set or needs; one of a runtime's or of a pool's, by name,
    with an invariant.
    """

    obligation: Obligation | str
    instance: str
    subject: str
    size: int
    sha256: str
    evidence: Evidence
    assumptions: tuple[tuple[str, str, str], ...]


def read_certificate(raw: bytes) -> Certificate:
    """Raises `Refused` with the place of whatever is not as `docs/certificate.md` says."""
    document = _canonical_json(raw)
    if isinstance(document, dict) and "format" in document:
        form.equal(document["format"], FORMAT, "format")  # first: of another version nothing else is known
    top = form.entries(document, "certificate", {
        "format", "obligation", "instance", "rule_pack", "subject", "claim", "evidence", "assumptions", "tool",
        "digest",
    })  # fmt: skip
    found = _read(top)
    unsealed = {key: value for key, value in top.items() if key != "digest"}
    if top["digest"] != hashlib.sha256(_canonical(unsealed)).hexdigest():  # last: other reasons say more
        refuse("digest", "not that of the rest: something was changed, or is of another certificate")
    return found


def _read(top: dict[str, object]) -> Certificate:
    name = form.text(top["obligation"], "obligation")
    tool = form.entries(top["tool"], "tool", {"name", "version"})
    form.equal(tool["name"], "proofmark", "tool.name")
    form.text(tool["version"], "tool.version")
    if name in statics_certificate.CLAIMS and top["rule_pack"] == statics_certificate.RULE_PACK:
        return _of_statics(top, name)
    if name in buffer_certificate.CLAIMS and top["rule_pack"] == buffer_certificate.RULE_PACK:
        return _of_buffer(top, name)
    if name in CLAIMS:
        return _of_runtime(top, name)
    if name in pool_wording.CLAIMS:
        return _of_pool(top, name)
    try:
        obligation = Obligation(name)
    except ValueError:
        refuse("obligation", "unknown")
    form.equal(top["rule_pack"], RULE_PACK, "rule_pack")
    evidence = read_graph_evidence(top["evidence"], obligation)
    names = evidence.root_names if isinstance(evidence, ClosedSet) else None
    goal_names = (isinstance(evidence, ClosedSet) and evidence.goal_names) or ()
    form.equal(top["claim"], claim(obligation, names is not None, goal_names), "claim")
    form.equal(top["instance"], instance_text(obligation, names), "instance")
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    assumptions = of_module(top["assumptions"])
    return Certificate(obligation, instance_text(obligation, names), *subject, evidence, assumptions)


def _of_runtime(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["rule_pack"], runtime_certificate.RULE_PACK, "rule_pack")
    form.equal(top["claim"], runtime_certificate.claim(obligation), "claim")
    subject = form.entries(top["subject"], "subject", {"name", "bytes", "sha256", "build"})
    panic = runtime_certificate.read_build(subject["build"])
    instance = form.text(top["instance"], "instance")
    runtime_certificate.check_instance(instance, panic, obligation)
    evidence = runtime_certificate.read_invariant(top["evidence"], obligation)
    assumptions = of_runtime(top["assumptions"])
    return Certificate(obligation, instance, *_subject(subject), evidence, assumptions)


def _of_pool(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["rule_pack"], pool_certificate.RULE_PACK, "rule_pack")
    form.equal(top["claim"], pool_certificate.claim(obligation), "claim")
    evidence = pool_certificate.read_pool_invariant(top["evidence"], obligation)
    instance = form.text(top["instance"], "instance")
    pool_certificate.check_instance(instance, evidence)
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    assumptions = listed(top["assumptions"], pool_wording.ASSUMPTIONS)
    return Certificate(obligation, instance, *subject, evidence, assumptions)


def _of_statics(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["claim"], statics_certificate.CLAIMS[obligation], "claim")
    evidence = statics_certificate.read_statics_invariant(top["evidence"], obligation)
    instance = form.text(top["instance"], "instance")
    statics_certificate.check_instance(instance, evidence)
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    assumptions = listed(top["assumptions"], statics_certificate.ASSUMPTIONS)
    return Certificate(obligation, instance, *subject, evidence, assumptions)


def _of_buffer(top: dict[str, object], obligation: str) -> Certificate:
    form.equal(top["claim"], buffer_certificate.CLAIMS[obligation], "claim")
    evidence = buffer_certificate.read_buffer_invariant(top["evidence"], obligation)
    instance = form.text(top["instance"], "instance")
    buffer_certificate.check_instance(instance, evidence)
    subject = _subject(form.entries(top["subject"], "subject", {"name", "bytes", "sha256"}))
    assumptions = listed(top["assumptions"], buffer_certificate.ASSUMPTIONS)
    return Certificate(obligation, instance, *subject, evidence, assumptions)


def _subject(subject: dict[str, object]) -> tuple[str, int, str]:
    """Name, size and SHA-256."""
    name = form.text(subject["name"], "subject.name")
    if name in ("", ".", "..") or any(c in name for c in "/\\\0"):
        refuse("subject.name", "no file name without directories")
    return name, form.integer(subject["bytes"], "subject.bytes"), form.sha256(subject["sha256"], "subject.sha256")


def _canonical_json(raw: bytes) -> object:
    if len(raw) > MAX_BYTES:
        refuse("the file", f"larger than {MAX_BYTES} bytes")
    try:
        document: object = json.loads(raw.decode("utf-8"), parse_float=_no_number, parse_constant=_no_number)
        canonical = _canonical(document)
    except (ValueError, RecursionError) as fault:
        raise Refused(f"certificate: no JSON of this format: {str(fault)[:200]}") from None
    if canonical != raw:
        refuse("the file", "not in canonical form")
    return document


def _canonical(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"number {text[:20]}")

"""Certificates: the format `proofmark-certificate/4` of docs/certificate.md, and the names of their files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from importlib import resources
from itertools import groupby
from typing import assert_never

from artifacts import buffer_certificate, pool_certificate, runtime_certificate, statics_certificate
from artifacts.canonical import Json, canonical
from artifacts.names import encodable, unicode_only
from proofs import buffer_wording, pool_wording, runtime_wording, statics_wording, wording
from proofs.kinds import PoolKind, RuntimeKind
from proofs.pool_verdicts import BufferInvariant, PoolInvariant, StaticsInvariant
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import (
    AnyKind,
    Assumption,
    ClosedSet,
    Evidence,
    FunctionId,
    ImportSite,
    Kind,
    NeededBy,
    Needs,
    Proved,
    Result,
)

FORMAT = "proofmark-certificate/4"
RULE_PACK = "wasm-graph/2"

_PLAIN_NAME = re.compile(r"([a-z0-9][a-z0-9._-]{0,59})\.(?:wasm|mir)")


def certificate(result: Result, tool_version: str) -> bytes:
    """The certificate of a proved result, in its canonical bytes.

    ValueError if the result is not proved, or says something that no certificate can say: that is a fault of ours.
    """
    if not isinstance(result.verdict, Proved):
        raise ValueError(f"a certificate needs a proof, not {type(result.verdict).__name__}")
    kind, evidence = result.kind, result.verdict.evidence
    subject: dict[str, Json] = {
        "name": unicode_only(result.subject.name),
        "bytes": result.subject.size,
        "sha256": result.subject.sha256,
    }
    match kind:
        case Kind():
            _check_wording(kind, result, result.verdict)
            claim = wording.claim(kind, _names(evidence) is not None, _goal_names(evidence))
            rules, say = RULE_PACK, wording.assumption
        case RuntimeKind():
            runtime_certificate.check_wording(kind, result, result.verdict.assumptions)
            claim, rules, say = runtime_wording.claim(kind), runtime_certificate.RULE_PACK, runtime_wording.assumption
        case PoolKind() if isinstance(evidence, StaticsInvariant):
            statics_certificate.check_wording(kind, result, result.verdict)
            claim, rules, say = statics_wording.claim(kind), statics_certificate.RULE_PACK, statics_wording.assumption
        case PoolKind() if isinstance(evidence, BufferInvariant):
            buffer_certificate.check_wording(kind, result, result.verdict)
            claim, rules, say = buffer_wording.claim(kind), buffer_certificate.RULE_PACK, buffer_wording.assumption
        case PoolKind():
            pool_certificate.check_wording(kind, result, result.verdict)
            claim, rules, say = pool_wording.claim(kind), pool_certificate.RULE_PACK, pool_wording.assumption
    if result.subject.build is not None:
        subject["build"] = runtime_certificate.build_json(result.subject.build)
    return sealed(
        {
            "format": FORMAT,
            "obligation": kind.value,
            "instance": result.instance,
            "rule_pack": rules,
            "subject": subject,
            "claim": claim,
            "evidence": _evidence(kind, evidence),
            "assumptions": _assumptions(result.verdict.assumptions, say),
            "tool": {"name": "proofmark", "version": tool_version},
        }
    )


def sealed(document: dict[str, Json]) -> bytes:
    """With a digest of all the rest, which binds it together: a part of another certificate does not fit."""
    unsealed = {key: value for key, value in document.items() if key != "digest"}
    return canonical({**unsealed, "digest": hashlib.sha256(canonical(unsealed)).hexdigest()})


def _check_wording(kind: Kind, result: Result, proved: Proved) -> None:
    if result.instance != wording.instance(kind, _names(proved.evidence)):
        raise ValueError(f"instance {result.instance!r} is not what the evidence is about")
    for assumption in proved.assumptions:
        if assumption != wording.assumption(assumption.id, assumption.about):
            raise ValueError(f"assumption {assumption.id!r} is not worded as docs/certificate.md says")


def _assumptions(taken: Iterable[Assumption], say: Callable[[str, str], Assumption]) -> Json:
    """Each sentence once, with `{about}` where it names what it is about, and the list of that."""

    def sentence(one: Assumption) -> tuple[str, str]:
        try:
            return one.id, say(one.id, "{about}").text
        except KeyError:  # a hypothesis has a sentence of its own
            return one.id, one.text

    return [
        {"id": id_, "text": text, "about": [one.about for one in alike if one.about]}
        for (id_, text), alike in groupby(sorted(set(taken)), sentence)
    ]


def schema() -> dict[str, object]:
    """The form of every kind of certificate that is JSON, as shipped."""
    text = resources.files("artifacts").joinpath("schemas/certificate.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, object] = json.loads(text)
    return loaded


def file_name(result: Result) -> str:
    """The certificate's file name: safe on every file system, whatever the subject is called, and one for each proof.

    `STEM-SHA.OBLIGATION.cert.json`; where the stem alone does not tell the subject's name, or the roots are named, a
    digest of both stands before `.cert.json`.
    """
    subject = result.subject
    plain = _PLAIN_NAME.fullmatch(subject.name)
    stem = plain.group(1) if plain else _safe_stem(subject.name)
    parts = [f"{stem}-{subject.sha256[:12]}", result.kind.value]
    by_rule = result.instance in ("every realloc", "every entry")
    if not (plain and by_rule):
        goal_names = _goal_names(result.verdict.evidence) if isinstance(result.verdict, Proved) else ()
        told_apart: list[Json] = [encodable(each) for each in (subject.name, result.instance, *goal_names)]
        parts.append(hashlib.sha256(canonical(told_apart)).hexdigest()[:8])
    return ".".join((*parts, "cert.json"))


def _safe_stem(name: str) -> str:
    stem = name.removesuffix(".wasm").removesuffix(".wat").removesuffix(".mir")
    return re.sub(r"[^A-Za-z0-9._-]+", "_", stem).lstrip(".-")[:60] or "subject"


def _goal_names(evidence: Evidence) -> tuple[str, ...]:
    return evidence.goal_names if isinstance(evidence, ClosedSet) else ()


def _names(evidence: Evidence) -> tuple[str, ...] | None:
    match evidence:
        case ClosedSet():
            return evidence.root_names
        case Needs() | Invariant() | PoolInvariant() | StaticsInvariant() | BufferInvariant():
            return None
    assert_never(evidence)


def _evidence(kind: AnyKind, evidence: Evidence) -> Json:
    match evidence:
        case ClosedSet():
            return _closed_set(kind, evidence)
        case Invariant():
            return runtime_certificate.invariant_json(evidence)
        case PoolInvariant():
            return pool_certificate.invariant_json(evidence)
        case StaticsInvariant():
            return statics_certificate.invariant_json(evidence)
        case BufferInvariant():
            return buffer_certificate.invariant_json(evidence)
        case Needs():
            if kind is not Kind.REALLOC_VESTIGIAL:
                raise ValueError(f"needs are no evidence for {kind.value}")
            return {
                "kind": "needed-by",
                "needs": [[f.instance, f.index, _needed_by(by)] for f, by, _ in sorted(evidence.needs, key=_first)],
            }
    assert_never(evidence)


def _closed_set(kind: AnyKind, closed: ClosedSet) -> Json:
    if (
        isinstance(kind, RuntimeKind | PoolKind)
        or kind is Kind.REALLOC_VESTIGIAL
        or (kind is Kind.NO_ALLOC_PATH) != (closed.goal is not None)
    ):
        raise ValueError(f"this closed set is no evidence for {kind.value}")
    evidence: dict[str, Json] = {
        "kind": "closed-set",
        "roots": _functions(closed.roots),
        "roots_by": "rule" if closed.root_names is None else "name",
        "goal": "memory.grow" if closed.goal is None else _functions(closed.goal),
        "members": [[number, _ranges(ranges)] for number, ranges in sorted(closed.members) if ranges],
        "dead": [],
    }
    if closed.root_names is not None:
        evidence["root_names"] = [*sorted(set(closed.root_names))]
    if closed.goal is not None:
        evidence["goal_names"] = [*sorted(set(closed.goal_names))]
    return evidence


def _functions(functions: tuple[FunctionId, ...]) -> Json:
    by_instance = groupby(sorted(set(functions)), lambda function: function.instance)
    return [[number, _ranges(tuple([(f.index, f.index) for f in found]))] for number, found in by_instance]


def _ranges(ranges: tuple[tuple[int, int], ...]) -> str:
    """Ascending ranges, those that touch joined: there is one way to write a set."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in joined)


def _first(need: tuple[FunctionId, NeededBy, str]) -> FunctionId:
    return need[0]


def _needed_by(by: NeededBy) -> Json:
    match by:
        case int() | str():
            return by
        case ImportSite():
            return [by.instance, by.module, by.name]
    assert_never(by)

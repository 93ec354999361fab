"""Certificates about runtimes: what is particular to them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from proofs import runtime_wording as wording
from proofs.kinds import RuntimeKind
from proofs.pool_verdicts import BufferInvariant, PoolInvariant, StaticsInvariant
from proofs.runtime_verdicts import Blocks, Control, CrateBuild, Invariant

if TYPE_CHECKING:
    from artifacts.canonical import Json
    from proofs.verdicts import Assumption, Result

LONGEST = 300
"""Of what a control says of itself."""
RULE_PACK = "runtime/7, host-rules/1"


def check_wording(kind: RuntimeKind, result: Result, assumptions: tuple[Assumption, ...]) -> None:
    """ValueError if the result says something that no certificate can say."""
    build = result.subject.build
    if build is None or not _is_of(result.instance, build.panic):
        raise ValueError(f"instance {result.instance!r} is not what the subject was built for")
    for one in assumptions:
        if one != wording.assumption(one.id, one.about):
            raise ValueError(f"assumption {one.id!r} is not worded as docs/certificate.md says")
    if kind.value not in _invariant(result).excluded:
        raise ValueError(f"this invariant is no evidence for {kind.value}")


def _is_of(instance: str, panic: str) -> bool:
    """An operation's instance names the peer as well."""
    return f", panic {panic}, peer " in instance or (
        instance.startswith(f"{wording.TASK_SIDE}, ") and instance.endswith(f", panic {panic}")
    )


def _invariant(result: Result) -> Invariant:
    evidence = getattr(result.verdict, "evidence", None)
    if not isinstance(evidence, Invariant):
        raise ValueError(f"{type(evidence).__name__} is no evidence about a runtime")
    return evidence


def build_json(build: CrateBuild) -> Json:
    return {
        "crate": build.crate,
        "version": build.version,
        "compiler": build.compiler,
        "target": build.target,
        "features": None if build.features is None else [*sorted(build.features)],
        "cfg": None if build.cfg is None else [*build.cfg],
        "panic": build.panic,
        "overflow_checks": build.overflow_checks,
        "sources_sha256": build.sources_sha256,
        "profile_sha256": build.profile_sha256,
    }


def invariant_json(evidence: Invariant) -> Json:
    return {
        "kind": "invariant",
        "model": reference(evidence.model),
        "invariant": reference(evidence.invariant),
        "excluded": [*sorted(evidence.excluded)],
        "hypotheses": [*sorted(evidence.hypotheses)],
        "trusted": [{"name": one.name, "meaning": one.meaning, "page": one.page} for one in sorted(evidence.trusted)],
        "covered": [_blocks(one) for one in sorted(evidence.covered)],
        "uncovered": [_blocks(one) for one in sorted(evidence.uncovered)],
        "controls": [_control(one) for one in sorted(evidence.controls, key=_place)],
    }


def texts_of(result: Result) -> dict[str, bytes]:
    """What certificates about one model have in common, by the names of the files beside them."""
    evidence = getattr(result.verdict, "evidence", None)
    if not isinstance(evidence, Invariant | PoolInvariant | StaticsInvariant | BufferInvariant):
        return {}
    texts = {"model": evidence.model.encode(), "invariant": evidence.invariant.encode()}
    return {f"{hashlib.sha256(text).hexdigest()}.{what}.smt2": text for what, text in texts.items()}


def reference(text: str) -> Json:
    data = text.encode()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _place(control: Control) -> tuple[str, int, str]:
    return control.where.function, control.where.block, control.step


def _control(control: Control) -> Json:
    return {
        "step": control.step,
        "where": [control.where.function, control.where.block, control.where.source],
        "fails": [*sorted(control.fails)],
        "undecided": control.undecided[:LONGEST],
    }


def _blocks(blocks: Blocks) -> Json:
    return [blocks.function, [*sorted(set(blocks.numbers))]]

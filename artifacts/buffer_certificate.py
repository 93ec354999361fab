"""Certificates about buffers of crates: what is particular to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artifacts.runtime_certificate import reference
from proofs import buffer_wording as wording
from proofs.kinds import PoolKind
from proofs.pool_verdicts import BufferInvariant

if TYPE_CHECKING:
    from artifacts.canonical import Json
    from proofs.verdicts import Proved, Result

RULE_PACK = "mir-buffer/7"


def check_wording(kind: PoolKind, result: Result, proved: Proved) -> None:
    """ValueError if the result says something that no certificate can say."""
    evidence = proved.evidence
    if not isinstance(evidence, BufferInvariant) or f"{kind.value} of {evidence.buffer}" not in evidence.excluded:
        raise ValueError(f"this is no evidence for {kind.value}")
    if result.instance != wording.instance(evidence.buffer, evidence.width, evidence.elements):
        raise ValueError(f"instance {result.instance!r} is not what the evidence is about")
    for one in proved.assumptions:
        if one != wording.assumption(one.id, one.about):
            raise ValueError(f"assumption {one.id!r} is not worded as docs/certificate.md says")


def invariant_json(evidence: BufferInvariant) -> Json:
    return {
        "kind": "buffer-invariant",
        "buffer": evidence.buffer,
        "elements": evidence.elements.value,
        "about": "type" if evidence.is_type else "realloc",
        "width": evidence.width,
        "functions": [*sorted(evidence.functions)],
        "readers": [*sorted(evidence.readers)],
        "cells": [*sorted(evidence.cells)],
        "trusted": [*sorted(evidence.trusted)],
        "model": reference(evidence.model),
        "invariant": reference(evidence.invariant),
        "excluded": [*sorted(evidence.excluded)],
    }

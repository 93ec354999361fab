"""Certificates about statics of crates: what is particular to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artifacts.runtime_certificate import reference
from proofs import statics_wording as wording
from proofs.kinds import PoolKind
from proofs.pool_verdicts import StaticsInvariant

if TYPE_CHECKING:
    from artifacts.canonical import Json
    from proofs.verdicts import Proved, Result

RULE_PACK = "mir-pool/12"


def check_wording(kind: PoolKind, result: Result, proved: Proved) -> None:
    """ValueError if the result says something that no certificate can say."""
    evidence = proved.evidence
    if not isinstance(evidence, StaticsInvariant) or f"{kind.value} of {evidence.pool}" not in evidence.excluded:
        raise ValueError(f"this is no evidence for {kind.value}")
    if result.instance != wording.instance(evidence.pool, evidence.width):
        raise ValueError(f"instance {result.instance!r} is not what the evidence is about")
    for one in proved.assumptions:
        if one != wording.assumption(one.id, one.about):
            raise ValueError(f"assumption {one.id!r} is not worded as docs/certificate.md says")


def invariant_json(evidence: StaticsInvariant) -> Json:
    return {
        "kind": "statics-invariant",
        "static": evidence.pool,
        "width": evidence.width,
        "statics": [*sorted(evidence.statics)],
        "functions": [*sorted(evidence.functions)],
        "cells": [*sorted(evidence.cells)],
        "contents": [*sorted(evidence.contents)],
        "trusted": [*sorted(evidence.trusted)],
        "sized": [*sorted(evidence.sized)],
        "counted": [*sorted(evidence.counted)],
        "owners": [*sorted(evidence.owners)],
        "model": reference(evidence.model),
        "invariant": reference(evidence.invariant),
        "excluded": [*sorted(evidence.excluded)],
    }

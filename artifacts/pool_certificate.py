"""Certificates about pools: what is particular to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artifacts.runtime_certificate import reference
from proofs import pool_wording as wording
from proofs.kinds import PoolKind
from proofs.pool_verdicts import CellFact, PoolInvariant, RoleFact

if TYPE_CHECKING:
    from artifacts.canonical import Json
    from proofs.verdicts import Proved, Result

RULE_PACK = "wasm-pool/7"


def check_wording(kind: PoolKind, result: Result, proved: Proved) -> None:
    """ValueError if the result says something that no certificate can say."""
    evidence = proved.evidence
    if not isinstance(evidence, PoolInvariant) or kind.value not in evidence.excluded:
        raise ValueError(f"this is no evidence for {kind.value}")
    pool = evidence.pool
    if result.instance != wording.instance(((one.name, one.base, one.size) for one in pool.areas), evidence.host):
        raise ValueError(f"instance {result.instance!r} is not what the evidence is about")
    for one in proved.assumptions:
        if one != wording.assumption(one.id, one.about):
            raise ValueError(f"assumption {one.id!r} is not worded as docs/certificate.md says")


def invariant_json(evidence: PoolInvariant) -> Json:
    pool = evidence.pool
    return {
        "kind": "pool-invariant",
        "pool": {
            "name": pool.name,
            "base": pool.base,
            "size": pool.size,
            "element": pool.element,
            "alignment": pool.alignment,
            "budget": pool.budget,
            "tables": [[one.name, one.base, one.size, one.element] for one in pool.tables],
            "also": [[one.name, one.base, one.size, one.element] for one in pool.also],
        },
        "host": evidence.host,
        "hypothesis": evidence.hypothesis,
        "model": reference(evidence.model),
        "invariant": reference(evidence.invariant),
        "excluded": [*sorted(evidence.excluded)],
        "roles": [_role(one) for one in sorted(evidence.roles, key=lambda role: (role.export, role.role))],
        "cells": _cells(evidence.cells),
        "fixed": _cells(evidence.fixed),
        "idle": [*sorted(evidence.idle)],
        "left_out": [*sorted(evidence.left_out)],
    }


def _role(role: RoleFact) -> Json:
    parameters: Json = None if role.parameters is None else [*role.parameters]
    return {
        "export": role.export,
        "role": role.role,
        "parameters": parameters,
        "indices": role.indices,
        "unit": role.unit,
    }


def _cells(cells: tuple[CellFact, ...]) -> Json:
    return [[one.address, one.size, one.first] for one in sorted(cells)]

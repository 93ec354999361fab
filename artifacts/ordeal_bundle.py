"""One refuted query as a bundle `ordeal-cert/v1`: clauses, their refutation, and hashes of both."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from artifacts.canonical import canonical

if TYPE_CHECKING:
    from proofs.recheck.propositional import Query

SUFFIX = ".ordeal-cert.json"
CHECKER = "proofmark-lrat"


def bundle(query: Query, proof: str, claim: str, version: str) -> bytes:
    """`claim`: what the clauses are said to mean. That they do, nothing in this format shows: docs/certificate.md."""
    clauses = "".join(" ".join(map(str, (*clause, 0))) + "\n" for clause in query.clauses)
    return canonical(
        {
            "format": "ordeal-cert/v1",
            "verdict": "unsat",
            "produced_by": {"name": "proofmark", "version": version},
            "checked_by": {"name": CHECKER, "version": version},
            "attests": {"kind": "qf_bv_validity", "claim": claim},
            "problem": {
                "encoding": "dimacs-cnf",
                "num_clauses": len(query.clauses),
                "clauses": [[*clause] for clause in query.clauses],
            },
            "proof": {"encoding": "lrat", "body": proof},
            "recheck": {
                "tool": "proofmark",
                "min_version": version,
                "cmd": "proofmark check --lrat <certificate>",
                "problem_sha256": hashlib.sha256(clauses.encode()).hexdigest(),
                "proof_sha256": hashlib.sha256(proof.encode()).hexdigest(),
            },
        }
    )

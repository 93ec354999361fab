"""Edges to faults without those that nothing can take, whatever the state: their conditions contradict themselves.

A search that did not know would look at them again from every state. The system keeps their steps, so that the
checker of certificates finds out for itself.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.runtime.conditions import components
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.renaming import numbered
from proofs.runtime.solve import refutable
from smt_models.runtime.edges import Edge, Edges
from smt_models.runtime.facts import Facts
from smt_models.system.terms import Term

_EACH = 10
"""Seconds that the solver has for each condition."""


def without_impossible_faults(edges: Edges, budget: Budget) -> Edges:
    """As they are, if the solver has no answer."""
    parts = {at: _parts(one) for at, one in enumerate(edges.edges) if one.fault is not None}
    asked = list(dict.fromkeys(part for found in parts.values() for part in found))
    try:
        impossible = {one for one, is_so in zip(asked, refutable(asked, budget, _EACH), strict=True) if is_so}
    except NoAnswer:
        return edges
    kept = (one for at, one in enumerate(edges.edges) if impossible.isdisjoint(parts.get(at, ())))
    return replace(edges, edges=tuple(kept))


def _parts(edge: Edge) -> tuple[Term, ...]:
    facts = Facts()
    facts.assume(edge.condition)
    return tuple(numbered(one) for one in components(facts.assumed))

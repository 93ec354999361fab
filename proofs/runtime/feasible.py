"""Edges to faults without those that nothing can take, whatever the state: their conditions contradict themselves.

A search that did not know would look at them again from every state. The system keeps their steps, so that the
checker of certificates finds out for itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proofs.runtime.conditions import components
from proofs.runtime.engine import Budget
from proofs.runtime.solve import NoAnswer, refutable
from smt_models.runtime.edges import Edge, Edges
from smt_models.runtime.facts import Facts
from smt_models.system.smtlib import sort_text
from smt_models.system.terms import Term, Variable, variables_of

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
    return tuple(_renamed(one) for one in components(facts.assumed))


def _renamed(term: Term) -> Term:
    """With variables numbered in the order of their occurrence: many edges ask the same."""
    names: dict[str, Variable] = {}
    for one in variables_of(term):
        names.setdefault(one.name, Variable(f"word {len(names)} {sort_text(one.sort)}", one.sort))
    given: Mapping[str, Term] = names
    return Facts().simplify(term, given)

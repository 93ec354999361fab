"""An invariant for which nothing was searched: each step by itself keeps to the shapes explored, and leads to no fault.

Where numbers decide, states are many and a search among them does not end; and what faults rest on is mostly within the
one step that would lead to them. Whether it is an invariant still is for the solvers to say.
"""

from __future__ import annotations

from smt_models.runtime.edges import Edges
from smt_models.runtime.emit import FAULT
from smt_models.runtime.shapes import described
from smt_models.system.terms import Term, both, either


def possible_faults(edges: Edges) -> frozenset[str]:
    """Those that an edge leads to."""
    return frozenset(one.fault.obligation for one in edges.edges if one.fault is not None)


def explored_states(edges: Edges) -> Term:
    """What holds of every shape explored, and of what a possible fault leaves."""
    inside = both(FAULT.is_("none"), described(edges.shaped, edges.shapes))
    known = both(inside, *edges.presupposed, *edges.numbers.relations)
    return either(known, *(FAULT.is_(one) for one in sorted(possible_faults(edges))))

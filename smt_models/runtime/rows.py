"""Which row of the host's rules a call takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smt_models.runtime.outcomes import Final, Fork
from smt_models.runtime.state import State
from smt_models.system.model import Step
from smt_models.system.operators import Enum
from smt_models.system.terms import FALSE, Literal, Term, equal, literal

ARM = "arm"


def row_taken(state: State, call: str, rows: Sequence[Step], values: Mapping[str, Term]) -> Step:
    """Its guard is known to hold from now on. Forks over the rows that can apply; raises Final if none can."""
    given = state.facts.given(values)
    possible = [one for one in rows if given(one.guard) != FALSE]
    if not possible:
        raise Final(f"no row of {call} applies")
    step = possible[0]
    if len(possible) > 1:
        tag = state.fresh(ARM, Enum(ARM, tuple(one.name for one in rows)))
        chosen = state.facts.simplify(tag)
        if not isinstance(chosen, Literal):
            raise Fork(*(equal(tag, literal(one.name, tag.sort)) for one in possible))
        step = next(one for one in rows if one.name == chosen.value)
    if not state.assume(given(step.guard)):
        raise Final(f"no row of {call} applies")
    return step

"""A pool as a transition system: any calls in any order, each with any arguments that the host may pass."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.pools import conditions as c
from smt_models.pools.blocks import indexed
from smt_models.pools.calls import Calls
from smt_models.pools.client_writes import client_writes
from smt_models.pools.lent import lent_below, lent_elements
from smt_models.pools.pool import Host, Pool
from smt_models.pools.requests import asked_of, parameters_of
from smt_models.pools.steps import CallSteps, PoolStep, state_variables
from smt_models.system.model import Bad, System
from smt_models.system.operators import Value
from smt_models.system.terms import BOOLEAN, Term, Variable, conjunction, equal, negation
from smt_models.wasm.build import number, width_of


@dataclass(frozen=True, slots=True)
class PoolModel:
    """`kinds`: the conditions of the system, but for that something has no model."""

    pool: Pool
    host: Host
    calls: Calls
    system: System
    steps: tuple[PoolStep, ...]
    kinds: tuple[str, ...]

    @property
    def lent(self) -> dict[int, Variable]:
        """Of each element whether it is lent, by its address; empty where that is not kept."""
        return {one.at: one.variable for one in lent_elements(self.pool, self.calls, self.host)}

    @property
    def lent_below(self) -> dict[int, Variable]:
        """Of each end of an element how many are lent below it, by its address; empty where that is not kept."""
        return {one.end: one.variable for one in lent_below(self.pool, self.calls)}

    @property
    def first(self) -> dict[str, Value]:
        """Of each variable the value that it begins with."""
        known = _known_at_first(self.calls)
        return {one.name: False if one.sort == BOOLEAN else known.get(one.name, 0) for one in self.system.variables}


def applying(pool: Pool, calls: Calls) -> dict[str, str | None]:
    """Each kind with why it says nothing of this pool, or None where it does. Raises LookupError."""
    named = {role.export for role in pool.allocate}
    asked = [asked_of(pool, parameters_of(pool, call), 1) for call in calls.calls if call.name in named]
    known = [one for one in asked if one is not None]
    by_index = any(indexed(pool, call.execution.accesses) for call in calls.calls)
    none = "no export hands out blocks (`allocate`)"
    found: dict[str, str | None] = dict.fromkeys(c.KINDS, None if pool.allocate else none)
    if not by_index and not (pool.has_elements and pool.allocate):
        found[c.INDEX] = "no access by an index into the pool or its `tables` was found, and it has no `element`"
    else:
        found[c.INDEX] = None
    if not pool.allocate:
        return found
    if not any(one.old is not None for one in known):
        found[c.ZERO_SIZE] = found[c.COPY_OWNED] = "no export with the four parameters of a realloc"
    if not any(one.alignment is not None for one in known):
        found[c.ALIGNED] = "no alignment is asked for, and the pool has no `alignment`"
    if not pool.reset:
        found[c.NO_REWIND] = "no export resets the pool (`reset`)"
    if pool.budget is None:
        found[c.BUDGET] = "the pool has no `budget`"
    return found


def model_of(pool: Pool, calls: Calls, host: Host) -> PoolModel:
    """Raises LookupError with what is not known of a call."""
    kinds = tuple(kind for kind, why in applying(pool, calls).items() if why is None)
    called = tuple(step for call in calls.calls for step in CallSteps(pool, calls, call, host, kinds).steps())
    variables = state_variables(pool, calls, kinds, host)
    steps = (*called, *client_writes(calls, variables, kinds))
    bad = tuple(Bad(kind, c.flag(kind)) for kind in (*kinds, c.UNMODELLED))
    places = ", and ".join(f"{one.name} at {one.base:#x}, {one.size} bytes" for one in pool.parts)
    title = f"pool {places}, host={host.value}"
    system = System(title, variables, _initial(calls, variables), tuple(one.step for one in steps), bad)
    return PoolModel(pool, host, calls, system, steps, kinds)


def _initial(calls: Calls, variables: tuple[Variable, ...]) -> Term:
    """Memory is as the data segments say, no block is live, nothing is broken: every other word is zero."""
    known = _known_at_first(calls)
    return conjunction(
        negation(one) if one.sort == BOOLEAN else equal(one, number(known.get(one.name, 0), width_of(one)))
        for one in variables
    )


def _known_at_first(calls: Calls) -> dict[str, int]:
    """What cells and globals begin with."""
    cells = {cell.variable.name: value for cell, value in calls.cells}
    return cells | {f"global{place}": value for place, value in calls.globals}

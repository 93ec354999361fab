"""Which owner each call of a counterexample is given: the one that an earlier call gave."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.pools.bounded import Route, input_at, solved, value_at
from smt_models.static_pools.model import StaticPools
from smt_models.system.evaluate import evaluate


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is given: what the call `giver` gave, from 1 on. `others`: which calls gave what else is out then."""

    giver: int | None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Out:
    call: int
    number: int


def given_to(model: StaticPools, route: Route) -> tuple[Given, ...]:
    """Of each call. Of several owners of one number the other one is one that was not lent before."""
    out: list[_Out] = []
    lent: _Out | None = None
    found: list[Given] = []
    for time, made in enumerate(route.calls):
        call = model.calls[made.step]
        values = {one.name: solved(route, one, value_at(one.name, time)) for one in model.system.variables}
        inputs = call.step.step.inputs
        values |= {one.name: solved(route, one, input_at(time, made.step, one.name)) for one in inputs}
        given = Given(None)
        if call.passed is not None:
            same = [one for one in out if one.number == values[call.passed.value.name]]
            if same:
                chosen = _chosen(same, lent, bool(values[call.passed.other.name]))
                lent, given = chosen, Given(chosen.call, tuple(one.call for one in out if one != chosen))
                if call.passed.gone:
                    out.remove(chosen)
        found.append(given)
        if call.made is not None and evaluate(call.made.when, values):
            out.append(_Out(time + 1, int(evaluate(call.made.value, values))))
    return tuple(found)


def _chosen(same: list[_Out], lent: _Out | None, other: bool) -> _Out:
    wanted = [one for one in same if (one == lent) is not other]
    return (wanted or same)[0]


def went_twice(model: StaticPools, route: Route) -> bool:
    """Whether one of several owners of a number was passed on: how many are left, the model does not know."""
    if model.owners is None:
        return False
    for time, made in enumerate(route.calls):
        passed = model.calls[made.step].passed
        if passed is not None and passed.gone:
            number = solved(route, passed.value, input_at(time, made.step, passed.value.name))
            again = model.owners.again(int(number))
            if solved(route, again, value_at(again.name, time)):
                return True
    return False

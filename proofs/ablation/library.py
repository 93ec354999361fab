"""Proofs about a crate's statics and buffers without what is known of one function of the library: the model is made
again, and judged again.

The function's own MIR is run then, if it is there; else what calls it has no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import proofs.buffers.judge as of_buffers
import proofs.static_pools.judge as of_statics
import smt_models.buffers.model as buffers
import smt_models.static_pools.model as statics
from proofs.ablation.left import Clock
from proofs.kinds import PoolKind
from proofs.pools.bounded import search
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.verdicts import NotConfirmed, Unknown, Verdict
from smt_models.buffers.subject import buffers_of
from smt_models.buffers.supposed import Elements
from smt_models.pools import conditions as c
from smt_models.pools.steps import Stepwise
from smt_models.static_pools.subject import Subject

DEEPEST = 4
"""Steps after which no run to what has no model is looked for."""
MOST_SECONDS = 60
"""For one function that is taken out."""
NOT_RUN = NotConfirmed("the crate is not run without what is known of its library", final=True)
Verdicts = Mapping[PoolKind, Verdict]


def statics_without(
    subject: Subject, names: tuple[str, ...], pool: str, kinds: tuple[PoolKind, ...], function: str, clock: Clock
) -> Verdicts:
    """Of one of the statics that calls touch together, `names`."""
    subject = replace(subject, without=frozenset((function,)))
    try:
        model = statics.model_of(subject, names)
    except LookupError as error:
        return _unknown(kinds, f"without it there is no model: {error.args[0]}")
    what = [f"{one.what} in {one.where}" for one in model.calls]
    lost = _lost(lambda _: (model, what), clock)
    if lost is not None:
        return _unknown(kinds, lost)
    known = of_statics.proved_without_elements(subject, names, (pool,), kinds, _budget(clock))
    found = of_statics.judge(subject, model, (pool,), kinds, _budget(clock), lambda _: NOT_RUN, known)
    return {one.kind: one.verdict for one in found}


def buffer_without(
    subject: Subject, name: str, elements: Elements, kinds: tuple[PoolKind, ...], function: str, clock: Clock
) -> Verdicts:
    """Raises StopIteration if there is no such buffer."""
    subject = replace(subject, without=frozenset((function,)))
    buffer = next(one for one in buffers_of(subject) if one.name == name)
    try:
        model = buffers.model_of(subject, buffer, elements)
    except LookupError as error:
        return _unknown(kinds, f"without it there is no model: {error.args[0]}")

    def within(depth: int) -> tuple[Stepwise, Sequence[str]]:
        near = model.within(depth)
        return near, [f"{one.what} in {one.where}" for one in near.paths]

    lost = _lost(within, clock)
    if lost is not None:
        return _unknown(kinds, lost)
    return {one.kind: one.verdict for one in of_buffers.judge(model, kinds, _budget(clock))}


def _unknown(kinds: tuple[PoolKind, ...], why: str) -> Verdicts:
    return dict.fromkeys(kinds, Unknown(why, final=True))


def _budget(clock: Clock) -> Budget:
    return Budget(max(1, min(MOST_SECONDS, clock.left)), clock.megabytes)


def _lost(within: Callable[[int], tuple[Stepwise, Sequence[str]]], clock: Clock) -> str | None:
    """That a run comes to what has no model, so that no invariant excludes it. `within`: the model for so many steps,
    and what each of its steps comes to.
    """
    with Session(_budget(clock), of_statics.QUESTION_SECONDS) as session:
        for depth in range(1, DEEPEST + 1):
            model, what = within(depth)
            try:
                route = search(session, model, (c.UNMODELLED,), depth, of_statics.SEARCH_SECONDS)
            except NoAnswer:
                return None
            if route is not None:
                return f"runs come to what has no model then: {what[route.calls[-1].step]}"
    return None

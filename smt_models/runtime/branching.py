"""Which way a branch goes: one, if it is known, else the path forks."""

from __future__ import annotations

from smt_models.runtime.facts import fold, number
from smt_models.runtime.outcomes import Fork, NotModelled
from smt_models.runtime.state import State
from smt_models.runtime.values import Scalar, Value
from smt_models.system.operators import BitVec, Boolean
from smt_models.system.terms import Term, both, negation


def branch(state: State, value: Value, targets: tuple[tuple[int, int], ...], otherwise: int) -> int:
    if not isinstance(value, Scalar):
        raise NotModelled(f"a branch on {type(value).__name__}")
    term = value.term
    conditions: list[tuple[Term, int]] = []
    for bits, target in targets:
        if isinstance(term.sort, Boolean):
            conditions.append((term if bits else negation(term), target))
        else:
            assert isinstance(term.sort, BitVec)
            conditions.append((fold("=", term, number(bits, term.sort)), target))
    rest = both(*(negation(condition) for condition, _ in conditions))
    decided = [(state.facts.simplify(condition), target) for condition, target in (*conditions, (rest, otherwise))]
    open_ = [(condition, target) for condition, target in decided if not _is_false(condition)]
    if len(open_) == 1:
        return open_[0][1]
    for condition, target in open_:
        if _is_true(condition):
            return target
    raise Fork(*(condition for condition, _ in open_))


def _is_false(term: Term) -> bool:
    return getattr(term, "value", None) is False


def _is_true(term: Term) -> bool:
    return getattr(term, "value", None) is True

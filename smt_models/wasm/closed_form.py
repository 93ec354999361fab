"""A counted loop in closed form, as `loops` finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smt_models.system.terms import Term, Variable


@dataclass(frozen=True, slots=True)
class Moved:
    """Each iteration copies `width` bytes by so many stores, from `source` on and to `target` on."""

    target: Term
    source: Term
    width: int
    stores: int


@dataclass(frozen=True, slots=True)
class Counted:
    """`strides`: of each local that the loop sets, None if it may be anything. `within`: of the counter, true in every
    iteration. `endless`: only then may the loop fail to end.
    """

    counter: Variable
    strides: Mapping[int, int | None]
    within: Term
    endless: Term
    moved: Moved | None

"""A counted loop in closed form, as `loops` finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smt_models.system.terms import Term, Variable, equal
from smt_models.wasm.build import make, number
from smt_models.wasm.regions import ADDRESS


@dataclass(frozen=True, slots=True)
class Moved:
    """If this holds where the loop is come to, each iteration copies `width` bytes by so many stores, from `source` on
    and to `target` on.
    """

    when: Term

    target: Term
    source: Term
    width: int
    stores: int


@dataclass(frozen=True, slots=True)
class Counted:
    """`entered`: conjuncts, true where the loop was come to. `strides`: of each local that the loop sets, None if it
    may be anything. `within`: of the counter, true in every iteration. `span`: what the bound is away at
    first, and by how much it comes nearer each time. `endless`: only then may the loop fail to end.
    """

    entered: tuple[Term, ...]
    counter: Variable
    strides: Mapping[int, int | None]
    within: Term
    span: tuple[Term, int]
    endless: Term
    moved: Moved | None

    def length(self, moved: Moved, whole: bool) -> tuple[Term, Term]:
        """How many bytes it copied where it is left, `whole`: after the stores of an iteration; and a condition under
        which they are so many: that the count has come to the bound. They are said by the bound, since nothing but the
        conditions of the path binds the counter to what later copies begin at.
        """
        more = number(1 if whole else 0, ADDRESS)
        first, step = self.span
        if step == moved.width:
            by_bound = make("bvadd", first, _times(more, step))
        else:
            last = make("bvlshr", first, number(step.bit_length() - 1, ADDRESS)) if step > 1 else first
            by_bound = _times(make("bvadd", last, more), moved.width)
        return by_bound, equal(_times(make("bvadd", self.counter, more), moved.width), by_bound)


def _times(turns: Term, width: int) -> Term:
    return make("bvmul", turns, number(width, ADDRESS)) if width > 1 else turns

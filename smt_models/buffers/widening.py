"""A model whose words have 32 bits, read with words of twice as many: what a machine of 64 bits may do in its steps.

Nothing is proved of it. It gives numbers with which a crate is run, and the run says whether they show the fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from smt_models.buffers.model import BufferModel, PathStep
from smt_models.buffers.vectors import ELEMENT_SIZE
from smt_models.static_pools.values import WIDTH
from smt_models.system.model import Bad, Step, System
from smt_models.system.operators import BitVec, Sort
from smt_models.system.terms import Apply, Literal, Term, Variable, apply

NEAR = 1 << 12
"""A constant so close to the end of 32 bits, or to half of that, is meant to be there."""


def widened_model(model: BufferModel) -> BufferModel:
    """The same places and steps. What is passed stays as it is: `Widening` reads it. LookupError for an operator that
    has no counterpart.
    """
    widening = Widening()
    paths = tuple(replace(one, step=replace(one.step, step=_step(one, widening), arguments=_arguments(one, widening)))
                  for one in model.paths)  # fmt: skip
    old = model.system
    system = System(
        old.name,
        tuple(map(widening.variable, old.variables)),
        widening.term(old.initial),
        tuple(one.step.step for one in paths),
        tuple(Bad(one.name, widening.term(one.condition)) for one in old.bad),
    )
    return replace(model, paths=paths, system=system)


def _step(path: PathStep, widening: Widening) -> Step:
    old = path.step.step
    updates = tuple((name, widening.term(term)) for name, term in old.updates)
    return replace(
        old, inputs=tuple(map(widening.variable, old.inputs)), guard=widening.term(old.guard), updates=updates
    )


def _arguments(path: PathStep, widening: Widening) -> tuple[Term, ...]:
    """With how long elements are in memory, of which few need less room than many."""
    lengths = tuple(one for one in path.step.step.inputs if one.name.startswith(ELEMENT_SIZE))
    return tuple(map(widening.term, (*lengths, *path.step.arguments)))


@dataclass
class Widening:
    """Terms that were read already are kept: they share parts."""

    known: dict[Term, Term] = field(default_factory=dict)

    def variable(self, one: Variable) -> Variable:
        return Variable(one.name, _sort(one.sort))

    def term(self, term: Term) -> Term:
        found = self.known.get(term)
        if found is None:
            found = self.known[term] = self._term(term)
        return found

    def _term(self, term: Term) -> Term:
        match term:
            case Variable():
                return self.variable(term)
            case Literal(int() as value, BitVec(width) as sort) if width >= WIDTH and not isinstance(value, bool):
                return Literal(_number(value), _sort(sort))
            case Literal():
                return term
            case Apply(operator, arguments, sort, indices):
                wide = tuple(map(self.term, arguments))
                return apply(operator, *wide, indices=_indices(operator, indices, arguments, wide, sort))


def _sort(sort: Sort) -> Sort:
    match sort:
        case BitVec(width) if width >= WIDTH:
            return BitVec(2 * width)
        case _:
            return sort


def _number(value: int) -> int:
    for end in (1 << WIDTH, 1 << (WIDTH - 1)):
        if abs(value - end) <= NEAR:
            return (end << WIDTH) + value - end
    return value


def _indices(
    operator: str, indices: tuple[int, ...], arguments: tuple[Term, ...], wide: tuple[Term, ...], sort: Sort
) -> tuple[int, ...]:
    if not indices:
        return ()
    new, first = _sort(sort), wide[0].sort
    match operator, indices, new, first:
        case (("zero_extend" | "sign_extend"), (_,), BitVec(width), BitVec(before)):
            return (width - before,)
        case "extract", (_, 0), BitVec(width), _:
            return (width - 1, 0)
        case _:
            raise LookupError(f"{operator} {' '.join(map(str, indices))} of {arguments[0].sort}")

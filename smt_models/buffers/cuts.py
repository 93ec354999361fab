"""Places between which code is executed: between calls, and at the heads of loops. A place is a state in which every
number is a variable; a state that execution comes to is one of its states, with a term for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.buffers.handed import HANDED
from smt_models.buffers.heap import BLOCK
from smt_models.buffers.vectors import ELEMENTS
from smt_models.static_pools import shapes
from smt_models.static_pools.shapes import OFFSET, SIZE, Shape, changed, told_apart
from smt_models.static_pools.state import State
from smt_models.system.terms import Term, Variable

BUFFER, CALL = "buffer", "call"
"""Objects that stay whatever points at them: the value that calls are about, and what the call under way was given."""
EXTENTS = (OFFSET, SIZE)
"""How the names of cells begin that say where in something a pointer points, and how much there is of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number at a place. `name`: what it is, for people."""

    variable: Variable
    name: str


def shape_of(state: State) -> Shape:
    """NotModelled where a state cannot be gone on from."""
    return shapes.shape_of(state, (BUFFER, CALL, HANDED), (BLOCK, ELEMENTS))


def renewed(shape: Shape, prefix: str) -> tuple[State, tuple[Cell, ...]]:
    """The state with a variable for each number, named by the place."""
    cells: list[Cell] = []

    def fresh(term: Term, name: str) -> Term:
        own = told_apart(name, [one.name for one in cells])
        cells.append(Cell(Variable(f"{prefix}: {own}", term.sort), own))
        return cells[-1].variable

    return changed(shape.state, fresh), tuple(cells)

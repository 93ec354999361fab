"""Elements whose functions stand in a table and are no methods of a trait: a struct that lives for ever, unchanged."""

from __future__ import annotations

from smt_models.runtime.extents import element_layout
from smt_models.runtime.library_raw import layout
from smt_models.runtime.profile import Operation
from smt_models.runtime.program import LIBRARY_ENUMS, Program
from smt_models.runtime.roots import ELEMENTS, ROOTS
from smt_models.runtime.values import (
    NONE,
    OPTION,
    Aggregate,
    Choice,
    FunctionPointer,
    Opaque,
    Scalar,
    Value,
    some,
)
from smt_models.system.operators import Enum
from smt_models.system.terms import Variable

FUNCTION = "element::"
"""What the name of a function in the table begins with."""


def table_of(operation: Operation, program: Program) -> Value:
    """The struct; every optional function may be there or not."""
    fields = program.fields[operation.element_trait]
    return Aggregate(operation.element_trait, tuple(_field(operation, name) for name in fields))


def presence(name: str) -> Variable:
    """Whether an optional function is there: a word that stays the same for ever."""
    where = f"{ROOTS[ELEMENTS]}.{name}"  # as the template names it
    return Variable(where, Enum(where, LIBRARY_ENUMS[OPTION]))


def _field(operation: Operation, name: str) -> Value:
    if name in operation.layouts:
        size, align = element_layout()
        return layout(Scalar(size), Scalar(align), checked=True)
    if name not in (*operation.built_ins, *operation.callbacks, *operation.optional):
        return Opaque(f"the element's {name}")
    function = FunctionPointer(f"{FUNCTION}{name}")
    return Choice(presence(name), (NONE, some(function))) if name in operation.optional else function

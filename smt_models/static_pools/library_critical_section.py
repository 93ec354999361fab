"""The published crate `critical-section` (1.x), by which most firmware for one core shares its statics: `with` runs a
function while nothing interrupts it, and a `Mutex` lends what is in it to who has the token [critical_section].
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.static_pools.library_refcell import REF_CELLS
from smt_models.static_pools.machine import Call, Machine, Model, handed_on, same
from smt_models.static_pools.state import State
from smt_models.static_pools.values import REF_CELL, Opaque, Value

CRATE = "critical_section"
MUTEX = f"{CRATE}::Mutex"
SUPPLIED = "_critical_section_1_0_"
"""How the names begin of the functions by which a program says what a critical section is: a crate that has them runs
its own code where one begins.
"""


def _within(machine: Machine, state: State, call: Call) -> Value | None:
    return machine.invoke(state, call.arguments[0], (Opaque("the token of a critical section"),), handed_on)


def _as_of_cell(name: str) -> Model:
    """ "Borrow the data and call" the function of `RefCell`; the token comes second."""
    model = REF_CELLS[f"{REF_CELL}::{name}"]

    def of_mutex(machine: Machine, state: State, call: Call) -> Value | None:
        cell, _, *others = call.arguments
        return model(machine, state, Call(call.name, call.path, (cell, *others)))

    return of_mutex


CRITICAL_SECTIONS: Mapping[str, Model] = {
    f"{CRATE}::with": _within,
    f"{MUTEX}::new": same,
    f"{MUTEX}::get_mut": same,
    f"{MUTEX}::into_inner": same,
    f"{MUTEX}::borrow": same,
    f"{MUTEX}::borrow_ref": _as_of_cell("borrow"),
    f"{MUTEX}::borrow_ref_mut": _as_of_cell("borrow_mut"),
    f"{MUTEX}::replace": _as_of_cell("replace"),
}

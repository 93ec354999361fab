"""The objects of a task that outlive an action, what may stand in them, and what stays the same for ever."""

from __future__ import annotations

from smt_models.runtime.task_host import NUMBER
from smt_models.system.terms import Variable, both, equal, literal, negation

PHASE, REFERENCE, CURRENT, CONTEXT, CLONE, SLOT_A, SLOT_B, OTHER_SLOT, SHARED, VTABLE = range(2, 12)
ROOTS = {
    PHASE: "phase",
    REFERENCE: "reference",
    CURRENT: "current task",
    CONTEXT: "context",
    CLONE: "clone",
    SLOT_A: "slot A",
    SLOT_B: "slot B",
    OTHER_SLOT: "a slot of another",
    SHARED: "shared",
    VTABLE: "vtable",
}
NO_TASK, WAITING, NONE_DUE, CANCELLED_DUE, GONE = (
    "no task",
    "the task waits",
    "NONE is due",
    "TASK_CANCELLED is due",
    "the task is gone",
)
WATCHED, SET = Variable("the waitable", NUMBER), Variable("the set", NUMBER)
"""The indices that the host gave: they stay the same for ever."""
INDICES = (WATCHED, SET)
ARE_INDICES = both(*(negation(equal(one, literal(0, NUMBER))) for one in INDICES))
"""An index is not 0 [CABI] Table."""
DELIVERING = "delivering"
"""The host gave an event of the watched waitable, and its callback was not called yet."""
WAKE, OTHER_WAKE = "client::wake", "client::wake of another"
FUTURE, RESULT = "the future", "its result"
WAITED = "the set is waited for"
"""What runs then is no code of this task: it is not set."""
BEFORE = "the task that was set before"
"""Null or not, nobody looks: it is handed back."""
MAP = "alloc::collections::BTreeMap"
CONTRACT, UNREGISTERED = "task-contract", "waker-unregistered"

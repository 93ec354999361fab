"""The objects that outlive an action, each with a number of its own and a name; and what stays the same for ever."""

from __future__ import annotations

from smt_models.system.operators import BitVec
from smt_models.system.terms import BOOLEAN, Term, Variable, apply, choose, differ, literal

LENT, CURRENT, VTABLE, HANDLE, OPERATION, STORAGE, ELEMENTS, PARAMETERS, SHARED = 1, 3, 5, 6, 7, 8, 11, 13, 14
TASKS = (4, 9)
REGISTERED = (2, 10)
"""What is registered with each task, in the order of TASKS."""
LAST_CODE = 12
"""What the host told last."""
FOLLOWED = 15
"""Whose one element is: within an action only (`followed`)."""
FILLED, UNSIZED = 16, 17
"""Where elements are read into a `Vec`, within an action only: whose one of the Vec's is, and how many of those without
size were lifted (`received`)."""
SEEN = (18, 19)
"""Within an action only: a cell of a task's table, and what it held when it was come to (`task_table_seen`)."""
COPIED_INDEX = "the index of the cell of a table that is copied"
"""A word of an action, that no state keeps."""
FIRST_BLOCK = 20
GONE = -1
ROOTS = {
    LENT: "lent",
    CURRENT: "pointer to the task",
    VTABLE: "task vtable",
    HANDLE: "handle",
    OPERATION: "operation",
    STORAGE: "block of the caller",
    ELEMENTS: "element vtable",
    PARAMETERS: "parameters lent",
    SHARED: "shared with the caller",
    TASKS[0]: "current task",
    TASKS[1]: "other task",
    LAST_CODE: "last code",
    REGISTERED[0]: "registered",
    REGISTERED[1]: "registered with the other task",
}
CODE = BitVec(32)
INDEX = Variable("index", BitVec(28))
NUMBER: Term = apply("zero_extend", INDEX, indices=(4,))
"""What a handle is: an index into the instance's table, from 1 to 2^28 - 1 ([CABI] Table.MAX_LENGTH)."""
OWN, BORROWED = Variable("own handle", CODE), Variable("borrowed handle", CODE)
"""Of resources, among the parameters of a call."""
HANDED_OVER = Variable("tasks can be cloned", BOOLEAN)
"""The generation of the C ABI of tasks: only from the second on can an operation go from task to task."""
FIRST_GENERATION = literal(1, CODE)
VERSION = choose(HANDED_OVER, literal(2, CODE), FIRST_GENERATION)
PRESUPPOSED = (
    differ(NUMBER, literal(0, CODE)),
    differ(NUMBER, literal(0xFFFF_FFFF, CODE)),
    apply("bvule", NUMBER, literal((1 << 28) - 1, CODE)),
)
"""Of every state, and therefore in no guard."""

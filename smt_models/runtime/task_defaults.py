"""`Default::default` of the types of a task: there is no `self` to tell the type, the path of the call does."""

from __future__ import annotations

from extract.mir import types as t
from smt_models.runtime.constants import boolean, integer
from smt_models.runtime.machine import Call, Machine
from smt_models.runtime.names import plain_path
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.task_map import EMPTY
from smt_models.runtime.task_ownership import CELL
from smt_models.runtime.task_roots import MAP
from smt_models.runtime.values import NONE, Aggregate, Value


class Defaults:
    """`lock`: a type of the crate with a parameter, whose `Default` is derived: each field's own."""

    def __init__(self, program: Program, lock: str) -> None:
        self._program, self._lock = program, lock

    def default(self, machine: Machine, state: State, call: Call) -> Value | None:
        assert call.path is not None
        head = call.path.segments[0]
        if not isinstance(head, t.Qualified) or not isinstance(head.type, t.PathType):
            raise NotModelled("a default of a type that is not known")
        return self._of(machine, state, head.type.path)

    def _of(self, machine: Machine, state: State, of: t.Path) -> Value | None:
        name = plain_path(of)
        last = of.segments[-1]
        match name:
            case "core::sync::atomic::AtomicU32":
                return Aggregate(name, (integer(0, "u32"),))
            case "core::option::Option":
                return NONE
            case str() if name == MAP:
                return EMPTY
            case self._lock:
                held = last.generics[-1] if isinstance(last, t.Name) and last.generics else None
                if not isinstance(held, t.PathType):
                    raise NotModelled(f"the default of {name}")
                inner = self._of(machine, state, held.path)
                if inner is None:
                    raise NotModelled(f"the default of {name} of a type with one of its own")
                return Aggregate(
                    name, (Aggregate("core::sync::atomic::AtomicBool", (boolean(False),)), Aggregate(CELL, (inner,)))
                )
            case _:
                made = self._program.implementations.get((name, "default::Default"), ())
                if len(made) != 1:
                    raise NotModelled(f"the default of {name}")
                machine.enter(state, f"{made[0]}::default", ())
                return None

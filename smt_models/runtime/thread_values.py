"""Values of the thread (`thread_local!`), as an operation uses them beside its task.

In every action they are at first what their initialisers say, and must be so again at its end. The proofs of tasks know
no other value of them either: while one has another, what others ask of their tasks is looked at here (`task_table`).
"""

from __future__ import annotations

from extract.mir import operands as o
from extract.mir.statements import Call as CallOf
from extract.mir.tree import Body
from smt_models.runtime.constants import constant_value
from smt_models.runtime.library_cells import CELL
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.names import plain_path
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.program import Program
from smt_models.runtime.state import State
from smt_models.runtime.thread_state import begins, place_of
from smt_models.runtime.values import Aggregate, Opaque, Pointer, Scalar, Value

_KEY, _INITIAL = "the key of ", "::__RUST_STD_INTERNAL_INIT"
"""What `thread_local!` calls the initialiser of `const { .. }` [std::thread_local]."""
_NEW = f"{CELL}::new"


class ThreadValues:
    """`known`: those that are modelled elsewhere, by their names."""

    def __init__(self, program: Program, known: tuple[str, ...] = ()) -> None:
        self._program = program
        every = (name.removesuffix(_INITIAL) for name in program.constants if name.endswith(_INITIAL))
        self._names = tuple(name for name in every if name not in known)

    @property
    def keys(self) -> dict[str, Value]:
        """The constants by which the program names them."""
        return {name: Opaque(_KEY + name) for name in self._names}

    def models(self) -> dict[str, Model]:
        return {"std::thread::LocalKey::with": self.with_value}

    def with_value(self, machine: Machine, state: State, call: Call) -> Value | None:
        """ "Acquires a reference to the value in this TLS key" and calls on it."""
        key = state.settle(call.arguments[0])
        key = state.load(key) if isinstance(key, Pointer) else key
        name = key.what.removeprefix(_KEY) if isinstance(key, Opaque) else ""
        if name not in self._names:
            raise NotModelled("a value of the thread that is not known")
        place = place_of(state, name) or begins(state, name, self._first(name))
        return machine.invoke(state, call.arguments[1], (place,))

    def _first(self, name: str) -> Value:
        body = self._program.constants[name + _INITIAL].value
        match body.blocks[0].terminator.kind if isinstance(body, Body) else None:
            case CallOf(o.FunctionValue(path), (o.Integer() | o.Boolean() as given,)) if plain_path(path) == _NEW:
                found = constant_value(self._program, given)
                assert isinstance(found, Scalar)
                return Aggregate(CELL, (found,))
            case _:
                raise NotModelled(f"the thread's {name}, which is no Cell of a number")

"""What models and the executor share: calls, drops, and the points at which the host may run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from extract.mir import types as t
from extract.rust.library_types import library_type
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.state import MEMORY, Frame, State, Then
from smt_models.runtime.values import (
    MOVED,
    UNIT,
    Aggregate,
    Choice,
    Dangling,
    FunctionPointer,
    Moved,
    Null,
    Opaque,
    Pointer,
    Scalar,
    Step,
    Value,
    Variant,
)

BYTES = Opaque("bytes")
"""What a heap block holds: nothing is known of it but that it lives."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments: `path` is None when it went through a function pointer."""

    name: str
    arguments: tuple[Value, ...]
    path: t.Path | None = None


Model = Callable[["Machine", State, Call], Value | None]
"""The result, or None if the model pushed frames that will make it."""


class Watcher(Protocol):
    """The obligations that look on while the guest runs."""

    def frees(self, state: State, base: int) -> None: ...

    def writes(self, state: State, base: int) -> None: ...

    def host_point(self, state: State, what: str) -> None: ...

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None: ...

    def allocates(self, state: State) -> None: ...


class NoWatcher:
    """For programs without a host."""

    def frees(self, state: State, base: int) -> None:
        pass

    def writes(self, state: State, base: int) -> None:
        pass

    def host_point(self, state: State, what: str) -> None:
        pass

    def calls(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        pass

    def allocates(self, state: State) -> None:
        pass


@dataclass(slots=True)
class Machine:
    """A program with the models of what it calls: `models` by name, `traits` by the last two parts of a trait's
    method, whatever the type; `callbacks` are traits whose calls are user code.
    """

    program: Program
    models: Mapping[str, Model]
    traits: Mapping[str, Model] = field(default_factory=dict)
    watcher: Watcher = field(default_factory=NoWatcher)
    trusted: set[str] = field(default_factory=set)
    """The models that were used."""

    # Calls

    def enter(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        """Pushes the frame of a body."""
        function = self.program.functions.get(name)
        if function is None:
            raise NotModelled(f"the function {name}")
        if len(arguments) != len(function.parameters):
            raise NotModelled(f"{len(arguments)} arguments for {name}")
        if sum(isinstance(one, Frame) for one in state.frames) > 40:
            raise NotModelled("calls deeper than 40")
        state.counter += 1
        frame = Frame(function, name, state.counter, {})
        state.note("call", name)
        self.watcher.calls(state, name, arguments)
        for number, value in enumerate(arguments, 1):
            frame.locals[number] = state.allocate(value, f"_{number} of {name}")
        state.frames.append(frame)

    def after(self, state: State, what: str, run: Callable[[State, Value], Value | None]) -> None:
        """What to do with the result of the frames pushed next."""
        state.frames.append(Then(what, run))

    def invoke(self, state: State, function: Value, arguments: tuple[Value, ...]) -> Value | None:
        """A closure or function pointer as a library function calls it."""
        match state.settle(function):
            case FunctionPointer(name):
                return self.call(state, Call(name, arguments))
            case Aggregate(name, _) as closure if name in self.program.closures:
                body = self.program.closures[name]
                first = self.program.functions[body].parameters[0]
                if isinstance(first, t.Reference):
                    place = Pointer(state.allocate(closure, "a closure"))
                    self.enter(state, body, (place, *arguments))
                else:
                    self.enter(state, body, (closure, *arguments))
                return None
            case other:
                raise NotModelled(f"a call of {getattr(other, 'type', type(other).__name__)}")

    def call(self, state: State, call: Call) -> Value | None:
        """The value, or None after pushing a frame."""
        model = self.models.get(call.name) or self.traits.get(call.name.rpartition(" as ")[2])
        if model is not None:
            self.trusted.add(call.name)
            return model(self, state, call)
        name = self._body(state, call)
        if name is not None:
            self.enter(state, name, call.arguments)
            return None
        raise NotModelled(f"the function {call.name}")

    def _body(self, state: State, call: Call) -> str | None:
        if call.name in self.program.functions:
            return call.name
        first = call.path.segments[0] if call.path is not None else None
        if isinstance(first, t.Qualified):
            return self._trait_method(state, call)
        names = call.name.split("::")
        for at in range(len(names) - 1, 0, -1):  # a function within a method goes by the method's name
            bodies = self.program.methods.get(("::".join(names[:at]), names[at]), ())
            if len(bodies) == 1:
                name = "::".join((bodies[0], *names[at + 1 :]))
                return name if name in self.program.functions else None
        return None

    def _trait_method(self, state: State, call: Call) -> str | None:
        """By the run-time type of `self`."""
        head, _, method = call.name.rpartition("::")
        trait = head.removeprefix("<").removesuffix(">").rpartition(" as ")[2]
        value = state.settle(call.arguments[0]) if call.arguments else UNIT
        while isinstance(value, Pointer):
            value = state.load(value)
        of = value.type if isinstance(value, Aggregate | Variant) else ""
        for crate in ("core::", "alloc::", "std::"):
            trait = trait.removeprefix(crate)
        made = self.program.implementations.get((of, trait), ())
        return f"{made[0]}::{method}" if len(made) == 1 else None

    # Drops: reference, "Destructors"

    def drop(self, state: State, places: tuple[Pointer, ...]) -> Value | None:
        """Drops the values at these places in order; the result is the unit value."""
        for number, place in enumerate(places):
            if not self._drops_now(state, place):
                rest = places[number + 1 :]
                self.after(state, "drop glue", partial(_drop_rest, self, rest))
                self._start_drop(state, place)
                return None
        return UNIT

    def _drops_now(self, state: State, place: Pointer) -> bool:
        """Whether dropping the value does nothing but end it."""
        value = state.settle(state.read(place))
        if needs_drop(value):
            return False
        if isinstance(value, Moved):
            raise Violation(MEMORY, "what was moved away is dropped")
        state.write(place, MOVED)
        return True

    def _start_drop(self, state: State, place: Pointer) -> None:
        """Pushes what drops the value. Its own `Drop` first, then its fields in the order of declaration."""
        value = state.load(place)
        assert isinstance(value, Aggregate | Variant | Opaque)
        of = value.what if isinstance(value, Opaque) else value.type
        model = self.models.get(f"drop of {of}")
        if model is not None:
            self.trusted.add(f"drop of {of}")
            self._finish(state, model(self, state, Call(f"drop of {of}", (place,))))
            return
        if isinstance(value, Opaque):
            raise NotModelled(f"the drop of {of}")
        if not self._is_known(of):
            raise NotModelled(f"the drop glue of {of}")
        own = self.program.drop_of(of)
        if own is not None:
            self.after(state, f"drop of the fields of {of}", lambda s, _: self._drop_fields(s, place))
            self.enter(state, own, (place,))
            return
        self._finish(state, self._drop_fields(state, place))

    def _is_known(self, of: str) -> bool:
        return of in ("()", "[]") or of.startswith("{closure@") or of in self.program.fields or of in self.program.enums

    def _drop_fields(self, state: State, place: Pointer) -> Value | None:
        value = state.load(place)
        steps: list[Step] = []
        match value:
            case Aggregate(_, fields):
                steps = list(range(len(fields)))
            case Variant(_, index, fields):
                steps = [(index, number) for number in range(len(fields))]
            case _:
                raise NotModelled("drop glue of what has no fields")
        self.after(state, "end of a value", lambda s, _: _ended(s, place))
        self._finish(state, self.drop(state, tuple(Pointer(place.base, (*place.path, step)) for step in steps)))
        return None

    def _finish(self, state: State, value: Value | None) -> None:
        """Hands a result that is at hand to what waits for it."""
        if value is not None:
            deliver(state, value)

    # Memory

    def free(self, state: State, value: Value) -> None:
        """Ends a heap block. Violation unless the pointer is to its start and it lives."""
        if not isinstance(value, Pointer) or value.moved or value.path:
            raise Violation(MEMORY, "what is freed is not the start of a block")
        state.load(value)
        if not state.names[value.base].startswith("block"):
            raise Violation(MEMORY, f"{state.names[value.base]} is freed, and is no heap block")
        self.watcher.frees(state, value.base)
        state.note("free", f"{state.names[value.base]} is freed")
        state.end(value.base)

    def touch(self, state: State, value: Value, writes: bool) -> None:
        """The guest reads or writes through an address: its object must live."""
        match state.settle(value):
            case Pointer(base, path, _):
                state.load(Pointer(base, path))
                if writes:
                    self.watcher.writes(state, base)
            case Null() | Dangling():
                pass
            case other:
                raise NotModelled(f"an access through {type(other).__name__}")


def _drop_rest(machine: Machine, places: tuple[Pointer, ...], state: State, _: Value) -> Value | None:
    return machine.drop(state, places)


def _ended(state: State, place: Pointer) -> Value:
    state.write(place, MOVED)
    return UNIT


def deliver(state: State, value: Value) -> None:
    """Hands a result to what waits for it: further steps, or the frame that called."""
    while state.frames:
        top = state.frames[-1]
        if isinstance(top, Frame):
            if top.place is None or top.target is None:
                raise Final("a function that does not return returned")
            place, target = top.place, top.target
            state.write(place, value)
            top.block, top.place, top.target = target, None, None
            return
        state.frames.pop()
        result = top.run(state, value)
        if result is None:
            return
        value = result
    state.result = value


def needs_drop(value: Value) -> bool:
    match value:
        case Scalar() | Pointer() | Null() | Dangling() | FunctionPointer() | Moved():
            return False
        case Variant(of, _, fields) if of.startswith("core::"):
            return any(needs_drop(one) for one in fields)
        case Choice() | Opaque():
            return True
        case Aggregate("()" | "[]", fields):
            return any(needs_drop(one) for one in fields)
        case Aggregate(of, _):
            known = library_type(of)  # the table of what dropping a type of the library does
            return known is None or known.action != "nothing"
        case Variant():
            return True

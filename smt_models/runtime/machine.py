"""What models and the executor share: calls, drops, and the points at which the host may run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from extract.mir import types as t
from extract.mir.compile import Panic
from smt_models.runtime.coroutines import dropped_with, is_coroutine
from smt_models.runtime.dispatch import body_of
from smt_models.runtime.glue import ended, ended_unwinding, fields, needs_drop
from smt_models.runtime.outcomes import NotModelled, Unwinds, Violation
from smt_models.runtime.program import Program
from smt_models.runtime.state import MEMORY, Frame, State, Then
from smt_models.runtime.thread_state import is_at_rest, others_may_run
from smt_models.runtime.unwinding import goes_on, terminates
from smt_models.runtime.values import (
    MOVED,
    UNIT,
    Aggregate,
    Dangling,
    FunctionPointer,
    Moved,
    Null,
    Opaque,
    Pointer,
    Value,
    Variant,
)
from smt_models.runtime.watcher import NoWatcher, Watcher
from smt_models.system.terms import BOOLEAN

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


@dataclass(slots=True)
class Machine:
    """A program with the models of what it calls: `models` by name, `traits` by the last two parts of a trait's
    method, whatever the type. `panic` is how it was compiled. `bound`: for some traits the type that type parameters
    stand for.
    """

    program: Program
    panic: Panic
    models: Mapping[str, Model]
    traits: Mapping[str, Model] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)
    watcher: Watcher = field(default_factory=NoWatcher)
    trusted: set[str] = field(default_factory=set)
    """The models that were used."""
    never_panics: str | None = None
    """The obligation that the program breaks if it panics, other than where it is known to (`unwinding.panics`)."""

    def __post_init__(self) -> None:
        if self.panic is Panic.ABORT and self.program.cleans_up:
            raise NotModelled("clean-up blocks, which are not there under `panic = abort`")

    # Calls

    def enter(self, state: State, name: str, arguments: tuple[Value, ...]) -> None:
        """Pushes the frame of a body."""
        if self.program.shadowing is not None:
            raise NotModelled(self.program.shadowing)
        if name in self.program.doubled:
            raise NotModelled(f"{name}, which several functions are called")
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

    def after(
        self,
        state: State,
        what: str,
        run: Callable[[State, Value], Value | None],
        unwound: Callable[[State], None],
    ) -> None:
        """What to do with the result of the frames pushed next, and if they unwind."""
        state.frames.append(Then(what, run, unwound))

    # Panics

    def user_code(self, state: State, what: str) -> None:
        """User code: the host may run in it, and it may panic."""
        if self.user_code_panics(state, what):
            raise Unwinds(what)

    def user_code_panics(self, state: State, what: str) -> bool:
        """For those who have something to do before the panic goes on."""
        self.watcher.host_point(state, what)
        is_at_rest(state, what)
        others_may_run(state)
        if not self.panics(state, what):
            return False
        self.watcher.panics(state)
        return True

    def may_panic(self, state: State, what: str) -> None:
        """A library function panics if something holds of which nothing is known here."""
        if self.panics(state, what):
            raise Unwinds(what)

    def panics(self, state: State, what: str) -> bool:
        """Under `panic = "abort"` nothing comes after a panic: that path need not be looked at."""
        return self.panic is Panic.UNWIND and state.is_true(state.chosen(f"{what} panics", BOOLEAN))

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
        name = body_of(self.program, self.bound, state, call.name, call.path, call.arguments)
        if name is not None:
            self.enter(state, name, call.arguments)
            return None
        raise NotModelled(f"the function {call.name}")

    # Drops: reference, "Destructors"

    def drop(self, state: State, places: tuple[Pointer, ...], unwinding: bool = False) -> Value | None:
        """Drops the values at these places in order; the result is the unit value.

        If one panics the others are dropped nevertheless, and then the panic goes on; while `unwinding` the process
        ends [rustc_mir_transform::elaborate_drop: the unwind ladder; reference, "Destructors"].
        """
        for number, place in enumerate(places):
            if not self._drops_now(state, place):
                rest = places[number + 1 :]
                unwound = terminates if unwinding else partial(self.clean_up, rest)
                self.after(state, "drop glue", partial(self._drop_rest, rest, unwinding), unwound)
                self._start_drop(state, place)
                return None
        return UNIT

    def _drop_rest(self, places: tuple[Pointer, ...], unwinding: bool, state: State, _: Value) -> Value | None:
        return self.drop(state, places, unwinding)

    def clean_up(self, places: tuple[Pointer, ...], state: State) -> None:
        """Drops these, then the panic goes on."""
        self.after(state, "end of drop glue that unwinds", goes_on, terminates)
        self._finish(state, self.drop(state, places, unwinding=True))

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
            self.after(
                state,
                f"drop of the fields of {of}",
                partial(self._drop_fields, place),
                partial(self._fields_unwinding, place),
            )
            self.enter(state, own, (place,))
            return
        self._drop_fields(place, state)

    def _is_known(self, of: str) -> bool:
        return of in ("()", "[]") or of.startswith("{closure@") or of in self.program.fields or of in self.program.enums

    def _drop_fields(self, place: Pointer, state: State, _: Value = UNIT) -> None:
        self.after(state, "end of a value", partial(ended, place), partial(ended_unwinding, place))
        self._finish(state, self.drop(state, self._parts(state, place)))

    def _parts(self, state: State, place: Pointer) -> tuple[Pointer, ...]:
        """What the drop glue of a value goes through."""
        if is_coroutine(self.program, state.load(place)):
            return dropped_with(state, place)
        return fields(state, place)

    def _fields_unwinding(self, place: Pointer, state: State) -> None:
        """The type's own `Drop` panicked: its fields are dropped nevertheless."""
        self.after(state, "end of a value that unwinds", partial(ended_unwinding, place), terminates)
        self._finish(state, self.drop(state, fields(state, place), unwinding=True))

    def _finish(self, state: State, value: Value | None) -> None:
        """Hands a result that is at hand to what waits for it."""
        if value is not None:
            deliver(state, value)

    # Memory

    def assign(self, state: State, at: Pointer, value: Value) -> None:
        """The guest puts a value into a place, which may be a part of what is lent."""
        state.write(at, value)
        self.watcher.assigned(state, at)

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


def deliver(state: State, value: Value) -> None:
    """Hands a result to what waits for it: further steps, or the frame that called."""
    while state.frames:
        top = state.frames[-1]
        if isinstance(top, Frame):
            if top.place is None or top.target is None:
                raise NotModelled("a function that does not return returned")
            place, target = top.place, top.target
            state.write(place, value)
            top.block, top.place, top.target, top.unwind = target, None, None, None
            return
        state.frames.pop()
        result = top.run(state, value)
        if result is None:
            return
        value = result
    state.result = value

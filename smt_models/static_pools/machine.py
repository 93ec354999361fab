"""What calls mean: bodies of the crate, models of the library, closures that either hands on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from extract.mir import types as t
from extract.mir.tree import Function as Body
from smt_models.runtime.dispatch import body_of
from smt_models.runtime.program import Program
from smt_models.runtime.state import State as NoState
from smt_models.static_pools import generics
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.state import Finish, Frame, State
from smt_models.static_pools.values import Function, NotModelled, Opaque, Pointer, Struct, Value

DEEPEST = 40
DROP = "core::mem::drop"
"""Its model does what a drop does, or there is none."""
WITHOUT_TYPES = frozenset(f"core::option::Option::{name}" for name in ("as_mut", "as_ref", "is_none", "is_some")) | {
    f"<{name} as core::convert::From>::from" for name in ("u8", "u16", "u32", "u64", "u128", "usize")
}
"""Functions of the library of which no model asks for types: where one is passed as a value, they are not known."""
_CALLED = re.compile(r"as core::ops::(FnOnce>::call_once|FnMut>::call_mut|Fn>::call)$")
"""A value of a type that the body has as a parameter, which is called: the value says which function that is."""
_OF_ARRAY = re.compile(r"^<(&(?:mut )?)?\[.*; .*\] as(?= core::(?:ops::Index|iter::IntoIterator|cmp::PartialEq))")
"""What is done with an array by a trait of slices."""


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments`: with the types that they have where they stand, as far as the text says them; and that of the place
    where the result goes.
    """

    name: str
    path: t.Path | None
    arguments: tuple[Value, ...]
    types: tuple[t.Type | None, ...] = ()
    result: t.Type | None = None

    @property
    def generics(self) -> tuple[t.Type, ...]:
        """Of the last segment: `cast::<T>`."""
        return _types(self.path.segments[-1]) if self.path is not None else ()

    @property
    def owner(self) -> t.Type | None:
        """The type whose function it is, as the path says: T of `Cell::<T>::get`, `*mut T` of an impl."""
        if self.path is None or len(self.path.segments) < 2:
            return None
        match self.path.segments[-2]:
            case t.ImplOf(_, of):
                return of
            case segment:
                return next(iter(_types(segment)), None)


def _types(segment: t.Segment) -> tuple[t.Type, ...]:
    if not isinstance(segment, t.Name):
        return ()
    others = t.Lifetime | t.ConstArgument | t.Binding | t.BoundOn
    return tuple(one for one in segment.generics if not isinstance(one, others))


Afterwards = Callable[[State, Value, Value], "Value | None"]
"""What comes of a closure as it is afterwards, and of its result."""
Model = Callable[["Machine", State, Call], "Value | None"]
"""The value that a function of the library gives; None if a frame was pushed whose result it is."""


@dataclass
class Machine:
    """`trusted`: the models that were used. `read`: what stands at a place, as a type."""

    program: Program
    inputs: Inputs
    models: Mapping[str, Model]
    read: Callable[[State, Pointer, t.Type | None], Value]
    trusted: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    _specialised: dict[tuple[str, frozenset[tuple[str, generics.Argument]]], Body] = field(default_factory=dict)

    def call(self, state: State, call: Call) -> Value | None:
        """The value, or None after pushing a frame."""
        model = self.models.get(_OF_ARRAY.sub(r"<\1[_] as", call.name))
        if model is not None:
            self.trusted.add(call.name)
            before = state.owned_in(call.arguments)
            value = model(self, state, call)
            after = state.owned_in(call.arguments[:1] if value is None else (value,))
            if before > after and call.name != DROP:
                raise NotModelled(f"an owner, or what has a `Drop`, that is given to {call.name}")  # it may be dropped
            return value
        if call.name.startswith("core::fmt::"):
            return Opaque("text")
        if _CALLED.search(call.name):
            return self._call_value(state, call)
        name = body_of(self.program, {}, NoState(), call.name, call.path, ())
        if name is None or name not in self.program.functions:
            if self._is_its_own_iterator(call):
                self.trusted.add(call.name)
                return call.arguments[0]
            if call.name in self.program.foreign:
                return self.inputs.answered(state, call.name, call.arguments)
            raise NotModelled(f"the function {call.name}")
        if not self._is_of_its_type(name, call):
            raise NotModelled(f"the function {call.name}, of which the only body is for another type")
        self.enter(state, name, call.arguments, types=(*call.types, call.result))
        return None

    def _is_of_its_type(self, name: str, call: Call) -> bool:
        """Implementations are known by their type's path: one for `Of<u8>` is none for `Of<u16>`, which may have its
        own by a blanket implementation, and so is one of `Trait<u8>`. They are told by what is taken and given.
        """
        match call.path:
            case t.Path((t.Qualified(), *_)):
                body = self.program.functions[name]
                given = (*call.types, call.result)
                told = generics.arguments(self._generics.get(name, ()), (*body.parameters, body.result), given)
                return told is not None
            case _:
                return True

    def _is_its_own_iterator(self, call: Call) -> bool:
        """`into_iter` of a type of the crate that is an `Iterator`: "impl<I: Iterator> IntoIterator for I", which gives
        it back. The type is its own `IntoIter`, which is an `Iterator`: so there can be no other.
        """
        match call.types, call.arguments:
            case (t.PathType() as of,), (Struct(),) if call.result is not None:
                is_same = generics.arguments((), (of,), (call.result,)) is not None
                return is_same and call.name.endswith(" as core::iter::IntoIterator>::into_iter")
            case _:
                return False

    def body(self, name: str, types: tuple[t.Type | None, ...]) -> Body:
        """A function, for arguments of these types, and at last a result, as far as it is generic and they say what
        for.
        """
        body: Body = self.program.functions[name]
        names = self._generics.get(name)
        if not names or not types:
            return body
        given = generics.arguments(names, (*body.parameters, body.result)[: len(types)], types)
        if not given:
            return body
        key = (name, frozenset(given.items()))
        if key not in self._specialised:
            self._specialised[key] = generics.specialised(body, given, names)
        return self._specialised[key]

    def is_for(self, name: str, declared: t.Type, of: t.Type) -> bool:
        """Whether something of this type is passed where a function says `declared`."""
        return generics.arguments(self._generics.get(name, ()), (declared,), (of,)) is not None

    @cached_property
    def _generics(self) -> dict[str, dict[str, str | None]]:
        found = generics.parameters_of(self.inputs.facts)
        constants = self.program.constants  # those that macros make, too
        return {name: {one: of for one, of in names.items() if one not in constants} for name, names in found.items()}

    def enter(
        self,
        state: State,
        name: str,
        arguments: tuple[Value, ...],
        finish: Finish | None = None,
        types: tuple[t.Type | None, ...] = (),
    ) -> None:
        """Pushes the frame of a body."""
        if name in self.program.doubled:
            raise NotModelled(f"{name}, which several functions are called")
        body = self.body(name, types)
        if len(arguments) != len(body.parameters):
            raise NotModelled(f"{len(arguments)} arguments for {name}")
        if len(state.frames) > DEEPEST:
            raise NotModelled(f"calls deeper than {DEEPEST}")
        self.entered.add(name)
        frame = Frame(body, name, {}, finish=finish)
        for number, value in enumerate(arguments, 1):
            frame.locals[number] = state.allocate(value)
        state.frames.append(frame)

    def _call_value(self, state: State, call: Call) -> Value | None:
        """By `FnOnce` the value itself is passed, else where it stands."""
        function, arguments = call.arguments
        if not isinstance(arguments, Struct) or arguments.type != "()":
            raise NotModelled(call.name)
        held = state.load(function) if isinstance(function, Pointer) else function
        if isinstance(function, Pointer) and isinstance(held, Struct) and held.type in self.program.closures:
            if not self._takes_itself_by_reference(held.type):
                raise NotModelled(f"a call of {held.type} where it stands")
            self.enter(state, self.program.closures[held.type], (function, *arguments.fields))
            return None
        return self.invoke(state, held, arguments.fields, handed_on)

    def invoke(self, state: State, function: Value, arguments: tuple[Value, ...], finish: Finish) -> Value | None:
        """A closure or function as a library function calls it; `finish` makes that function's result of its. None: a
        frame was pushed.
        """
        match function:
            case Function(name) if name in self.program.functions:
                self.enter(state, name, arguments, finish)
            case Function(name) if name in WITHOUT_TYPES and name in self.models:
                self.trusted.add(name)
                return finish(state, self.told(state, name, arguments))
            case Struct(name, _) as closure if name in self.program.closures:
                by_reference = self._takes_itself_by_reference(name)
                if by_reference and state.owned_in(closure.fields):  # dropped by who called it, after the call
                    raise NotModelled(f"an owner, or what has a `Drop`, in {name} that is called once")
                own: Value = Pointer(state.allocate(closure)) if by_reference else closure
                self.enter(state, self.program.closures[name], (own, *arguments), finish)
            case Function(name):
                raise NotModelled(f"the function {name} as a value")
            case other:
                raise NotModelled(f"a call of {getattr(other, 'type', type(other).__name__)}")
        return None

    def call_again(self, state: State, function: Value, arguments: tuple[Value, ...], then: Afterwards) -> Value | None:
        """As a library function does that calls it more than once: a closure may alter what it captured. None: a frame
        was pushed.
        """
        match function:
            case Struct(name, _) if name in self.program.closures and self._takes_itself_by_reference(name):
                kept = state.allocate(function)

                def finish(after: State, made: Value) -> Value | None:
                    return then(after, after.objects.pop(kept), made)

                self.enter(state, self.program.closures[name], (Pointer(kept), *arguments), finish)
            case _:
                return self.invoke(state, function, arguments, lambda after, made: then(after, function, made))
        return None

    def _takes_itself_by_reference(self, closure: str) -> bool:
        return isinstance(self.program.functions[self.program.closures[closure]].parameters[0], t.Reference)

    def told(self, state: State, name: str, arguments: tuple[Value, ...]) -> Value:
        """What a model gives that pushes no frame, where the function is named and not called."""
        value = self.models[name](self, state, Call(name, None, arguments))
        if value is None:
            raise NotModelled(f"the function {name} as a value")
        return value


def handed_on(_state: State, made: Value) -> Value:
    """A `Finish` that changes nothing."""
    return made


def place(value: Value) -> Pointer:
    """A value that a library function takes as a place. Raises NotModelled."""
    if isinstance(value, Pointer):
        return value
    raise NotModelled(f"{type(value).__name__} where a place belongs")


def same(_machine: Machine, _state: State, call: Call) -> Value:
    """The model of functions that give back what they are given."""
    return call.arguments[0]

"""The calls of a counterexample about a buffer as a program that is built with the unmodified crate.

Its allocator (`mock/watch.rs`) knows every block that is taken within a call. Types that others cannot make are driven
by what the crate has for that: `CLIENTS` names them, and the text that does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from extract.mir import types as t
from extract.mir.tree import Function
from proofs.buffers.arguments import NotWritable, Numbers, made
from proofs.pools.bounded import Route, input_at, value_at
from smt_models.buffers.heap import NOTHING_LEFT
from smt_models.buffers.model import NOTHING, BufferModel, PathStep
from smt_models.buffers.subject import Owner
from smt_models.buffers.vectors import ELEMENT_SIZE
from smt_models.buffers.widening import Widening
from smt_models.runtime.names import plain_type
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import Pointer
from smt_models.system.evaluate import evaluate
from smt_models.system.operators import Value as Number
from smt_models.system.terms import BOOLEAN, Term, Variable, variables_of

CLIENTS = {"rt::async_support::abi_buffer::AbiBuffer": "stream_ops.rs"}
"""Types by their paths, and what makes and calls them from outside: `client::new` and the like, of `client::Buffer`."""
_MOCK = files("proofs.buffers") / "mock"
_ALLOWED = "#![allow(unused_unsafe, unused_must_use, unused_mut, unused_variables, unused_assignments, dead_code)]\n"
_AS_TEST = "/// Ends the process with a fault where the crate breaks the obligation.\n#[test]\nfn counterexample() {"
_MADE = """
/// The value that a call made, if it made one.
trait Made<T> {
    fn made(self) -> Option<T>;
}
impl Made<Buffer> for Buffer {
    fn made(self) -> Option<Buffer> {
        Some(self)
    }
}
impl<M: Made<Buffer>> Made<Buffer> for Option<M> {
    fn made(self) -> Option<Buffer> {
        self.and_then(Made::made)
    }
}
impl<M: Made<Buffer>, E> Made<Buffer> for Result<M, E> {
    fn made(self) -> Option<Buffer> {
        self.ok().and_then(Made::made)
    }
}
impl<A, M: Made<Buffer>> Made<Buffer> for (A, M) {
    fn made(self) -> Option<Buffer> {
        self.1.made()
    }
}
"""


@dataclass(frozen=True, slots=True)
class Called:
    """A call: its steps, each with when it is taken and its number in the model."""

    steps: tuple[tuple[int, int], ...]
    first: PathStep
    last: PathStep


def calls_of(model: BufferModel, route: Route) -> tuple[Called, ...]:
    """Of the steps of a route: a loop that goes on is part of the call before."""
    groups: list[list[tuple[int, int]]] = []
    for time, one in enumerate(route.calls):
        if not model.paths[one.step].step.call.startswith("on from "):
            groups.append([])
        groups[-1].append((time, one.step))
    return tuple(Called(tuple(each), model.paths[each[0][1]], model.paths[each[-1][1]]) for each in groups)


def program_text(subject: Subject, model: BufferModel, route: Route, is_test: bool = False) -> str:
    """`model`: the widened one, in which the route was found. Raises NotWritable."""
    return "\n".join(_Program(subject, model, route, is_test).lines()) + "\n"


@dataclass
class _Program:
    subject: Subject
    model: BufferModel
    route: Route
    is_test: bool

    def lines(self) -> Iterator[str]:
        buffer = self.model.buffer
        client = CLIENTS.get(buffer.name)
        yield _ALLOWED + (_MOCK / "watch.rs").read_text(encoding="utf-8")
        if client is not None:
            yield (_MOCK / client).read_text(encoding="utf-8")
        calls = calls_of(self.model, self.route)
        if isinstance(buffer, Owner):
            generic = f"<{self._size(calls[0], None)}>" if client is not None else ""
            path = f"subject::{buffer.type}" if client is None else f"client::Buffer{generic}"
            yield f"type Buffer = {path};{_MADE}"
        begins = (
            "/// Ends the process with a fault where the crate breaks the obligation.\n#[test]\nfn counterexample() {"
        )
        yield begins if self.is_test else "fn main() {"
        if isinstance(buffer, Owner):
            yield "    let mut value: Option<Buffer> = None;"
        for number, call in enumerate(calls, 1):
            yield f'    println!("call {number}");'
            yield from map("    {}".format, self._call(call, number))
        yield from ("    core::mem::forget(value);",) if isinstance(buffer, Owner) else ()
        yield '    println!("no fault");'
        yield "}"

    def _call(self, call: Called, number: int) -> Iterator[str]:
        name = call.first.step.call
        refused = f"{self._refused(call):#b}"
        buffer = self.model.buffer
        if isinstance(buffer, Owner) and name == buffer.drop:
            yield f"watch::call({refused}, || drop(value.take()));"
            return
        function = self.subject.program.functions.get(name)
        if function is None:
            raise NotWritable(f"a call of {name}")
        names = []
        for place, text in enumerate(self._arguments(call, function), 1):
            if text.startswith("value."):
                names.append(text)
                continue
            names.append(f"argument_{number}_{place}")
            yield f"let {names[-1]} = {text};"
        called = f"watch::call({refused}, || unsafe {{ {self._path(name)}({', '.join(names)}) }})"
        if not isinstance(buffer, Owner):
            yield f"let start = {called};"
            yield f"watch::handed(start, {names[2]}, {names[3]});"
        elif call.last.target not in (None, NOTHING) and not any(one.startswith("value.as") for one in names):
            yield f"value = {called}.made();"
        elif isinstance(function.result, t.Reference) and isinstance(function.result.target, t.Slice):
            yield f"let slice = {called};"
            yield 'watch::used("a slice", slice.as_ptr() as *const u8, core::mem::size_of_val(slice));'
        else:
            yield f"let _ = {called};"

    def _path(self, name: str) -> str:
        """A method is called by its type's path."""
        buffer, last = self.model.buffer, name.rpartition("::")[2]
        if buffer.name in CLIENTS:
            return f"client::{last}"
        if isinstance(buffer, Owner) and "<impl at " in name:
            return f"subject::{buffer.type}::{last}"
        if "<" in name or "{" in name:
            raise NotWritable(f"a call of {name}")
        return f"subject::{name}"

    # What is passed

    def _arguments(self, call: Called, function: Function) -> Iterator[str]:
        given = dict(call.first.given)
        time, step = call.steps[0]
        numbers = Numbers(lambda term: self._number(term, time, step), lambda name: self._size(call, name))
        for place, of in enumerate(function.parameters, 1):
            name = function.body.name_of(place) or f"argument {place}"
            if name not in given:
                yield self._value(of)
            elif isinstance(self.model.buffer, Owner):
                yield made(given[name], of, name, numbers)
            elif isinstance(given[name], Pointer):  # a block that the host was given, of the size and alignment passed
                size, alignment = (made(given[one], t.Primitive("usize"), one, numbers) for one in ("old_len", "align"))
                yield f"watch::block({size}, {alignment})"
            else:
                text = made(given[name], t.Primitive("usize"), name, numbers)
                yield f"{text} as *mut u8" if isinstance(of, t.RawPointer) else text

    def _value(self, of: t.Type) -> str:
        match of:
            case t.Reference(_, mutable, t.PathType() as target) if self._is_buffer(target):
                return f"value.as_{'mut' if mutable else 'ref'}().unwrap()"
            case t.PathType() if self._is_buffer(of):
                return "value.take().unwrap()"
            case _:
                raise NotWritable(f"an argument of the type {plain_type(of)}")

    def _is_buffer(self, of: t.PathType) -> bool:
        return plain_type(of) == self.model.buffer.name

    # Numbers

    def _refused(self, call: Called) -> int:
        """A bit for each time that the allocator is asked."""
        asked = [
            bool(self.route.values.get(input_at(time, step, one.name)))
            for time, step in call.steps
            for one in self.model.paths[step].step.step.inputs
            if one.name.startswith(NOTHING_LEFT)
        ]
        return sum(1 << place for place, refused in enumerate(asked) if refused)

    def _size(self, call: Called, name: str | None) -> int:
        """How many bytes an element of what is passed under the name takes, or of anything that is passed."""
        time, step = call.steps[0]
        for one in self.model.paths[step].step.step.inputs:
            if one.name.startswith(ELEMENT_SIZE if name is None else f"{ELEMENT_SIZE}{name}#"):
                return int(self.route.values.get(input_at(time, step, one.name), 0))
        raise NotWritable("elements of an unknown size")

    def _number(self, term: Term, time: int, step: int) -> int:
        wide = Widening().term(term)
        return int(evaluate(wide, {one.name: self._at(one, time, step) for one in variables_of(wide)}))

    def _at(self, one: Variable, time: int, step: int) -> Number:
        found = self.route.values.get(input_at(time, step, one.name))
        found = self.route.values.get(value_at(one.name, time), 0) if found is None else found
        return bool(found) if one.sort == BOOLEAN else int(found)

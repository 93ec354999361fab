"""The search: calls of the roots in turn, on one instantiation until a call traps, then on the next."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from functools import partial

import wasmtime

from extract.wasm.module import ExternKind
from extract.wasm.types import FunctionType, Reference, ValueType
from extract.wasm.world import World
from proofs.replay.build import INITIALISERS, Built
from proofs.replay.constants import constants_near
from proofs.replay.outside import called_from_outside, only_started
from proofs.replay.request import ReplayRoot, Request
from proofs.replay.session import BrokenStart, Outcome, Seen, Session
from proofs.replay.strategies import Arguments, Strategy, realloc_strategy, strategy
from proofs.verdicts import FunctionId

_CALL_SECONDS = 1.0
_INTERRUPTIONS = 2  # a root that is interrupted so often is left alone
_OTHERS = 64


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `root` is None for one that only sets up state."""

    function: FunctionId
    name: str
    parameters: tuple[str, ...]
    arguments: Arguments
    root: ReplayRoot | None


@dataclass(frozen=True, slots=True)
class Found:
    """The calls on a fresh instantiation, in order; the last one did it. None: it was the root, as start function."""

    calls: tuple[Call, ...]
    root: ReplayRoot
    seen: Seen


@dataclass(slots=True)
class _Callee:
    """A function that can be called, and where its arguments come from. Mutable: it remembers how often it hung."""

    function: FunctionId
    name: str
    parameters: tuple[str, ...]
    root: ReplayRoot | None
    source: Strategy
    last: int | None = None
    interruptions: int = 0
    begun: bool = False

    def next_call(self) -> Call | None:
        if self.interruptions >= _INTERRUPTIONS:
            return None
        try:
            arguments = self.source.send(self.last) if self.begun else next(self.source)
        except StopIteration:
            return None
        self.begun = True
        return Call(self.function, self.name, self.parameters, arguments, self.root)


class Search:
    def __init__(self, world: World, built: Built, request: Request, deadline: float) -> None:
        self._world = world
        self._built = built
        self._deadline = deadline
        self._roots = {root.function: root for root in request.roots}
        self._call_seconds = min(_CALL_SECONDS, request.seconds / 6)
        self._prelude = self._initialisers()
        self._session: Session | None = None
        self._log: list[Call] = []
        self.uncallable: list[str] = []
        self.callable_roots = 0

    def run(self) -> Found | None:
        """Raises BrokenStart if the file cannot be instantiated at all."""
        if found := self._at_start():
            return found
        roots = [root for root in self._roots.values() if not only_started(self._world, root.function)]
        callees = [callee for root in roots if (callee := self._callee(root.function, root.name, root))]
        self.callable_roots = len(callees)
        callees.sort(key=lambda callee: not (callee.root and callee.root.is_realloc))
        others = self._others()
        for turn in itertools.count():
            quota = 32 << min(turn, 6)
            groups = [(callees, quota)] if turn % 2 == 0 else [(others, 2), (callees, quota)]
            went_on = False
            for group, times in groups:
                for callee in group:
                    found, called = self._turn(callee, times)
                    if found or time.monotonic() > self._deadline:
                        return found
                    went_on = went_on or (called and callee.root is not None)
            if not went_on and turn % 2:
                return None
        return None

    def replayed(self, calls: tuple[Call, ...]) -> Found | None:
        """The same calls on a fresh instantiation, up to the one that does it."""
        self._session = None
        calls = (*self._prelude, *[call for call in calls if call not in self._prelude])
        for place, call in enumerate(calls):
            seen = self._call(call).seen
            if seen and call.root:
                return Found(calls[: place + 1], call.root, seen)
            if self._session is None:
                return None
        return None

    def _at_start(self) -> Found | None:
        session = Session(self._built, self._call_seconds)
        for number, seen in session.starting.items():
            start = self._world.instances[number].module.start_function
            function = self._world.definition(number, ExternKind.FUNCTION, start) if start is not None else None
            for root in self._roots.values():
                if function == (root.function.instance, root.function.index):
                    return Found((), root, seen)
        return None

    def _turn(self, callee: _Callee, times: int) -> tuple[Found | None, bool]:
        """Up to `times` calls of one function; whether there was any left to make."""
        called = False
        for _ in range(times):
            if self._session is None:
                self._log = []
                for call in self._prelude:
                    if found := self._logged(call)[1]:
                        return found, True
            next_call = callee.next_call()
            if next_call is None or time.monotonic() > self._deadline:
                break
            called = True
            outcome, found = self._logged(next_call)
            if found:
                return found, True
            callee.last = outcome.result
            callee.interruptions += outcome.trap is wasmtime.TrapCode.INTERRUPT
        return None, called

    def _logged(self, call: Call) -> tuple[Outcome, Found | None]:
        if self._session is None:
            self._log = []
        self._log.append(call)
        outcome = self._call(call)
        found = Found(tuple(self._log), call.root, outcome.seen) if outcome.seen and call.root else None
        return outcome, found

    def _call(self, call: Call) -> Outcome:
        if self._session is None:
            self._session = Session(self._built, self._call_seconds)
        arguments = [_value(kind, number) for kind, number in zip(call.parameters, call.arguments, strict=True)]
        left = max(0.05, min(self._call_seconds, self._deadline - time.monotonic()))
        outcome = self._session.call(call.function, tuple(arguments), left)
        if outcome.trap is not None:
            self._session = None
        return outcome

    def _callee(self, function: FunctionId, name: str, root: ReplayRoot | None) -> _Callee | None:
        module = self._world.instances[function.instance].module
        composite = self._world.store[module.function_types[function.index]].composite
        assert isinstance(composite, FunctionType)
        parameters = tuple([_passable(item) for item in composite.parameters])
        results = [_passable(item) for item in composite.results]
        if "" in parameters or "" in results:
            self.uncallable.append(name)
            return None
        constants = partial(constants_near, self._world.subject.data, module, function.index)
        match root:
            case ReplayRoot(is_realloc=True) if len(parameters) == 4:
                source = realloc_strategy(parameters, constants, self._world.is_component)
            case _:
                source = strategy(parameters, constants)
        return _Callee(function, name, parameters, root, source)

    def _others(self) -> list[_Callee]:
        """What the host can call besides the roots, to be called for what they do to the state."""
        uncallable = list(self.uncallable)
        outside = called_from_outside(self._world).items()
        names = [item for item in outside if item[0] not in self._roots and item[1] not in INITIALISERS]
        found = [callee for function, name in names[:_OTHERS] if (callee := self._callee(function, name, None))]
        self.uncallable = uncallable
        return found

    def _initialisers(self) -> list[Call]:
        """Calls that a host makes before any other; left out if they trap."""
        if self._world.is_component:  # whose own start functions call them
            return []
        functions = called_from_outside(self._world)
        calls = [
            Call(function, name, (), (), self._roots.get(function))
            for function, name in functions.items()
            if name in INITIALISERS and self._takes_nothing(function)
        ]
        return [call for call in calls if self._works(call)]

    def _works(self, call: Call) -> bool:
        try:
            return Session(self._built, self._call_seconds).call(call.function, (), self._call_seconds).trap is None
        except BrokenStart:
            return False

    def _takes_nothing(self, function: FunctionId) -> bool:
        module = self._world.instances[function.instance].module
        composite = self._world.store[module.function_types[function.index]].composite
        return isinstance(composite, FunctionType) and not composite.parameters and not composite.results


def _passable(item: ValueType) -> str:
    """The type by name, "" if this host cannot make or take its values."""
    match item:
        case "i32" | "i64" | "f32" | "f64":
            return item
        case Reference(True, "extern"):
            return "externref"
        case Reference(True, "func"):
            return "funcref"
        case _:
            return ""


def _value(kind: str, number: int) -> int | float | wasmtime.Val:
    match kind:
        case "f32" | "f64":
            return float(number)
        case "externref":
            return wasmtime.Val.externref(None)
        case "funcref":
            return wasmtime.Val.funcref(None)
        case _:
            return number

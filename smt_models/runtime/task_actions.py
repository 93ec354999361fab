"""What runs a task's actions from a template: their ends, and the suspensions where user code runs.

At every end, and wherever user code may look, the contract is compared with what the crate did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from smt_models.runtime.constants import STATIC
from smt_models.runtime.execute import START, Executor
from smt_models.runtime.machine import deliver
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.relocation import blocks_as_roots
from smt_models.runtime.roots import FIRST_BLOCK
from smt_models.runtime.state import NO_SIZE, SINK, Frame, State, Then
from smt_models.runtime.task_model import TaskModel
from smt_models.runtime.task_ownership import COUNTS
from smt_models.runtime.task_phases import Phase, reached, renamed, renamed_frame, settled
from smt_models.runtime.task_roots import CONTRACT, CURRENT, PHASE, WAITED
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.template import Template
from smt_models.runtime.unfolding import Unfolding
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import MOVED, UNIT, Moved, Opaque, Pointer, Value, pointers
from smt_models.system.model import Actor
from smt_models.system.terms import Term, Variable

RUNNING = "the task runs"
FIRST_KEPT, FIRST_SERIAL = 100, 900
"""Frames that go on are newer than what was kept, and older than what an action makes: `joins` rests on it."""


S = TypeVar("S", bound=TaskModel)


@dataclass(frozen=True)
class ActionOf(Generic[S]):
    """`start` runs from a state in this phase; it pushes frames or delivers a result."""

    name: str
    actor: Actor
    start: Callable[[ActionsOf[S], State, str], None]


class ActionsOf(Generic[S]):
    """Runs actions. `sites`: roots of blocks, and `kept`: places of what phases and constants hold, by name."""

    def __init__(self, subject: S) -> None:
        self.subject = subject
        self.executor = Executor(subject.machine)
        self.sites: dict[str, int] = {}
        self.kept: dict[str, int] = {}
        self.phases: dict[str, Phase] = {}
        self.grown = False
        """A path left what did not fit the template, which does now: what was found before has other words."""
        program = subject.program
        self.template = Template(
            dict(subject.roots),
            {**program.enums, **COUNTS},
            program.fields,
            subject.arbitrary,
            frozenset(one.name for one in subject.constants),
        )
        for root, value in subject.initial_roots().items():
            self.template.join(root, value)
        self.begin()
        subject.suspended = self._suspended

    def unfold(self, action: ActionOf[S], shaped: tuple[Variable, ...]) -> Unfolding:
        state = self.subject.state(dict(self.frozen.values))
        state.names.update(self.template.names)
        state.frames = [
            Then(f"end of {action.name}", lambda s, _: self._end(s), passes),
            Then(START + action.name, lambda s, _: self._begin(action, s), passes),
        ]
        return Unfolding(self.executor, state, shaped)

    def begin(self) -> None:
        """From here on the words of a state are those that the template has now: `frozen`."""
        self.grown = False
        self.frozen = replace(self.template, values=dict(self.template.values))

    def phase(self, state: State) -> str:
        value = state.settle(state.objects[PHASE])
        assert isinstance(value, Opaque)
        return value.what

    def _begin(self, action: ActionOf[S], state: State) -> None:
        what = self.phase(state)
        if what in self.phases:
            state.objects.update(self.phases[what].objects)
            state.statics = dict(self.phases[what].statics)
        action.start(self, state, what)

    # Ends

    def _suspended(self, state: State, what: str, frames: tuple[Frame | Then, ...]) -> Value:
        if self.phase(state) != RUNNING:
            raise NotModelled("user code within what an operation asks for")
        if what != WAITED and not isinstance(state.settle(state.objects[CURRENT]), Pointer):
            raise Violation(CONTRACT, "user code runs, and no task is set")
        self.subject.compare(state, self.frozen.values)
        stack = self._names(state, frames)
        names, there = {**stack, **blocks_as_roots(state, self.template, self.sites)}, self._there()
        objects = {
            place: renamed(settled(state, state.objects[base], state.names[base]), names, there)
            for base, place in stack.items()
        }
        depth = range(FIRST_SERIAL, FIRST_SERIAL + len(frames))
        made = tuple(renamed_frame(one, number, names, there) for number, one in zip(depth, frames, strict=True))
        known = {
            name: value for name, value in state.statics.items() if pointers(value) and pointers(value) <= set(stack)
        }
        statics = {name: renamed(value, names, there) for name, value in known.items()}
        state.objects[PHASE] = Opaque(self._label(Phase(what, made, objects, statics)))
        self._leave(state, names)
        return UNIT

    def _end(self, state: State) -> Value:
        what = self.phase(state)
        self.subject.compare(state, self.frozen.values)
        phase = self.phases.get(what)
        if phase is not None:
            if any(state.objects.get(base) != value for base, value in phase.objects.items()):
                raise NotModelled("what an operation asks for changes the frames of the task")
        elif what == RUNNING:
            raise NotModelled("an action that ends nowhere")
        else:
            state.frames = []
        self._leave(state, blocks_as_roots(state, self.template, self.sites))
        return UNIT

    def _names(self, state: State, frames: tuple[Frame | Then, ...]) -> dict[int, int]:
        """Where to keep what is on the stack."""
        names: dict[int, int] = {}
        for base in reached(state, frames, self.frozen.values):
            name = state.names[base]
            if base < FIRST_BLOCK or name.startswith("block"):
                continue
            place = self.kept.setdefault(name, FIRST_KEPT + len(self.kept))
            if place in names.values():
                raise NotModelled(f"{name} twice on the stack")
            if place >= FIRST_SERIAL:
                raise NotModelled("more objects on the stack than have a place")
            names[base] = place
            self.template.names.setdefault(place, name)
        return names

    def _label(self, phase: Phase) -> str:
        signature = phase.signature()
        for label, known in self.phases.items():
            if known.signature() == signature:
                return label
        label = f"{phase.what}, {len(self.phases) + 1}"
        self.phases[label] = phase
        return label

    def _leave(self, state: State, names: dict[int, int]) -> None:
        """The state between actions: blocks are roots, the stack is in the phase."""
        there = self._there()
        values = {names.get(base, base): value for base, value in state.objects.items()}
        state.objects = {root: renamed(values.get(root, MOVED), names, there) for root in self.template.values}
        if not self._fits(state.objects):
            for root, value in state.objects.items():
                self.template.join(root, value)
            self.grown = True
            return
        updates: dict[str, Term] = dict(state.host)
        for root in self.frozen.values:
            self.frozen.match(root, state.objects[root], state, updates)
        state.updates = updates

    def _fits(self, objects: dict[int, Value]) -> bool:
        """The words of the template at the last beginning are enough."""
        probe = replace(self.frozen, values=dict(self.frozen.values))
        known = self.frozen.values.keys()
        if any(not isinstance(value, Moved) for root, value in objects.items() if root not in known):
            return False
        return not any(probe.join(root, objects[root]) for root in known)

    def _there(self) -> dict[int, str]:
        return {SINK: "", NO_SIZE: "", STATIC: "", **self.template.names}


TaskAction = ActionOf[TaskSubject]
TaskActions = ActionsOf[TaskSubject]


def only(enabled: bool) -> None:
    """Nothing happens if it is not enabled."""
    if not enabled:
        raise Final("not enabled")


def finished(state: State, result: Value | None) -> None:
    """Hands a result that is at hand to what waits for it."""
    if result is not None:
        deliver(state, result)

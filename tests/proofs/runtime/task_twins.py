"""The published crate's task side as a program, and twins of it that are broken in memory: a call each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from native_steps import missing, shared_cache

from extract.errors import InputError
from extract.mir import operands as o
from extract.mir import statements as st
from extract.mir import types as t
from extract.mir.compile import Build, Panic, compile_crate, registry_package
from extract.mir.parser import read_mir
from extract.mir.tree import Block, Function, Terminator
from extract.rust.configuration import Configuration
from smt_models.runtime.constants import boolean, integer
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.names import plain_path
from smt_models.runtime.profile_files import profile_file
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.state import State
from smt_models.runtime.task_profile import TASK_PROFILES, TaskProfile, check_task_profile, load_task_profile
from smt_models.runtime.task_roots import MAP, SHARED
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import Aggregate, Value
from smt_models.system.terms import FALSE

VERSION = "0.63.0"
FEATURES = ("async", "std")
SETTINGS = (
    "debug_assertions",
    'target_family="wasm"',
    'target_env="p1"',
    'target_pointer_width="32"',
)
INSTEAD = "twin::instead"


@cache
def published(panic: Panic = Panic.ABORT, version: str = VERSION) -> Program:
    if shutil.which("cargo") is None:
        missing("no cargo")
    build = Build(registry_package(f"wit-bindgen@{version}"), FEATURES)
    try:
        crate = compile_crate(build, shared_cache(), panic)
    except InputError as error:
        missing(f"the registry ({error.found})")
    configuration = Configuration.of((*SETTINGS, f'panic="{panic.value}"'), FEATURES)
    return load_program(read_mir(crate.mir_path), Path(crate.source_directory), configuration)


def described(version: str = VERSION) -> TaskProfile:
    profile = load_task_profile(profile_file("wit-bindgen", version, TASK_PROFILES))
    assert isinstance(profile, TaskProfile)
    return profile


def right(panic: Panic = Panic.ABORT, version: str = VERSION) -> TaskProfile:
    profile = described(version)
    check_task_profile(profile, published(panic, version))
    return profile


def exported(profile: TaskProfile) -> TaskProfile:
    """Without those that are run by `block_on`."""
    return replace(profile, block_on=None, set_wait=None)


@dataclass(frozen=True, slots=True)
class Twin:
    """In the body whose name ends so a call is left out, or something else is called `instead`; what that breaks."""

    name: str
    body: str
    call: str
    instead: Model | None
    broken: str
    rounds: int = 5
    """Of exploration, after which the fault shows."""
    generation: int = 1
    steps: tuple[str, ...] = ()
    blocking: bool = False
    """Whether it is of `block_on`; of the others the exported tasks alone are explored, which is half the work."""

    def subject(self, panic: Panic = Panic.ABORT) -> TaskSubject:
        program = published(panic)
        (name,) = (one for one in program.functions if one.endswith(self.body))
        functions = {**program.functions, name: self._broken(program.functions[name])}
        profile = described() if self.blocking else exported(described())
        subject = TaskSubject(replace(program, functions=functions), profile, self.generation, panic)
        if self.instead is not None:
            subject.machine.models = {**subject.machine.models, INSTEAD: self.instead}
        return subject

    def _broken(self, function: Function) -> Function:
        blocks = tuple(self._changed(block) for block in function.body.blocks)
        assert sum(one is not other for one, other in zip(blocks, function.body.blocks, strict=True)) == 1
        return replace(function, body=replace(function.body, blocks=blocks))

    def _changed(self, block: Block) -> Block:
        call = block.terminator.kind
        if _called(block) != self.call:
            return block
        assert isinstance(call, st.Call)
        assert call.target is not None
        instead = o.FunctionValue(t.Path((t.Name(INSTEAD, ()),)))
        kind = st.Goto(call.target) if self.instead is None else replace(call, function=instead)
        return replace(block, terminator=replace(block.terminator, kind=kind))


def _called(block: Block) -> str | None:
    """What the block calls."""
    match block.terminator.kind:
        case st.Call(o.FunctionValue(path)):
            return plain_path(path)
        case _:
            return None


def freed_by_a_panic() -> TaskSubject:
    """A panic that comes to the crate's `callback` frees the task there: its set, too, with whatever is registered."""
    program, name = published(Panic.UNWIND), described().callback
    function = program.functions[name]
    body = function.body
    calls = ("rt::async_support::TaskState::callback", "alloc::boxed::Box::from_raw", "core::mem::drop")
    runs, owns, drops = (next(one for one in body.blocks if _called(one) == call) for call in calls)
    first = len(body.blocks)
    added = (
        replace(_calling(owns, first + 1, st.UnwindTerminate("cleanup")), number=first, is_cleanup=True),
        replace(_calling(drops, first + 2, st.UnwindTerminate("cleanup")), number=first + 1, is_cleanup=True),
        Block(first + 2, True, (), Terminator(st.Resume(), drops.terminator.source)),
    )
    changed = _calling(runs, runs.number + 1, st.UnwindCleanup(first))
    blocks = (*(changed if one is runs else one for one in body.blocks), *added)
    broken = replace(function, body=replace(body, blocks=blocks))
    functions = {**program.functions, name: broken}
    return TaskSubject(replace(program, functions=functions), exported(described()), 1, Panic.UNWIND)


def _calling(block: Block, target: int | None, unwind: st.UnwindAction) -> Block:
    """With the same call, that goes on there."""
    call = block.terminator.kind
    assert isinstance(call, st.Call)
    return replace(block, terminator=replace(block.terminator, kind=replace(call, target=target, unwind=unwind)))


def _peek(machine: Machine, state: State, call: Call) -> Value | None:
    """What `remove` gives, and nothing is removed."""
    kept = state.objects[SHARED]
    found = machine.models[f"{MAP}::remove"](machine, state, call)
    state.objects[SHARED] = kept
    return found


def _yes(_machine: Machine, _state: State, _call: Call) -> Value:
    return boolean(True)


def _same_arc(_machine: Machine, state: State, call: Call) -> Value:
    """A second owner that is not counted."""
    return state.load(pointer(state, call.arguments[0]))


def _event(change: Callable[[Value, Value, Value], tuple[Value, ...]]) -> Model:
    """The wait of a set, with its event changed."""

    def changed(_state: State, event: Value) -> Value:
        assert isinstance(event, Aggregate)
        return Aggregate("()", change(*event.fields))

    def model(machine: Machine, state: State, call: Call) -> Value | None:
        (name,) = machine.program.methods[_SET, "wait"]
        machine.after(state, "the event is changed", changed, passes)
        machine.enter(state, name, call.arguments)
        return None

    return model


def _set_is_gone(machine: Machine, state: State, call: Call) -> Value | None:
    state.host["held"] = FALSE
    (name,) = machine.program.methods[_SET, "wait"]
    machine.enter(state, name, call.arguments)
    return None


def not_restored_by_a_panic(panic: Panic = Panic.UNWIND) -> TaskSubject:
    """A panic of the future takes the frame off in which the task is set, without its clean-up."""
    program = published(panic)
    (name,) = (one for one in program.functions if one.endswith("::with_p3_task_set"))
    function = program.functions[name]
    blocks = tuple(_without_clean_up(one) for one in function.body.blocks)
    functions = {**program.functions, name: replace(function, body=replace(function.body, blocks=blocks))}
    return TaskSubject(replace(program, functions=functions), described(), 1, panic)


def _without_clean_up(block: Block) -> Block:
    call = block.terminator.kind
    if not isinstance(call, st.Call) or (_called(block) or "").rpartition(" as ")[2] != "core::ops::FnOnce>::call_once":
        return block
    return _calling(block, call.target, st.UnwindContinue())


_ZERO = integer(0, "u32")
_SET = "rt::async_support::waitable_set::WaitableSet"
_LEAVE = "rt::async_support::waitable_set::WaitableSet::remove_waitable_from_all_sets"
_JOIN = "rt::async_support::SharedTaskState::add_waitable"
_ARC_CLONE = "<alloc::sync::Arc as core::clone::Clone>::clone"
TWINS = (
    Twin("unregister keeps the entry", "::waitable_unregister", f"{MAP}::remove", _peek, "waker-unregistered"),
    Twin("delivery keeps the entry", "::deliver_waitable_event", f"{MAP}::remove", _peek, "waker-unregistered"),
    Twin("unregister stays in the set", "::waitable_unregister", _LEAVE, None, "task-contract"),
    Twin("delivery stays in the set", "::deliver_waitable_event", _LEAVE, None, "task-contract"),
    Twin("register does not join", "::waitable_register", _JOIN, None, "task-contract"),
    Twin("the task forgets what is registered", "::remaining_work", f"{MAP}::is_empty", _yes, "set-empty"),
    Twin("a clone is not counted", "::cabi_clone", _ARC_CLONE, _same_arc, "memory", 6, 2),
)
_AFTER_THE_WAIT = ("block_on", "register", "the future is pending", "end of the wait")


def _waiting(name: str, instead: Model, broken: str, steps: tuple[str, ...] = _AFTER_THE_WAIT) -> Twin:
    body = "rt::async_support::block_on"
    return Twin(name, body, f"{_SET}::wait", instead, broken, len(steps), steps=steps, blocking=True)


BLOCKING_TWINS = (
    _waiting("an event is lost", _event(lambda _code, _of, _payload: (_ZERO,) * 3), "task-contract"),
    _waiting("an event of another waitable", _event(lambda code, of, _payload: (code, _ZERO, of)), "task-contract"),
    _waiting("another payload", _event(lambda code, of, _payload: (code, of, of)), "task-contract"),
    _waiting("a wait for a set that is gone", _set_is_gone, "host-trap", _AFTER_THE_WAIT[:-1]),
)
"""Of a task that is run by `block_on` alone."""

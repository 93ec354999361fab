"""The published crate's task side as a program, and twins of it that are broken in memory: a call each."""

from __future__ import annotations

import shutil
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
from extract.mir.tree import Block, Function
from extract.rust.configuration import Configuration
from smt_models.runtime.constants import boolean
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import Call, Machine, Model
from smt_models.runtime.names import plain_path
from smt_models.runtime.program import Program, load_program
from smt_models.runtime.state import State
from smt_models.runtime.task_profile import TASK_PROFILES, TaskProfile, check_task_profile, load_task_profile
from smt_models.runtime.task_roots import MAP, SHARED
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.values import Value

FEATURES = ("async", "std")
SETTINGS = (
    "debug_assertions",
    'panic="abort"',
    'target_family="wasm"',
    'target_env="p1"',
    'target_pointer_width="32"',
)
INSTEAD = "twin::instead"


@cache
def published() -> Program:
    if shutil.which("cargo") is None:
        missing("no cargo")
    build = Build(registry_package("wit-bindgen@0.63.0"), FEATURES, panic=Panic.ABORT)
    try:
        crate = compile_crate(build, shared_cache())
    except InputError as error:
        missing(f"the registry ({error.found})")
    configuration = Configuration.of(SETTINGS, FEATURES)
    return load_program(read_mir(crate.mir_path), Path(crate.source_directory), configuration)


def described() -> TaskProfile:
    profile = load_task_profile(TASK_PROFILES / "wit-bindgen.toml")
    assert isinstance(profile, TaskProfile)
    return profile


def right(generation: int) -> TaskSubject:
    profile = described()
    check_task_profile(profile, published())
    return TaskSubject(published(), profile, generation)


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

    def subject(self) -> TaskSubject:
        program = published()
        (name,) = (one for one in program.functions if one.endswith(self.body))
        functions = {**program.functions, name: self._broken(program.functions[name])}
        subject = TaskSubject(replace(program, functions=functions), described(), self.generation)
        if self.instead is not None:
            subject.machine.models = {**subject.machine.models, INSTEAD: self.instead}
        return subject

    def _broken(self, function: Function) -> Function:
        blocks = tuple(self._changed(block) for block in function.body.blocks)
        assert sum(one is not other for one, other in zip(blocks, function.body.blocks, strict=True)) == 1
        return replace(function, body=replace(function.body, blocks=blocks))

    def _changed(self, block: Block) -> Block:
        call = block.terminator.kind
        if not isinstance(call, st.Call) or not isinstance(call.function, o.FunctionValue):
            return block
        if plain_path(call.function.path) != self.call:
            return block
        assert call.target is not None
        instead = o.FunctionValue(t.Path((t.Name(INSTEAD, ()),)))
        kind = st.Goto(call.target) if self.instead is None else replace(call, function=instead)
        return replace(block, terminator=replace(block.terminator, kind=kind))


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

"""What the host does to a task, and how the user code that it runs returns, as actions."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from extract.mir.compile import Panic
from smt_models.host.codes import EventCode
from smt_models.runtime.constants import integer
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.state import Frame, State
from smt_models.runtime.task_actions import RUNNING, TaskAction, TaskActions, finished, only
from smt_models.runtime.task_allocations import is_made
from smt_models.runtime.task_host import EXITS
from smt_models.runtime.task_roots import (
    BEFORE,
    CANCELLED_DUE,
    CONTRACT,
    CURRENT,
    FUTURE,
    GONE,
    NO_TASK,
    NONE_DUE,
    PHASE,
    REFERENCE,
    RESULT,
    SET,
    WAITED,
    WAITING,
)
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.unwinding import caught, panics
from smt_models.runtime.values import (
    NONE,
    POLL,
    UNIT,
    Aggregate,
    Null,
    Opaque,
    Scalar,
    Value,
    Variant,
)
from smt_models.system.model import Actor
from smt_models.system.terms import Literal

# The host

WAIT_ENDS = "end of the wait"


def _start(actions: TaskActions, state: State, phase: str) -> None:
    only(phase == NO_TASK)
    is_made(state)
    state.objects[PHASE] = Opaque(RUNNING)
    machine = actions.subject.machine
    machine.after(state, "the task starts", partial(_returned, actions.subject), _exported)
    machine.enter(state, actions.subject.profile.start, (Opaque(FUTURE),))


def _block_on(actions: TaskActions, state: State, phase: str) -> None:
    """Called outside of every task, or while another one is set."""
    subject = actions.subject
    only(phase == NO_TASK and subject.profile.block_on is not None)
    assert subject.profile.block_on is not None
    is_made(state)
    state.objects[PHASE] = Opaque(RUNNING)
    state.objects[CURRENT] = Opaque(BEFORE)
    subject.machine.after(state, "the future is run to its end", _ran, _ran_and_panicked)
    subject.machine.enter(state, subject.profile.block_on, (Opaque(FUTURE),))


def _ran(state: State, value: Value) -> Value:
    _restored(state)
    if state.settle(value) != Opaque(RESULT):
        raise NotModelled("a result of the future that is another")
    if state.settle(state.objects[REFERENCE]) != NONE:
        raise Violation(CONTRACT, "the task is gone with a waitable registered: its event would never be delivered")
    return UNIT


def _ran_and_panicked(state: State) -> None:
    """The caller may catch it [std::panic::catch_unwind]. What the future registered and somebody else has, nobody
    delivers to any more: that is not asked, the set is (`set-empty`).
    """
    _restored(state)
    caught(state)


def _restored(state: State) -> None:
    if state.settle(state.objects[CURRENT]) != Opaque(BEFORE):
        raise Violation(CONTRACT, "the task is left, and the one that was set before is not set")
    state.objects[CURRENT] = Null()
    state.objects[PHASE] = Opaque(GONE)


def _called(actions: TaskActions, state: State, event: tuple[Scalar, Scalar, Scalar]) -> None:
    state.objects[PHASE] = Opaque(RUNNING)
    machine = actions.subject.machine
    machine.after(state, "the callback", partial(_returned, actions.subject), _exported)
    machine.enter(state, actions.subject.profile.callback, event)


def _exported(_state: State) -> NoReturn:
    """What calls these two is generated, as `extern "C"` functions [wit-bindgen-rust, interface.rs: the exports of a
    function and of its callback]; a panic that comes to the end of one aborts [RFC 2945: `panic=unwind`, ABI "C"].
    """
    raise Final('a panic comes to the exported function, which is extern "C": the process ends')


def _returned(subject: TaskSubject, state: State, value: Value) -> Value:
    """The task is left: the host hears what to do next."""
    if state.settle(state.objects[CURRENT]) != Null():
        raise Violation(CONTRACT, "the task is left, and is still set")
    if not isinstance(value, Scalar):
        raise NotModelled("a callback's result that is no number")
    heard, code = subject.host.returned(state, value.term, SET)
    if heard == "WAITS":
        phase = WAITING
    elif heard == "EVENT" and isinstance(code, Literal):
        phase = NONE_DUE if code.value == EventCode.NONE else CANCELLED_DUE
    elif isinstance(value.term, Literal) and value.term.value == EXITS:
        if state.settle(state.objects[REFERENCE]) != NONE:
            raise Violation(CONTRACT, "the task exits with a waitable registered: its event would never be delivered")
        phase = GONE
    else:
        raise NotModelled("what the host hears of a callback")
    state.objects[PHASE] = Opaque(phase)
    return UNIT


def _resume(actions: TaskActions, state: State, phase: str) -> None:
    only(phase == WAITING)
    index, payload, _ = actions.subject.event(state, may_be_none=False)
    code = actions.subject.host.resumed(state, cancels=False)
    _called(actions, state, (Scalar(code), Scalar(index), Scalar(payload)))


def _wait_ends(actions: TaskActions, state: State, phase: str) -> None:
    known = actions.phases.get(phase)
    only(known is not None and known.what == WAITED)
    index, payload, _ = actions.subject.event(state, may_be_none=False)
    code = actions.subject.host.resumed(state, cancels=False)
    event = Aggregate("()", (Scalar(code), Scalar(index), Scalar(payload)))
    _user(actions, state, phase, WAITED, event)


def _cancel(actions: TaskActions, state: State, phase: str) -> None:
    only(phase in (WAITING, CANCELLED_DUE))
    if phase == WAITING:
        actions.subject.host.resumed(state, cancels=True)
    _called(actions, state, _event(EventCode.TASK_CANCELLED))


def _go_on(actions: TaskActions, state: State, phase: str) -> None:
    only(phase == NONE_DUE)
    _called(actions, state, _event(EventCode.NONE))


def _event(code: EventCode) -> tuple[Scalar, Scalar, Scalar]:
    return integer(int(code), "u32"), integer(0, "u32"), integer(0, "u32")


def _asked(actions: TaskActions, state: State, phase: str) -> None:
    only(phase not in (NO_TASK, GONE))
    actions.subject.host.asked(state)
    finished(state, UNIT)


# User code returns


def _left(actions: TaskActions, state: State, phase: str, what: str) -> None:
    """`what` is at its end: what called it goes on."""
    known = actions.phases.get(phase)
    only(known is not None and known.what.endswith(what))
    assert known is not None
    state.objects[PHASE] = Opaque(RUNNING)
    known.resume(state)


def _user(actions: TaskActions, state: State, phase: str, what: str, result: Value) -> None:
    _left(actions, state, phase, what)
    finished(state, result)


def _ready(actions: TaskActions, state: State, phase: str) -> None:
    known, own = actions.phases.get(phase), actions.subject.profile.block_on
    has_result = known is not None and any(isinstance(one, Frame) and one.name == own for one in known.frames)
    _user(actions, state, phase, "polled", Variant(POLL, 0, (Opaque(RESULT) if has_result else UNIT,)))


def _pending(actions: TaskActions, state: State, phase: str) -> None:
    _user(actions, state, phase, "polled", Variant(POLL, 1, ()))


def _woken(actions: TaskActions, state: State, phase: str) -> None:
    _user(actions, state, phase, "runs", UNIT)


def _dropped(actions: TaskActions, state: State, phase: str) -> None:
    _user(actions, state, phase, "dropped", UNIT)


def _poll_panics(actions: TaskActions, state: State, phase: str) -> None:
    _panics(actions, state, phase, "polled")


def _drop_panics(actions: TaskActions, state: State, phase: str) -> None:
    _panics(actions, state, phase, "dropped")


def _panics(actions: TaskActions, state: State, phase: str, what: str) -> None:
    """Without `panic = "unwind"` nothing comes after it. Callbacks do not: they are `extern "C"` [cabi.rs]."""
    only(actions.subject.machine.panic is Panic.UNWIND)
    _left(actions, state, phase, what)
    panics(state, f"user code panics, where the future is {what}")


EVENTS = (
    TaskAction("start", Actor.HOST, _start),
    TaskAction("block_on", Actor.CLIENT, _block_on),
    TaskAction("event", Actor.HOST, _resume),
    TaskAction(WAIT_ENDS, Actor.HOST, _wait_ends),
    TaskAction("event TASK_CANCELLED", Actor.HOST, _cancel),
    TaskAction("event NONE", Actor.HOST, _go_on),
    TaskAction("cancellation", Actor.HOST, _asked),
    TaskAction("the future is ready", Actor.CLIENT, _ready),
    TaskAction("the future is pending", Actor.CLIENT, _pending),
    TaskAction("a callback returns", Actor.CLIENT, _woken),
    TaskAction("the future's drop returns", Actor.CLIENT, _dropped),
    TaskAction("the future panics", Actor.CLIENT, _poll_panics),
    TaskAction("the future's drop panics", Actor.CLIENT, _drop_panics),
)

"""What is asked of shared tasks, as actions: by executors, by the host's events, and by operations.

Who calls keeps to what the functions ask for: an operation registers when it is not, with a task that it then shares;
it unregisters when it is registered; the last `Rc` goes when nothing is registered; an event is of a member of the set.
Whoever waits takes a code when it likes: until then its place holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smt_models.host.codes import EventCode
from smt_models.runtime.constants import integer
from smt_models.runtime.library_values import pointer
from smt_models.runtime.machine import Call
from smt_models.runtime.outcomes import Final, NotModelled, Violation
from smt_models.runtime.profile import RC
from smt_models.runtime.state import State
from smt_models.runtime.task_actions import ActionOf, ActionsOf, finished, only
from smt_models.runtime.task_allocations import is_made
from smt_models.runtime.task_roots import CONTRACT, CURRENT, REFERENCE, WATCHED
from smt_models.runtime.task_shared import (
    ANOTHER,
    HELD,
    NO_CODE,
    OWNER,
    PLACE_A,
    PLACE_B,
    PLACES,
    REF_CELL,
    RUNS,
    SharedTaskSubject,
    held_by,
    registered,
    shared,
)
from smt_models.runtime.task_table_watched import CELL_TYPE, DUE, EMPTY_CELL, OTHER_PLACE, TABLE_VALUE
from smt_models.runtime.unwinding import passes
from smt_models.runtime.values import (
    MOVED,
    NONE,
    UNIT,
    Aggregate,
    Choice,
    FunctionPointer,
    Moved,
    Null,
    Pointer,
    Scalar,
    Value,
    Variant,
    some,
)
from smt_models.system.model import Actor
from smt_models.system.operators import Enum
from smt_models.system.terms import BOOLEAN, Term, equal, literal, negation

Actions = ActionsOf[SharedTaskSubject]
_Start = Callable[[Actions, State, str], None]


def _task(state: State) -> Pointer:
    """The executor's, if there is one."""
    owner = state.settle(state.objects[OWNER])
    only(isinstance(owner, Aggregate))
    assert isinstance(owner, Aggregate)
    return pointer(state, owner.fields[0])


def _call(
    actions: Actions,
    state: State,
    path: str,
    arguments: tuple[Value, ...],
    done: Callable[[State, Value], Value],
    caught: Callable[[State, Value], Value] | None = None,
) -> None:
    """`caught`: what it comes to if the call panics and the client goes on."""
    subject = actions.subject
    unwound = passes if caught is None else partial(_caught, caught)
    subject.machine.after(state, f"the end of {path}", done, unwound)
    body = subject.program.body_of(path)
    assert body is not None
    finished(state, subject.machine.call(state, Call(body, arguments)))


def _caught(done: Callable[[State, Value], Value], state: State) -> None:
    """[std::panic::catch_unwind]"""
    state.carried = done(state, UNIT)


_HOLDS = Enum("what a place holds", ("nothing", "a code"))


def _among_codes(start: _Start) -> _Start:
    """Each place may hold a code of an event before, which nobody took yet."""

    def starts(actions: Actions, state: State, phase: str) -> None:
        for root, before in HELD.items():
            name = state.names[root]
            holds, code = state.chosen(f"what {name} holds", _HOLDS), state.chosen(f"a code in {name}", WATCHED.sort)
            cell = Aggregate(CELL_TYPE, (Choice(holds, (NONE, some(Scalar(code)))),))
            state.names[before] = f"what {name} held"
            state.objects[root] = state.objects[before] = cell
        start(actions, state, phase)

    return starts


def _held(state: State, root: int) -> Value:
    cell = state.settle(state.objects[root])
    if not isinstance(cell, Aggregate) or cell.type != CELL_TYPE:
        raise NotModelled("a place of codes of which nothing is known")
    return state.settle(cell.fields[0])


def _untouched(state: State, but: tuple[int, ...] = ()) -> None:
    """From here on it makes no difference what places hold."""
    for root, before in HELD.items():
        same = state.objects[root] == state.objects[before] or _held(state, root) == _held(state, before)
        if root not in but and not same:
            raise Violation(CONTRACT, "what a place holds is changed, and no event was to go there")
    for root in PLACES:
        state.objects[root] = NO_CODE


def _got(state: State, root: int, code: Value) -> None:
    """Only this place has the code, whatever it held before."""
    if _held(state, root) != some(code):
        raise Violation(CONTRACT, "the code of an event is not put where it was to go")
    _untouched(state, (root,))


def _done(state: State, _value: Value) -> Value:
    _untouched(state)
    return UNIT


# Executors


def _create(actions: Actions, state: State, _phase: str) -> None:
    only(isinstance(state.settle(state.objects[OWNER]), Moved))
    is_made(state)
    _call(actions, state, actions.subject.profile.create, (), partial(_created, actions.subject))


def _created(subject: SharedTaskSubject, state: State, value: Value) -> Value:
    """All cells are empty: from here on the table stands for them."""
    if not isinstance(value, Aggregate) or value.type != RC:
        raise NotModelled("a task that is not shared by Rc")
    profile, task = subject.profile, pointer(state, value.fields[0])
    at = Pointer(task.base, (*task.path, subject.program.fields[profile.type].index(profile.entries)))
    cells = state.load(at)
    if not isinstance(cells, Aggregate) or cells.type != "[]" or set(cells.fields) != {EMPTY_CELL}:
        raise NotModelled("a table that is not empty at first")
    state.write(at, TABLE_VALUE)
    state.objects[OWNER] = value
    return UNIT


def _drop(actions: Actions, state: State, _phase: str) -> None:
    """The executor's Rc is the last one: operations that are registered have one each."""
    task = _task(state)
    only(state.settle(state.objects[REFERENCE]) == NONE)
    machine = actions.subject.machine
    machine.after(state, "the executor's task is dropped", partial(_gone, task), passes)
    finished(state, machine.drop(state, (Pointer(OWNER),)))


def _gone(task: Pointer, state: State, _value: Value) -> Value:
    if not isinstance(state.settle(state.objects.get(task.base, MOVED)), Moved):
        raise Final("another Rc keeps the task")
    state.objects[OWNER] = MOVED
    return UNIT


def _enter(actions: Actions, state: State, _phase: str) -> None:
    """Whatever task was current before: it is again when what runs has returned."""
    _task(state)
    _set_current(state, NONE if state.is_true(state.chosen("no task is current", BOOLEAN)) else _another())
    before = held_by(state)
    arguments = (Pointer(OWNER), FunctionPointer(RUNS))
    left = partial(_left, before)
    _call(actions, state, actions.subject.profile.enter, arguments, left, left)


def _left(before: Value, state: State, _value: Value) -> Value:
    if held_by(state) != before:
        raise Violation(CONTRACT, "the task that was current before is not current again")
    _set_current(state, NONE)
    return _done(state, UNIT)


def _current(actions: Actions, state: State, _phase: str) -> None:
    _task(state)
    if state.is_true(state.chosen("no task is current", BOOLEAN)):
        _set_current(state, NONE)
    elif state.is_true(state.chosen("the executor's is", BOOLEAN)):
        _set_current(state, some(state.objects[OWNER]))
    else:
        _set_current(state, _another())
    _call(actions, state, actions.subject.profile.current, (), _said)


def _said(state: State, value: Value) -> Value:
    option = state.settle(value)
    assert isinstance(option, Variant)
    if (some(shared(state, option.fields[0])) if option.index == 1 else NONE) != held_by(state):
        raise Violation(CONTRACT, "what is said to be the current task is not")
    _set_current(state, NONE)
    return _done(state, UNIT)


def _another() -> Value:
    return some(Aggregate(RC, (Pointer(ANOTHER),)))


def _set_current(state: State, value: Value) -> None:
    state.objects[CURRENT] = Aggregate(REF_CELL, (value,))


# Operations


def _register(actions: Actions, state: State, _phase: str) -> None:
    task = _task(state)
    only(state.settle(state.objects[REFERENCE]) == NONE and not state.is_true(state.host["elsewhere"]))
    place = Pointer(PLACE_A if state.is_true(state.chosen("place A", BOOLEAN)) else PLACE_B)
    arguments = (task, Scalar(WATCHED), place)
    _call(actions, state, actions.subject.profile.register, arguments, partial(_registered, some(place)), _done)


def _unregister(actions: Actions, state: State, _phase: str) -> None:
    task = _task(state)
    only(state.settle(state.objects[REFERENCE]) != NONE)
    arguments = (task, Scalar(WATCHED))
    _call(actions, state, actions.subject.profile.unregister, arguments, partial(_registered, NONE))


def _registered(reference: Value, state: State, _value: Value) -> Value:
    state.objects[REFERENCE] = reference
    return _done(state, UNIT)


def _register_another(actions: Actions, state: State, _phase: str) -> None:
    arguments = (_task(state), Scalar(_number(state)), Pointer(OTHER_PLACE))
    _call(actions, state, actions.subject.profile.register, arguments, _done, _done)


def _unregister_another(actions: Actions, state: State, _phase: str) -> None:
    arguments = (_task(state), Scalar(_number(state)))
    _call(actions, state, actions.subject.profile.unregister, arguments, _done)


def _number(state: State) -> Term:
    number = state.chosen("another waitable", WATCHED.sort)
    for one in (WATCHED, literal(0, WATCHED.sort)):
        only(state.assume(negation(equal(number, one))))
    return number


# Events


def _event(actions: Actions, state: State, _phase: str) -> None:
    task = _task(state)
    only(state.is_true(state.host["member"]))
    code = Scalar(state.chosen("payload", WATCHED.sort))
    place = registered(state)
    if place == Null():
        raise NotModelled("a member that is not registered")  # `compare` has excluded it
    assert isinstance(place, Pointer)
    _deliver(actions, state, (task, _kind(state), Scalar(WATCHED), code), lambda s, _: _taken(s, place.base, code))


def _event_of_another(actions: Actions, state: State, _phase: str) -> None:
    task, number = _task(state), Scalar(_number(state))
    state.objects[DUE] = some(number)
    code = Scalar(state.chosen("payload", WATCHED.sort))
    _deliver(actions, state, (task, _kind(state), number, code), lambda s, _: _taken(s, OTHER_PLACE, code))


def _no_event(actions: Actions, state: State, _phase: str) -> None:
    zero = integer(0, "u32")
    is_none = state.is_true(state.chosen("event NONE", BOOLEAN))
    event = EventCode.NONE if is_none else EventCode.TASK_CANCELLED
    _deliver(actions, state, (_task(state), integer(int(event), "u32"), zero, zero), _done)


def _deliver(
    actions: Actions, state: State, arguments: tuple[Value, ...], done: Callable[[State, Value], Value]
) -> None:
    _call(actions, state, actions.subject.profile.deliver, arguments, done)


def _taken(state: State, root: int, code: Value) -> Value:
    state.objects[DUE] = NONE
    _got(state, root, code)
    return UNIT


def _kind(state: State) -> Value:
    """Any event of a waitable."""
    kind = state.chosen("event", WATCHED.sort)
    for one in (EventCode.NONE, EventCode.TASK_CANCELLED):
        only(state.assume(negation(equal(kind, literal(int(one), kind.sort)))))
    return Scalar(kind)


SHARED = (
    ActionOf("start", Actor.CLIENT, _create),
    ActionOf("drop", Actor.CLIENT, _drop),
    ActionOf("enter", Actor.CLIENT, _among_codes(_enter)),
    ActionOf("current", Actor.CLIENT, _among_codes(_current)),
    ActionOf("register", Actor.CLIENT, _among_codes(_register)),
    ActionOf("unregister", Actor.CLIENT, _among_codes(_unregister)),
    ActionOf("register another", Actor.CLIENT, _among_codes(_register_another)),
    ActionOf("unregister another", Actor.CLIENT, _among_codes(_unregister_another)),
    ActionOf("event", Actor.HOST, _among_codes(_event)),
    ActionOf("event of another", Actor.HOST, _among_codes(_event_of_another)),
    ActionOf("no event", Actor.HOST, _among_codes(_no_event)),
)

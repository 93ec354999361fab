"""Unwinding from frame to frame [rustc_middle::mir::UnwindAction].

The MIR of a body says what becomes of a panic in what it calls: a clean-up block runs and ends in `resume`, or the
frame is popped, or the process ends. What a model left to do says it itself: `Then.unwound`. A second panic in a
clean-up needs no words here: calls in clean-up blocks unwind to `terminate(cleanup)`.
"""

from __future__ import annotations

from typing import NoReturn

from extract.mir.statements import UnwindCleanup, UnwindContinue, UnwindTerminate, UnwindUnreachable
from smt_models.runtime.outcomes import Final, NotModelled, Unwinds
from smt_models.runtime.state import Frame, State
from smt_models.runtime.values import UNIT, Value


def unwind(state: State) -> None:
    """One step: the innermost frame's clean-up takes over, or the frame is popped."""
    if not state.frames:
        raise NotModelled("a panic that nobody catches")
    top = state.frames[-1]
    if not isinstance(top, Frame):
        state.frames.pop()
        state.unwinding = False
        top.unwound(state)
        return
    match top.unwind:
        case UnwindCleanup(block):
            top.block, top.place, top.target, top.unwind = block, None, None, None
            state.unwinding, state.left = False, top.serial
        case UnwindContinue():
            pop(state, top)
        case UnwindTerminate(reason):
            raise Final(f"a panic comes to {top.name}, which ends the process: terminate({reason})")
        case UnwindUnreachable():
            raise NotModelled(f"a panic in what {top.name} says does not unwind")
        case None:
            raise NotModelled(f"a panic in {top.name}, which does not say what becomes of it")


def pop(state: State, frame: Frame) -> None:
    """The frame's locals end; it drops nothing of its own: that is in the MIR."""
    for base in frame.locals.values():
        state.end(base)
    state.frames.pop()
    state.left = frame.serial
    state.loops = {key: seen for key, seen in state.loops.items() if key[0] != frame.serial}
    state.turns = {key: under_way for key, under_way in state.turns.items() if key[0] != frame.serial}


def panics(state: State, why: str) -> NoReturn:
    """A panic that is to be reckoned with: of user code, or at a limit that is documented."""
    state.note("panic", why)
    raise Unwinds


def caught(state: State) -> None:
    """For a `Then` above which the client catches the panic and goes on [std::panic::catch_unwind]."""
    state.carried = UNIT


def passes(_state: State) -> NoReturn:
    """For a `Then` that has nothing to do when it is unwound through."""
    raise Unwinds


def goes_on(_state: State, _value: Value) -> NoReturn:
    """What a clean-up ends with."""
    raise Unwinds


def terminates(_state: State) -> NoReturn:
    """For a `Then` within a clean-up [std::process::abort: "panic in a destructor during cleanup"]."""
    raise Final("a panic in a destructor during cleanup ends the process")

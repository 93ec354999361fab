"""Random scenarios in which the crate is right: any order of what client and host may do, with any answers.

What the generator keeps in mind is which built-in the crate will call, as its interface promises it. It stays away
from a fault that is known: the end is not used again after DROPPED without an element.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from native_steps import CANCELLED, COMPLETED, DROPPED

from proofs.runtime.native.scenario import BLOCKED, CALL, DELIVERY, Act, Action, HostSays, Operation, Scenario

BUILT_INS = {
    Operation.STREAM_WRITE: ("stream.write", "stream.cancel-write"),
    Operation.STREAM_READ: ("stream.read", "stream.cancel-read"),
    Operation.FUTURE_WRITE: ("future.write", "future.cancel-write"),
    Operation.FUTURE_READ: ("future.read", "future.cancel-read"),
    Operation.SUBTASK: (CALL, "subtask.cancel"),
}
STARTING, STARTED, RETURNED, NOT_STARTED, NOT_RETURNED = range(5)


@dataclass
class Walk:
    """`told`: the state that a subtask was last heard to be in. `done`: the crate knows that the stream is over;
    `gone`: the operation took the client's end with it.
    """

    operation: Operation
    random: random.Random
    switches: bool
    actions: list[Action] = field(default_factory=list)
    offered: int = 0
    done: bool = False
    told: int = STARTING
    gone: bool = False

    def does(self, act: Act, *answers: HostSays, length: int = 0, capacity: int = 0, used: int = 0) -> None:
        self.actions.append(Action(act, answers, length, capacity, used))

    def life(self) -> None:
        """One operation, from its making to its end."""
        if self.operation is not Operation.SUBTASK and not self.holds_end():
            self.does(Act.OPEN)
            self.done = self.gone = False
        length, room = self.random.randrange(4), self.random.randrange(4)
        goes_on = self.operation is Operation.STREAM_WRITE and not self.done
        used = self.random.randint(0, length) if goes_on else 0
        self.does(Act.NEW, length=length, capacity=length + room, used=used)
        self.offered = length - used if self.operation is Operation.STREAM_WRITE else room
        while self.random.random() < 0.3:
            self.does(Act.MOVE)
        if self.random.random() < 0.15:
            self.never_polled()
            return
        if self.done:
            self.does(Act.POLL)
            self.does(Act.DROP)
            if self.random.random() < 0.5:
                self.does(Act.DROP_END)
            return
        copy, _ = BUILT_INS[self.operation]
        code = self.first()
        self.does(Act.POLL, HostSays(copy, code))
        if code == BLOCKED or (self.operation is Operation.SUBTASK and code < RETURNED):
            self.told = code
            self.in_flight()
        else:
            self.does(Act.DROP)
            self.over(code)

    def never_polled(self) -> None:
        if self.operation is not Operation.SUBTASK and self.random.random() < 0.5:
            self.does(Act.CANCEL)
        self.does(Act.DROP)
        if not self.operation.is_stream and self.actions[-2].act is not Act.CANCEL:
            self.end_is_gone()

    def in_flight(self) -> None:
        while self.random.random() < 0.5:
            choices = [Act.POLL, Act.HOST_RUNS, *([Act.SWITCH_TASK] if self.switches else [])]
            self.does(self.random.choice(choices))
        _, cancel = BUILT_INS[self.operation]
        ways = [Act.DROP, Act.DELIVER, *([Act.CANCEL] if self.operation is not Operation.SUBTASK else [])]
        match self.random.choice(ways):
            case Act.DELIVER:
                self.delivered()
            case Act.DROP:
                code = self.cancelled()
                self.does(Act.DROP, HostSays(cancel, code, late=self.random.random() < 0.5))
                self.end_after_drop(code)
            case act:
                code = self.cancelled()
                self.does(act, HostSays(cancel, code, late=self.random.random() < 0.5))
                self.does(Act.DROP)
                self.over(code)

    def delivered(self) -> None:
        code = self.event()
        self.does(Act.DELIVER, HostSays(DELIVERY, code))
        if self.operation is Operation.SUBTASK and code == STARTED:
            self.told = STARTED
            self.does(Act.POLL)
            self.in_flight()
            return
        act = self.random.choice(
            [Act.POLL, Act.DROP, *([Act.CANCEL] if self.operation is not Operation.SUBTASK else [])]
        )
        self.does(act)
        if act is not Act.DROP:
            self.does(Act.DROP)
        self.over(code)

    # Codes

    def some(self) -> int:
        return self.random.randint(1, self.offered) if self.offered else 0

    def first(self) -> int:
        match self.operation:
            case Operation.SUBTASK:
                return self.random.choice((STARTING, STARTED, RETURNED))
            case Operation.FUTURE_READ:
                return self.random.choice((BLOCKED, COMPLETED))
            case Operation.FUTURE_WRITE:
                return self.random.choice((BLOCKED, COMPLETED, DROPPED))
            case _:
                return self.random.choice((BLOCKED, BLOCKED, COMPLETED | self.some() << 4, DROPPED))

    def event(self) -> int:
        match self.operation:
            case Operation.SUBTASK:
                return RETURNED if self.told == STARTED else self.random.choice((STARTED, RETURNED))
            case Operation.FUTURE_READ:
                return COMPLETED
            case Operation.FUTURE_WRITE:
                return self.random.choice((COMPLETED, DROPPED))
            case _:
                return self.random.choice((COMPLETED | self.some() << 4, DROPPED, DROPPED | self.some() << 4))

    def cancelled(self) -> int:
        if self.operation is Operation.SUBTASK:
            early = [NOT_STARTED] if self.told == STARTING else []
            return self.random.choice([RETURNED, NOT_RETURNED, *early])
        still = CANCELLED | (self.some() << 4 if self.operation.is_stream and self.random.random() < 0.5 else 0)
        return self.random.choice((self.event(), still))

    # The client's end

    def holds_end(self) -> bool:
        opened = [action.act for action in self.actions if action.act in (Act.OPEN, Act.DROP_END)]
        return bool(opened) and opened[-1] is Act.OPEN and not self.gone

    def end_is_gone(self) -> None:
        self.gone = True

    def end_after_drop(self, code: int) -> None:
        if self.operation.is_stream:
            self.over(code)
        else:
            self.end_is_gone()

    def over(self, code: int) -> None:
        """After an operation: a stream's end stays, a future's only when it was cancelled."""
        result, count = code & 0xF, code >> 4
        if not self.operation.is_stream:
            if result != CANCELLED or self.operation is Operation.SUBTASK:
                self.end_is_gone()
            return
        if result == DROPPED and count:
            self.done = True
        if result == DROPPED and not count:
            self.does(Act.DROP_END)


def walk(operation: Operation, seed: int, lives: int = 12) -> Scenario:
    chosen = random.Random(f"{operation.value} {seed}")
    native, lists, version = chosen.random() < 0.5, chosen.random() < 0.5, chosen.choice((1, 2))
    made = Walk(operation, chosen, switches=version == 2)
    for _ in range(lives):
        made.life()
    return Scenario("cancel-before-free", operation, tuple(made.actions), native, lists, version)

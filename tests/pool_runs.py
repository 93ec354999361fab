"""Drives the modules of the pool corpus in wasmtime: which obligations do sequences of calls break?"""

import ctypes
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Protocol

import wasmtime
from pool_callers import RandomCaller, Script, SmallCalls
from pool_corpus import Host, PoolModule
from pool_model import SPACE, Block, Call, Clients, Outcome, Returned, Spun, Trapped

FUEL = 200_000
PAGES = 3
DEPTH = 3
"""Every sequence of so many small calls is tried,"""
LIVES = 50
"""so many random lives are lived,"""
MOST_LIVES = 3000
"""and up to so many as long as something that is to be broken is not."""


@cache
def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.consume_fuel = True
    return wasmtime.Engine(config)


class Instance:
    """A fresh instance of a module. `fuel`: for a call, which without an end uses it up."""

    def __init__(self, module: PoolModule, fuel: int = FUEL) -> None:
        self._fuel = fuel
        self._store = wasmtime.Store(_engine())
        self._store.set_fuel(self._fuel)
        self._store.set_limits(memory_size=PAGES * 65536)
        self._exports = wasmtime.Instance(self._store, _load(module), []).exports(self._store)
        memory = self._exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory

    def bytes(self) -> bytes:
        size = self._memory.data_len(self._store)
        return ctypes.string_at(ctypes.addressof(self._memory.data_ptr(self._store).contents), size)

    def write(self, block: Block) -> None:
        address = ctypes.addressof(self._memory.data_ptr(self._store).contents)
        ctypes.memmove(address + block.start, block.content, block.size)

    def call(self, call: Call) -> Outcome:
        function = self._exports[call.role.export]
        assert isinstance(function, wasmtime.Func)
        before = self.bytes()
        self._store.set_fuel(self._fuel)
        try:
            value = function(self._store, *(_signed(one) for one in call.arguments.values()))
        except wasmtime.Trap as trap:
            return Spun() if trap.trap_code is wasmtime.TrapCode.OUT_OF_FUEL else Trapped()
        return Returned(value % SPACE if isinstance(value, int) else 0, before, self.bytes())

    def globals(self) -> dict[str, int]:
        """Where the linker put the static objects that are exported."""
        found = ((name, one) for name, one in self._exports.items() if isinstance(one, wasmtime.Global))
        return {str(name): int(one.value(self._store)) for name, one in found if not str(name).startswith("__")}


def _signed(value: int) -> int:
    return value - SPACE if value >= SPACE // 2 else value


@lru_cache(maxsize=256)
def _load(module: PoolModule) -> wasmtime.Module:
    return wasmtime.Module(_engine(), module.path.read_bytes())


class Caller(Protocol):
    def next(self, clients: Clients) -> Call | None:
        """A call; None if nobody has a reason to make the one that was thought of."""


def run(
    module: PoolModule, caller: Caller, length: int, astray: str | None = None, fuel: int = FUEL
) -> Iterator[tuple[Call, Outcome, set[str]]]:
    """The calls of one life of an instance, each with what it broke. `astray` as of `Clients`."""
    instance, clients = Instance(module, fuel), Clients(module, astray=astray)
    for _ in range(length):
        call = caller.next(clients)
        if call is None:
            continue
        held = list(clients.live)
        outcome = instance.call(call)
        yield call, outcome, clients.broken_by(call, outcome)
        if not isinstance(outcome, Returned):
            return
        for block in clients.live:
            if block not in held:
                instance.write(block)


@dataclass
class Found:
    """The shortest run that breaks each obligation, what else was broken after something was, and how calls ended."""

    shortest: dict[str, list[Call]] = field(default_factory=dict)
    afterwards: set[str] = field(default_factory=set)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)

    def live(self, module: PoolModule, caller: Caller, length: int) -> None:
        """One life of an instance."""
        calls: list[Call] = []
        whole = True
        for call, outcome, broken in run(module, caller, length):
            calls.append(call)
            self.ended[call.role.kind, type(outcome).__name__] += 1
            if not whole:
                self.afterwards |= broken
                continue
            for obligation in broken:
                if obligation not in self.shortest or len(calls) < len(self.shortest[obligation]):
                    self.shortest[obligation] = list(calls)
            whole = not broken


def search(module: PoolModule, host: Host, seed: int = 0) -> Found:
    """What runs of the module show when such a host calls it."""
    found, chance = Found(), random.Random(f"{seed} {module.file} {host}")
    found.live(module, Script(module, module.run[host]), len(module.run[host]))
    small = SmallCalls(module)
    found.live(module, small, DEPTH)
    while small.advance():
        found.live(module, small, DEPTH)
    for life in range(MOST_LIVES):
        if life >= LIVES and module.refuted[host] <= found.shortest.keys():
            break
        found.live(module, RandomCaller(module, host, chance), module.calls)
    return found

"""Drives the modules of the pool corpus in wasmtime: which obligations do sequences of calls break?"""

import ctypes
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import wasmtime
from pool_corpus import Host, PoolModule, Role
from pool_model import SPACE, Block, Call, Clients, Outcome, Returned, Spun, Trapped

FUEL = 200_000
LIVES = 80
MOST_LIVES = 3000
LARGEST = (1 << 28) - 1


@cache
def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.consume_fuel = True
    return wasmtime.Engine(config)


class Instance:
    """A fresh instance of a module."""

    def __init__(self, module: PoolModule) -> None:
        self._store = wasmtime.Store(_engine())
        self._store.set_fuel(FUEL)
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
        self._store.set_fuel(FUEL)
        try:
            value = function(self._store, *(_signed(one) for one in call.arguments.values()))
        except wasmtime.Trap as trap:
            return Spun() if trap.trap_code is wasmtime.TrapCode.OUT_OF_FUEL else Trapped()
        return Returned(value % SPACE if isinstance(value, int) else 0, before, self.bytes())

    def globals(self) -> dict[str, int]:
        """The exported globals: where the linker put what they are named after."""
        found = ((name, one) for name, one in self._exports.items() if isinstance(one, wasmtime.Global))
        return {str(name): int(one.value(self._store)) for name, one in found}


def _signed(value: int) -> int:
    return value - SPACE if value >= SPACE // 2 else value


@cache
def _load(module: PoolModule) -> wasmtime.Module:
    return wasmtime.Module(_engine(), module.path.read_bytes())


class Caller:
    """Chooses calls: those of a conforming host and careful clients, or any at all."""

    def __init__(self, module: PoolModule, host: Host, chance: random.Random) -> None:
        self._module, self._chance = module, chance
        self._allocating = [role for role in module.roles if role.kind == "allocate"]
        self._releasing = [role for role in module.roles if role.kind == "release"]
        self._eager = chance.choice([0.3, 0.6, 0.95])
        self._odd = 0 if host == "conforming" else chance.choice([0.05, 0.2, 0.5])
        """How often it makes a call that no careful client would make."""
        self._holds = chance.choice([1000, 1000, 5, 2])
        """With so many blocks it releases one before it asks for more."""
        pool = module.pool
        unit = max(role.unit for role in module.roles)
        near = [pool.size // unit, pool.element or 1, module.budget or pool.size, SPACE // unit, 1 << 16]
        edges = [one + step for one in near for step in (-9, -8, -4, -1, 0, 1, 4, 8)]
        self._sizes = [one for one in edges if 0 < one <= LARGEST] + [pool.size // 3, pool.size // 2, LARGEST]
        self._largest = chance.choice([16, 64, pool.element or 64, pool.size // 4])
        """It asks for blocks up to that size only, if it is modest."""
        self._modest = chance.random() < 0.6
        self._addresses = [pool.base, pool.end, pool.end - 1, pool.base - 1, 0, SPACE - 1, SPACE - 4]

    def next(self, clients: Clients) -> Call | None:
        """A call; None if nobody has a reason to make the one that was thought of."""
        chance = self._chance
        role = chance.choice(self._roles(clients))
        call = self._careful(role, clients)
        if chance.random() >= self._odd:
            return call
        usual = call.arguments if call else {}
        odd = {name: self._anything(name, clients) for name in role.parameters}
        return Call(role, {name: odd[name] if chance.random() < 0.4 else usual.get(name, odd[name]) for name in odd})

    def _roles(self, clients: Clients) -> list[Role]:
        if len(clients.live) >= self._holds and self._releasing:
            return self._releasing
        return self._allocating if self._allocating and self._chance.random() < self._eager else [*self._module.roles]

    def _careful(self, role: Role, clients: Clients) -> Call | None:
        chance = self._chance
        match role.kind:
            case "allocate":
                return Call(role, self._wanted(role, clients))
            case "release":
                if not clients.live:
                    return None
                block = clients.live[0] if role.in_order else chance.choice(clients.live)
                given = {"pointer": block.start, "size": block.size}
                return Call(role, {name: given[name] for name in role.parameters})
            case "reset":
                if role.parameters and not clients.marks:
                    return None
                return Call(role, {name: chance.choice(clients.marks) for name in role.parameters})
            case _:
                return Call(role, {name: self._fitting(name, role, clients) for name in role.parameters})

    def _wanted(self, role: Role, clients: Clients) -> dict[str, int]:
        given = {name: self._fitting(name, role, clients) for name in role.parameters}
        if "old" not in given:
            return given
        given |= {"old": 0, "old_size": 0}
        if clients.live and self._chance.random() < 0.3:
            block = self._chance.choice(clients.live)
            slot = self._module.pool.element or 2 * block.size
            size = max(1, self._chance.choice([block.size - 4, block.size, block.size + 1, block.size + 40, slot]))
            given |= {"old": block.start, "old_size": block.size, "align": block.align, "size": size}
        return given

    def _fitting(self, name: str, role: Role, clients: Clients) -> int:
        match name:
            case "align":
                return self._chance.choice([1, 2, 4, 8])
            case "size" | "count":
                return self._chance.choice(clients.prepared) if self._matches(clients) else self._size(clients)
            case "index":
                return self._chance.randrange(role.indices or 1)
            case _:
                return self._chance.randrange(SPACE)

    def _matches(self, clients: Clients) -> bool:
        return bool(clients.prepared) and self._chance.random() < 0.6

    def _size(self, clients: Clients) -> int:
        kind = self._chance.random()
        if kind < 0.05:
            return 0
        if kind < 0.7 or self._modest:
            return self._chance.randint(1, self._largest)
        if kind < 0.85:
            return self._chance.choice(self._sizes)
        top = max((block.end for block in clients.live), default=self._module.pool.base)
        return max(0, self._module.pool.end - top + self._chance.choice([-4, -1, 0, 1, 4]))

    def _anything(self, name: str, clients: Clients) -> int:
        match name:
            case "old" | "pointer" | "mark":
                inside = self._module.pool.base + self._chance.randrange(self._module.pool.size + 8)
                ends = [block.end for block in clients.live]
                return self._chance.choice([*self._addresses, inside, *ends, *clients.marks, *clients.starts])
            case "align":
                return self._chance.choice([0, 1, 2, 3, 4, 6, 8, 16, 32, SPACE // 2, SPACE - 1])
            case "index":
                return self._chance.choice(
                    [self._chance.randrange(17), SPACE // 2, SPACE - 1 - self._chance.randrange(128)]
                )
            case _:
                size = self._size(clients)
                return self._chance.choice([size, (SPACE - size) % SPACE, SPACE // 2, self._chance.randrange(SPACE)])


def run(module: PoolModule, caller: Caller, length: int) -> Iterator[tuple[Call, Outcome, set[str]]]:
    """The calls of one life of an instance, each with what it broke."""
    instance, clients = Instance(module), Clients(module)
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

    def live(self, module: PoolModule, caller: Caller) -> None:
        calls: list[Call] = []
        whole = True
        for call, outcome, broken in run(module, caller, module.calls):
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
    """Some lives of the module; more as long as something that is to be broken is not."""
    found, chance = Found(), random.Random(f"{seed} {module.file} {host}")
    for life in range(MOST_LIVES):
        if life >= LIVES and module.refuted[host] <= found.shortest.keys():
            break
        found.live(module, Caller(module, host, chance))
    return found

"""Who calls the exports of a pool: at random, as careful clients or not, or every small sequence of calls in turn."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pool_corpus import Host, PoolModule, Role
from pool_model import SPACE, Call, Clients

LARGEST = (1 << 28) - 1
One = TypeVar("One")


class RandomCaller:
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
        self._slots = [one.element for one in module.pools if one.element]
        near = [pool.size // unit, *(self._slots or [1]), module.budget or pool.size, SPACE // unit, 1 << 16]
        edges = [one + step for one in near for step in (-9, -8, -4, -1, 0, 1, 4, 8)]
        self._sizes = [one for one in edges if 0 < one <= LARGEST] + [pool.size // 3, pool.size // 2, LARGEST]
        self._largest = chance.choice([16, 64, *(self._slots or [64]), pool.size // 4])
        """It asks for blocks up to that size only, if it is modest."""
        self._modest = chance.random() < 0.6
        ends = [place for one in module.pools for place in (one.base, one.end, one.end - 1, one.base - 1)]
        self._addresses = [*ends, 0, SPACE - 1, SPACE - 4]

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
            slot = self._any_of(self._slots or [2 * block.size])
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

    def _any_of(self, several: Sequence[One]) -> One:
        """Nothing is drawn where there is nothing to choose: what is drawn after it stays the same."""
        return several[0] if len(several) == 1 else self._chance.choice(several)

    def _matches(self, clients: Clients) -> bool:
        return bool(clients.prepared) and self._chance.random() < 0.6

    def _size(self, clients: Clients) -> int:
        kind = self._chance.random()
        if kind < 0.05:
            return 0
        if kind < 0.2:
            return self._largest
        if kind < 0.7 or self._modest:
            return self._chance.randint(1, self._largest)
        if kind < 0.85:
            return self._chance.choice(self._sizes)
        top = max((block.end for block in clients.live), default=self._module.pool.base)
        return max(0, self._module.pool.end - top + self._chance.choice([-4, -1, 0, 1, 4]))

    def _anything(self, name: str, clients: Clients) -> int:
        match name:
            case "old" | "pointer" | "mark":
                pool = self._any_of(self._module.pools)
                inside = pool.base + self._chance.randrange(pool.size + 8)
                ends = [block.end for block in clients.live]
                return self._chance.choice([*self._addresses, inside, *ends, *clients.marks, *clients.starts])
            case "align":
                return self._chance.choice(
                    [0, 3, 4, 6, 16, 32, SPACE // 2, SPACE - 256 * self._chance.randrange(1, 17)]
                )
            case "index":
                return self._chance.choice(
                    [self._chance.randrange(17), SPACE // 2, SPACE - 1 - self._chance.randrange(128)]
                )
            case _:
                size = self._size(clients)
                return self._chance.choice([size, (SPACE - size) % SPACE, SPACE // 2, self._chance.randrange(SPACE)])


class Script:
    """Makes the calls that it is given, each an export and its arguments."""

    def __init__(self, module: PoolModule, calls: list[list[Any]]) -> None:
        roles = {role.export: role for role in module.roles}
        made = [(roles[export], arguments) for export, *arguments in calls]
        self._calls = [Call(role, dict(zip(role.parameters, given, strict=True))) for role, given in made]

    def next(self, _: Clients) -> Call | None:
        return self._calls.pop(0)


class SmallCalls:
    """Each sequence of a few kinds of careful calls, one after the other: `advance` goes on to the next."""

    def __init__(self, module: PoolModule) -> None:
        self._module = module
        self._choices: list[int] = []
        self._widths: list[int] = []
        self._at = 0

    def next(self, clients: Clients) -> Call | None:
        calls = list(self._calls(clients))
        if self._at == len(self._choices):
            self._choices.append(0)
            self._widths.append(len(calls))
        self._at += 1
        return calls[self._choices[self._at - 1]]

    def advance(self) -> bool:
        """Whether there is another sequence."""
        self._at = 0
        while self._choices:
            self._choices[-1] += 1
            if self._choices[-1] < self._widths[-1]:
                return True
            self._choices.pop()
            self._widths.pop()
        return False

    def _calls(self, clients: Clients) -> Iterator[Call]:
        for role in self._module.roles:
            match role.kind:
                case "allocate":
                    yield from self._allocations(role, clients)
                case "release":
                    for block in dict.fromkeys([*clients.live[:1], *([] if role.in_order else clients.live[-1:])]):
                        given = {"pointer": block.start, "size": block.size}
                        yield Call(role, {name: given[name] for name in role.parameters})
                case "reset":
                    for mark in dict.fromkeys(clients.marks):
                        yield Call(role, dict.fromkeys(role.parameters, mark))
                case "mark":
                    yield Call(role, {})
                case "prepare":
                    yield Call(role, {"size": 8})
                case "access":
                    for index in (0, (role.indices or 1) - 1):
                        yield Call(role, {"index": index, "value": 1})
                case other:
                    raise ValueError(f"{self._module.file}: no role {other}")

    def _allocations(self, role: Role, clients: Clients) -> Iterator[Call]:
        elements = [one.element or one.size // 2 for one in self._module.pools]
        for size, align in ((1, 1), (8, 8), *((element, 4) for element in elements)):
            given = {"old": 0, "old_size": 0, "align": align, "size": size, "count": size // role.unit + 1, "index": 0}
            yield Call(role, {name: given[name] for name in role.parameters})
            if not set(role.parameters) & {"size", "count"}:
                return
        if "old" in role.parameters and clients.live:
            old = clients.live[-1]
            yield Call(role, {"old": old.start, "old_size": old.size, "align": old.align, "size": old.size + 4})

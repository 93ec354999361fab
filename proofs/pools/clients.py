"""Who calls the exports of a pool in a trial: careful clients and a host that conforms, or one that does what it likes.

What is chosen depends on nothing but the pool, the numbers of its code, and the number of the life.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from proofs.pools.oracle import ADDRESSES, Block, Oracle, role_of
from smt_models.pools.pool import ALIGNMENTS, MOST_BYTES, Host, Pool

FEW, MOST_CALLS, VERY_MANY = 8, 40, 1000
LONG_LIVES = range(200, 206)
"""In these nearly all room is always taken, for so many calls that small counters wrap."""
GROWING = 5
"""In one life in so many, small blocks take nearly all room, and then they grow, one after the other."""


class Clients:
    """`exports`: of each, what its parameters are and how many bits they have. `numbers`: of the code."""

    def __init__(
        self,
        pool: Pool,
        host: Host,
        exports: Mapping[str, Sequence[tuple[str, int]]],
        numbers: tuple[int, ...],
        life: int,
    ) -> None:
        self._pool = pool
        self._chance = chance = random.Random(life)
        self._exports = exports
        self._roles = {name: role_of(pool, name) for name in exports}
        self._odd = 0.0 if host is Host.CONFORMING else chance.choice([0.05, 0.2, 0.5])
        self._eager = chance.choice([0.2, 0.5, 0.9])
        self._most = chance.choice([1, 2, 4, 1000, 1000])
        self._parts = parts = pool.parts
        near = [
            *(size for part in parts for size in (part.size, part.element or part.size // 8)),
            pool.budget or pool.size,
            1 << 16,
            *numbers,
        ]
        self._edges = [one + step for one in near for step in (-8, -4, -1, 0, 1, 4) if 0 < one + step <= MOST_BYTES]
        of_parts = ([part.element or 64, part.size // 4, part.size // 2 + 1, part.size] for part in parts)
        self._usual = chance.choice([8, 24, *(size for sizes in of_parts for size in sizes)])
        self._modest = chance.random() < 0.6
        self._grows = chance.choice([0.0, 0.2, 0.4])
        ends = ((part.base, part.base - 1, part.end, part.end - 1) for part in parts)
        self._named = [*(place for places in ends for place in places), *numbers]
        self._used: list[int] = []
        rooms = [max(1, part.size // (part.element or max(1, part.size // FEW))) for part in parts]
        self._room = sum(rooms)
        filled = rooms[0] if len(parts) == 1 else chance.choice(rooms)
        self._growing_from = filled - chance.randrange(3) if life % GROWING == GROWING - 1 else None
        self.calls = VERY_MANY if life in LONG_LIVES else MOST_CALLS
        if life in LONG_LIVES:
            self._odd, self._most = 0.0, max(1, self._room - 1 - life % 2)

    def next(self, oracle: Oracle) -> tuple[str, list[int]] | None:
        """A call; None if nobody has a reason to make the one that was thought of."""
        chance = self._chance
        name = chance.choice(self._wanted(oracle))
        given = self._careful(name, oracle)
        if given is None and chance.random() >= self._odd:
            return None
        arguments = []
        for what, bits in self._exports[name]:
            usual = None if given is None else given.get(what)
            if usual is None or chance.random() < self._odd:
                usual = self._anything(what, name, oracle)
                if given is not None and self._growing_from is not None:
                    self._odd = 0.0  # one such argument will do, and others would end it
            arguments.append(usual % (1 << bits))
        return name, arguments

    def _wanted(self, oracle: Oracle) -> list[str]:
        """Blocks are asked for until there are enough."""
        by_role: dict[str, list[str]] = {"allocate": [], "release": []}
        for name, (role, _) in self._roles.items():
            by_role.setdefault(role, []).append(name)
        if by_role["release"] and len(oracle.blocks) >= self._most:
            return by_role["release"]
        return by_role["allocate"] if by_role["allocate"] and self._chance.random() < self._eager else [*self._exports]

    def _careful(self, name: str, oracle: Oracle) -> dict[str, int] | None:
        """Arguments by what they are; of the others anything will do."""
        chance = self._chance
        match self._roles[name][0]:
            case "allocate":
                return self._request(oracle)
            case "release" if not oracle.blocks:
                return None
            case "release":
                block = chance.choice(oracle.blocks)
                return {"pointer": block.at, "size": block.size}
            case "reset" if not oracle.marks and self._pool.mark:
                return None
            case "reset":
                return {"mark": chance.choice(sorted(oracle.marks or {self._pool.base}))}
            case _:
                return {}

    def _request(self, oracle: Oracle) -> dict[str, int]:
        chance = self._chance
        if self._growing_from is not None:
            return self._grown(oracle, self._growing_from)
        fresh = {"old": 0, "old_size": 0, "align": chance.choice(ALIGNMENTS), "size": self._size(oracle)}
        if not oracle.blocks or chance.random() >= self._grows:
            return fresh
        block: Block = chance.choice(oracle.blocks)
        more = () if self._modest else (block.size + 1, block.size + 40, 2 * block.size)
        size = max(1, chance.choice([block.size - 4, block.size, fresh["size"], *more]))
        return {**fresh, "old": block.at, "old_size": block.size, "size": size % (MOST_BYTES + 1)}

    def _grown(self, oracle: Oracle, enough: int) -> dict[str, int]:
        if len(oracle.blocks) < enough:
            return {"old": 0, "old_size": 0, "align": 1, "size": 1}
        block = min(oracle.blocks, key=lambda one: one.size)
        if len(self._parts) > 1:  # the youngest may grow as well, and what is barely too large for a class be asked for
            block = self._chance.choice([block, oracle.blocks[-1]])
            if self._chance.random() < 0.5:
                edge = self._chance.choice([part.element or self._usual for part in self._parts])
                return {"old": 0, "old_size": 0, "align": 1, "size": edge + 1}
        most = max(part.element or self._usual for part in self._parts)
        return {"old": block.at, "old_size": block.size, "align": 1, "size": most}

    def _size(self, oracle: Oracle) -> int:
        chance = self._chance
        top = max((one.at + one.size for one in oracle.blocks), default=self._pool.base)
        kind = chance.random()
        if kind < 0.05:
            return 0
        if self._modest:
            return chance.choice([chance.randint(1, self._usual), self._usual])
        if kind < 0.3 and self._used:
            return chance.choice(self._used)
        if kind < 0.7:
            return chance.randint(1, self._usual)
        if kind < 0.8:
            return self._usual
        if kind < 0.9:
            return chance.choice(self._edges)
        end = min((part.end for part in self._parts if part.end >= top), default=self._pool.end)
        return max(0, end - top + chance.choice([-4, -1, 0, 1, 4])) % (MOST_BYTES + 1)

    def _anything(self, what: str, name: str, oracle: Oracle) -> int:
        chance = self._chance
        role = self._roles[name][1]
        indices = None if role is None else role.indices
        match what:
            case "old" | "pointer" | "mark":
                part = self._parts[0] if len(self._parts) == 1 else chance.choice(self._parts)
                inside = part.base + chance.randrange(part.size + 8)
                held = [place for one in oracle.blocks for place in (one.at, one.at + one.size)]
                return chance.choice([*self._named, inside, inside, *held, *oracle.marks])
            case "align":
                return chance.choice([0, 3, 4, 6, 16, 32, ADDRESSES // 2, ADDRESSES - 256 * chance.randrange(1, 17)])
            case "index":
                beyond = [chance.randrange(17), ADDRESSES // 2, ADDRESSES - 1 - chance.randrange(128)]
                return chance.randrange(indices) if indices and not self._odd else chance.choice(beyond)
            case _:
                size = self._size(oracle)
                self._used.append(min(size, MOST_BYTES))
                return chance.choice([size, size, ADDRESSES - size, ADDRESSES // 2]) if self._odd else size

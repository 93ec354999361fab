"""What runs of a mutant show, without any prover: the clients of tests/pool_model.py, called upon by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pool_callers import RandomCaller, Script, SmallCalls
from pool_corpus import Host, PoolModule
from pool_model import Call, Outcome, Returned
from pool_runs import DEPTH, FUEL, Caller, run

ASTRAY = "astray"
"""A call wrote where nothing of the allocator's is, or into a live block: maybe a sign of something."""
PATIENCE = 2_000_000_000
"""Fuel after which a call is said to have no end, some seconds."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The last of the calls breaks the obligation, and none before breaks any; `strayed`: one before went astray.
    `places`: the bytes outside of all static objects that went astray, in whatever run.
    """

    calls: tuple[Call, ...]
    strayed: bool
    places: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[bool, int]:
        return self.strayed, len(self.calls)

    def __str__(self) -> str:
        return " ".join(map(str, self.calls)) + (", astray before" if self.strayed else "")


def watched(module: PoolModule, host: Host, chance: random.Random, lives: int) -> dict[str, Sight]:
    """The least sight of each obligation that is broken, and of a call that goes astray."""
    found: dict[str, Sight] = {}

    def note(caller: Caller, length: int) -> None:
        for what, sight in _sights(module, caller, length):
            best = min(sight, found.get(what, sight), key=lambda one: one.rank)
            found[what] = replace(best, places=sight.places | found.get(what, sight).places)

    small = SmallCalls(module)
    note(small, DEPTH)
    while small.advance():
        note(small, DEPTH)
    for _ in range(lives):
        note(RandomCaller(module, host, chance), module.calls)
    return found


def _sights(module: PoolModule, caller: Caller, length: int, fuel: int = FUEL) -> Iterator[tuple[str, Sight]]:
    """Of one life of an instance, up to what first breaks an obligation."""
    calls: list[Call] = []
    strayed = False
    for call, outcome, broken in run(module, caller, length, ASTRAY, fuel):
        calls.append(call)
        for what in broken:
            places = _outside(module, outcome) if what == ASTRAY else frozenset[int]()
            yield what, Sight(tuple(calls), strayed, places)
        if broken - {ASTRAY}:
            return
        strayed = strayed or bool(broken)


def _outside(module: PoolModule, outcome: Outcome) -> frozenset[int]:
    """The bytes that changed and belong to no static object."""
    assert isinstance(outcome, Returned)
    own = [range(one.base, one.end) for one in (*module.pools, *module.others)]
    pairs = enumerate(zip(outcome.before, outcome.after, strict=True))
    return frozenset(place for place, (old, new) in pairs if old != new and not any(place in each for each in own))


def shown(module: PoolModule, calls: list[list[object]], fuel: int = PATIENCE) -> dict[str, Sight]:
    """What the last of the calls breaks, each an export and its arguments; nothing if one before breaks something."""
    sights = _sights(module, Script(module, calls), len(calls), fuel)
    return {what: sight for what, sight in sights if len(sight.calls) == len(calls)}

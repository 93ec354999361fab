"""Mutants of right allocators: what runs of them show is compared with what is proved and refuted of them."""

from __future__ import annotations

import random
import re
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pool_corpus import HOSTS, MODULES, Host, PoolModule, calls_of_module, pool_of, verdicts_of

import smt_models.pools.pool as pools
from proofs.pool_verdicts import Replayed
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from random_pools.follow import unfollowed
from random_pools.mutants import mutant
from random_pools.watch import ASTRAY, Sight, shown, watched
from smt_models.pools.calls import NoModel
from smt_models.pools.model import model_of
from smt_models.system.terms import Literal

INDEX = "index-in-bounds"
RIGHT = tuple(file for file, entry in MODULES.items() if "twin_of" not in entry)
LATE = 20.0
"""Seconds beyond its budget that a verdict may take: what the solver was last asked, and the last run."""
_CALL = re.compile(r"(.+)\((.*)\)")


@dataclass(frozen=True, slots=True)
class Case:
    """A mutant on file under one host, and what runs of it showed."""

    module: PoolModule
    host: Host
    texts: tuple[str, ...]
    seen: dict[str, Sight]

    def __str__(self) -> str:
        return f"{self.module.file}, host={self.host}: {'; '.join(self.texts)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict that is wrong, or may be. `sure`: no reading is needed to say so."""

    what: str
    case: Case
    why: str
    sure: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.case}\n    {self.why}"


@dataclass(slots=True)
class Tally:
    mutants: int = 0
    broken: int = 0
    """Pairs of mutant and host of which runs broke something."""
    followed: int = 0
    asked: int = 0
    compared: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, verdicts: dict[str, Verdict]) -> None:
        self.asked += 1
        for one in verdicts.values():
            name = type(one).__name__.lower()
            self.compared[name] = self.compared.get(name, 0) + 1

    def __str__(self) -> str:
        verdicts = ", ".join(f"{count} {name}" for name, count in sorted(self.compared.items()))
        sure = sum(one.sure for one in self.findings)
        return (
            f"{self.mutants} mutants; runs broke something in {self.broken} of {2 * self.mutants} cases; "
            f"the model of {self.followed} held to runs; {self.asked} cases asked: {verdicts or 'nothing'}; "
            f"{sure} wrong, {len(self.findings) - sure} to be read"
        )


def cases(right: PoolModule, chance: random.Random, folder: Path, lives: int) -> Iterator[Case]:
    """A mutant of a right allocator, towards each host; none if what came of it is no module."""
    made = mutant(right.path.read_bytes(), chance)
    if made is not None:
        path = folder / f"mutant_{right.path.name}"
        path.write_bytes(made.data)
        yield from towards(replace(right, path=path), made.texts, chance, lives)


def towards(module: PoolModule, texts: tuple[str, ...], chance: random.Random, lives: int) -> Iterator[Case]:
    """The module towards each host."""
    for host in HOSTS:
        yield Case(module, host, texts, watched(module, host, chance, lives))


def asked(case: Case, seconds: int) -> tuple[dict[str, Verdict], list[Finding]]:
    """What is said of the obligations that runs broke, of indices if they only went astray, and else of all."""
    broken = case.seen.keys() - {ASTRAY}
    wanted = case.module.obligations & (broken or {INDEX}) if case.seen else case.module.obligations
    started = time.monotonic()
    try:
        verdicts = verdicts_of(case.module, case.host, wanted, seconds)
        if any(isinstance(verdicts.get(kind), Proved) for kind in broken) and INDEX in case.module.obligations:
            # runs end where an index goes astray, and of loads that do none is seen from outside
            verdicts = {**verdicts_of(case.module, case.host, {INDEX}, seconds), **verdicts}
    except NoModel:
        return {}, []
    except Exception:
        return {}, [Finding("internal error", case, traceback.format_exc(limit=-12))]
    took = time.monotonic() - started
    late = [Finding("late", case, f"{took:.0f} s of {seconds:g}")] if took > seconds + LATE else []
    return verdicts, [*late, *(one for kind in verdicts for one in _judged(case, kind, verdicts))]


def followed(case: Case, chance: random.Random, lives: int) -> list[Finding]:
    """Whether the model goes with random runs."""
    pool = pool_of(case.module)
    try:
        model = model_of(pool, calls_of_module(case.module, pool), pools.Host(case.host))
        why = unfollowed(model, case.module, case.host, chance, lives)
    except (NoModel, LookupError):
        return []
    except Exception:
        return [Finding("internal error", case, traceback.format_exc(limit=-12))]
    return [] if why is None else [Finding("not followed", case, why)]


def _judged(case: Case, kind: str, verdicts: dict[str, Verdict]) -> Iterator[Finding]:
    seen = case.seen.get(kind)
    match verdicts[kind]:
        case Proved() | Vacuous() as said if seen is not None:
            name = type(said).__name__.lower()
            if not _confirmed(case, kind, seen):
                return
            open_ = isinstance(verdicts.get(INDEX), Refuted | Unknown)
            yield Finding(f"{name}, and broken", case, f"{kind}: {seen}", sure=not open_)
        case Proved() if (
            kind == INDEX and ASTRAY in case.seen and case.seen[ASTRAY].places - _at_constants(case.module)
        ):
            yield Finding("proved, and astray", case, f"{kind}: {case.seen[ASTRAY]}", sure=False)
        case Refuted(Violation(trace, Replayed())):
            calls = [_call(step.action) for step in trace.steps]
            if not {kind, ASTRAY if kind == INDEX else kind} & shown(case.module, calls).keys():
                yield Finding("refuted, and not seen", case, f"{kind}: {calls}", sure=False)
        case Refuted():
            yield Finding("refuted, and not confirmed", case, kind)
        case _:
            pass


def _at_constants(module: PoolModule) -> set[int]:
    """The bytes that calls store to at a known address: by the words of docs/pools.md no index leads there."""
    writes = (one for call in calls_of_module(module, pool_of(module)).calls for one in call.execution.writes)
    known = ((one.address, one.size) for one in writes if one.memory == 0)
    found: set[int] = set()
    for address, size in known:
        if isinstance(address, Literal) and isinstance(size, Literal):
            found |= {*range(int(address.value), int(address.value) + int(size.value))}
    return found


def _confirmed(case: Case, kind: str, seen: Sight) -> bool:
    """Seen again with far more time for each call."""
    calls: list[list[object]] = [[one.role.export, *one.arguments.values()] for one in seen.calls]
    return kind in shown(case.module, calls)


def _call(action: str) -> list[object]:
    found = _CALL.fullmatch(action)
    assert found is not None, action
    return [found[1], *(int(one) for one in found[2].split(", ") if one)]

"""A sequence of calls run on the very bytes under proof, in a child process that ends with its budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from proofs.pool_run import LiveBlock, NamedCell, PoolMoment, PoolRun
from proofs.pool_verdicts import AreaFact, PoolFact, Replayed, RoleFact, TableFact
from proofs.pools.bounded import CallMade, Route
from proofs.pools.oracle import role_of
from proofs.verdicts import NotConfirmed
from smt_models.pools.calls import Call
from smt_models.pools.model import PoolModel
from smt_models.pools.pool import Pool
from smt_models.pools.requests import ANY_NUMBER, parameters_of
from smt_models.pools.shapes import constants_of
from smt_models.system.terms import Literal
from smt_models.wasm.build import width_of

_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class Played:
    """The calls were made and broke what they were to break: what was `seen`, and what they did to the pool."""

    seen: str
    replayed: Replayed
    run: PoolRun


def replay(path: str, sha256: str, model: PoolModel, route: Route, seconds: float) -> Played | NotConfirmed:
    """Whether the calls of the route break its kind, and nothing else before."""
    if seconds <= 0:
        return NotConfirmed("the budget for replay is zero")
    calls = [{"name": one.name, "arguments": one.arguments} for one in route.calls]
    # what the solver found are calls that the model follows, with all that they write to
    known = {"all_known": True} if route.values else {}
    task = {**_module(path, sha256, model), **known, "kind": route.kind, "calls": calls, "seconds": seconds}
    match _answer(task, seconds + 5):
        case {"confirmed": str(how), "seen": str(seen), "cells": list(cells), "moments": list(moments)}:
            named = tuple(NamedCell(**one) for one in cells)
            states = tuple(map(_moment, moments))
            roles = tuple(_role(model, name) for name in dict.fromkeys(one.name for one in route.calls))
            run = PoolRun(fact_of(model.pool), named, states, host=model.host.value, roles=roles)
            return Played(seen, Replayed(how), run)
        case {"not": str(why)}:
            return NotConfirmed(why)
        case str(why):
            return NotConfirmed(why)
        case _:
            return NotConfirmed("the process that runs the module gave no answer that is known")


def fact_of(pool: Pool) -> PoolFact:
    tables = tuple(TableFact(one.name, one.base, one.size, one.element) for one in pool.tables)
    also = tuple(AreaFact(one.name, one.base, one.size, one.element) for one in pool.also)
    return PoolFact(pool.name, pool.base, pool.size, pool.element, pool.alignment, pool.budget, tables, also)


def _role(model: PoolModel, export: str) -> RoleFact:
    """With what each of its parameters is, as its callers know it."""
    call = next(one for one in model.calls.calls if one.name == export)
    name, role = role_of(model.pool, export)
    return RoleFact(export, name, tuple(_names(model, call)), role.indices if role else None, role.unit if role else 1)


def _moment(said: dict[str, Any]) -> PoolMoment:
    """What `dataclasses.asdict` made of a moment."""
    blocks = tuple(LiveBlock(**one) for one in said["blocks"])
    broken = None if said["broken"] is None else (said["broken"][0], said["broken"][1])
    return PoolMoment(blocks, tuple(said["values"]), said["returned"], broken)


def tried(path: str, sha256: str, model: PoolModel, kinds: tuple[str, ...], lives: int, seconds: float) -> list[Route]:
    """Calls that break some of the kinds, found by calling the module in so many ways: each to be replayed."""
    exports = {}
    for call in model.calls.calls:
        of = [one for one in call.execution.start.arguments if one is not None]
        exports[call.name] = list(zip(_names(model, call), map(width_of, of), strict=True))
    more = {"kinds": kinds, "lives": lives, "numbers": constants_of(model), "exports": exports, "seconds": seconds}
    match _answer({**_module(path, sha256, model), **more}, seconds + 5):
        case {"found": dict(found)}:
            return [
                Route(kind, tuple(CallMade(one["name"], tuple(one["arguments"]), None) for one in calls))
                for kind, calls in found.items()
            ]
        case _:
            return []


def _names(model: PoolModel, call: Call) -> list[str]:
    """What each argument is."""
    known = {argument: name for name, argument in parameters_of(model.pool, call).items()}
    return [known.get(one, ANY_NUMBER) for one in call.execution.start.arguments if one is not None]


def _module(path: str, sha256: str, model: PoolModel) -> dict[str, Any]:
    return {
        "path": path,
        "sha256": sha256,
        "pool": asdict(model.pool),
        "host": model.host.value,
        "parameters": {call.name: _names(model, call) for call in model.calls.calls},
        "metadata": [*_metadata(model)],
        "all_known": all(call.execution.all_stores_seen for call in model.calls.calls),
    }


def _metadata(model: PoolModel) -> Iterator[tuple[int, int]]:
    """First and last address of each cell; and of what calls store to at a known address, and none loads."""
    cells = [(cell.address, cell.end - 1) for cell in model.calls.layout.cells]
    known = [*cells, *((part.base, part.end - 1) for part in model.pool.parts)]
    written = {
        (int(one.address.value), int(one.address.value) + int(one.size.value) - 1)
        for call in model.calls.calls
        for one in call.execution.writes
        if one.memory == 0 and isinstance(one.address, Literal) and isinstance(one.size, Literal)
    }
    yield from cells
    yield from sorted(one for one in written if not any(first <= one[0] and one[1] <= last for first, last in known))


def _answer(task: dict[str, Any], seconds: float) -> Any:
    """What the process said, or why it said nothing."""
    paths = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "proofs.pools.replay_child"],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": paths},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"the run did not end in {seconds:g} s"
    try:
        return json.loads(done.stdout)
    except ValueError:
        return f"the process that runs the module ended with status {done.returncode}"

"""The process in which the module runs: a task as JSON on standard input, the answer on standard output.

It is either to make the calls that it is given, or to look for calls that break something.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from dataclasses import asdict
from itertools import combinations
from typing import Any

import wasmtime

from extract.subject import read_subject
from proofs.pools.clients import Clients
from proofs.pools.instance import Factory, PoolInstance
from proofs.pools.oracle import Fault
from smt_models.pools.pool import Array, Host, Pool, Role

_CALL_SECONDS, _TRIAL_SECONDS = 2.0, 0.1
Call = dict[str, Any]


def main() -> None:
    task = json.load(sys.stdin)
    print(json.dumps(_answer(task)))


def _answer(task: dict[str, Any]) -> dict[str, Any]:
    subject = read_subject(task["path"])
    if subject.sha256 != task["sha256"]:
        return {"not": "the file is no longer the one under proof: its SHA-256 has changed"}
    try:
        run = _Run(Factory(subject, float(task["seconds"])), task)
        run.instance(_CALL_SECONDS)
    except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
        return {"not": f"the module cannot be instantiated with stand-ins for its imports: {str(error)[:200]}"}
    return run.play(task["calls"], task["kind"]) if "calls" in task else run.tried(task)


def pool_of(given: dict[str, Any]) -> Pool:
    """What `dataclasses.asdict` made of a pool."""
    roles = {
        name: tuple(
            Role(**{**one, "parameters": None if one["parameters"] is None else tuple(one["parameters"])})
            for one in given[name]
        )
        for name in ("allocate", "release", "reset", "mark", "access")
    }
    exports = None if given["exports"] is None else tuple(given["exports"])
    tables = tuple(Array(**one) for one in given["tables"])
    return Pool(**{**given, **roles, "tables": tables, "exports": exports})


class _Run:
    def __init__(self, factory: Factory, task: dict[str, Any]) -> None:
        self._factory = factory
        self._pool = pool_of(task["pool"])
        self._host = Host(task["host"])
        self._names = {name: tuple(names) for name, names in task["parameters"].items()}
        self._metadata = tuple((first, last) for first, last in task["metadata"])

    def instance(self, seconds: float) -> PoolInstance:
        return PoolInstance(self._factory, self._pool, self._host, self._names, self._metadata, seconds)

    def play(self, calls: list[Call], kind: str) -> dict[str, Any]:
        instance = self.instance(_CALL_SECONDS)
        moments = [instance.moment(None)]
        for number, call in enumerate(calls, 1):
            last = number == len(calls)
            text = f"{call['name']}({', '.join(map(str, call['arguments']))})"
            found, seen = instance.call(call["name"], call["arguments"])
            moments.append(instance.moment(found.get(kind)))
            if kind in found and (last or len(found) == 1):
                how = f"call {number}, {text}: {found[kind].text}; {self._how()}"
                cells = [asdict(one) for one in instance.cells()]
                return {
                    "confirmed": how,
                    "seen": found[kind].text,
                    "cells": cells,
                    "moments": [asdict(one) for one in moments],
                }
            if found:
                broken, what = next(iter(found.items()))
                return {"not": f"call {number}, {text}, breaks {broken} first: {what.text}"}
            if seen:
                return {"not": f"call {number}, {text}: {seen}"}
        return {"not": f"the module was called so, and {kind} was not broken"}

    def _how(self) -> str:
        stand_ins = self._factory.stand_ins
        more = f"; stand-ins for {stand_ins} imports" if stand_ins else ""
        return f"wasmtime {importlib.metadata.version('wasmtime')}, the file's own code{more}"

    # Trials

    def tried(self, task: dict[str, Any]) -> dict[str, Any]:
        """Calls that break something, for each kind wanted that was broken before the lives, or the time, were over."""
        until = time.monotonic() + float(task["seconds"]) / 2
        wanted = set(task["kinds"])
        best: dict[str, list[Call]] = {}
        for life in range(task["lives"]):
            if time.monotonic() > until or wanted <= best.keys():
                break
            calls, found = self._life(task, life)
            for kind in wanted & found.keys():
                if kind not in best or len(calls) < len(best[kind]):
                    best[kind] = calls
        return {"found": {kind: self._shortened(calls, kind, until) for kind, calls in best.items()}}

    def _life(self, task: dict[str, Any], life: int) -> tuple[list[Call], dict[str, Fault]]:
        instance = self.instance(_TRIAL_SECONDS)
        clients = Clients(self._pool, self._host, task["exports"], tuple(task["numbers"]), life)
        calls: list[Call] = []
        for _ in range(clients.calls):
            made = clients.next(instance.oracle)
            if made is None:
                continue
            name, arguments = made
            calls.append({"name": name, "arguments": arguments})
            found, seen = instance.call(name, arguments)
            if found or seen:
                return calls, found
        return calls, {}

    def _shortened(self, calls: list[Call], kind: str, until: float) -> list[Call]:
        """Without the calls that it breaks without; two at a time, too: a block that is taken, and given up."""
        while (less := self._less(calls, kind, until)) is not None:
            calls = less
        return calls

    def _less(self, calls: list[Call], kind: str, until: float) -> list[Call] | None:
        for number in (1, 2):
            for left_out in combinations(range(len(calls) - 1), number):
                if time.monotonic() > until:
                    return None
                less = [call for place, call in enumerate(calls) if place not in left_out]
                if self._breaks(less, kind):
                    return less
        return None

    def _breaks(self, calls: list[Call], kind: str) -> bool:
        """Whether the last call, and none before, does."""
        instance = self.instance(_TRIAL_SECONDS)
        for call in calls[:-1]:
            if any(instance.call(call["name"], call["arguments"])):
                return False
        return kind in instance.call(calls[-1]["name"], calls[-1]["arguments"])[0]


if __name__ == "__main__":
    main()

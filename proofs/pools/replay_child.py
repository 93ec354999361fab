"""The process in which the module runs: a task as JSON on standard input, the answer on standard output.

It is either to make the calls that it is given, or to look for calls that break something.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from dataclasses import asdict
from itertools import combinations, zip_longest
from typing import Any

import wasmtime

from extract.subject import read_subject
from proofs.pools.cell_names import cells_of
from proofs.pools.clients import Clients
from proofs.pools.instance import Factory, PoolInstance
from proofs.pools.oracle import Fault, role_of
from smt_models.pools import conditions as c
from smt_models.pools.pool import Area, Array, Host, Pool, Role

_CALL_SECONDS, _TRIAL_SECONDS = 2.0, 0.1
_FEW_CALLS = 40
_PLACES = ("old", "pointer", "mark")
"""Parameters that are what an earlier call returned."""
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
    also = tuple(Area(**one) for one in given["also"])
    return Pool(**{**given, **roles, "tables": tables, "exports": exports, "also": also})


class _Run:
    def __init__(self, factory: Factory, task: dict[str, Any]) -> None:
        self._factory = factory
        self._pool = pool_of(task["pool"])
        self._host = Host(task["host"])
        self._names = {name: tuple(names) for name, names in task["parameters"].items()}
        self._metadata = tuple((first, last) for first, last in task["metadata"])
        self._all_known = bool(task["all_known"])

    def instance(self, seconds: float) -> PoolInstance:
        known = (self._metadata, self._all_known)
        return PoolInstance(self._factory, self._pool, self._host, self._names, *known, seconds)

    def play(self, calls: list[Call], kind: str) -> dict[str, Any]:
        instance = self.instance(_CALL_SECONDS)
        moments = [instance.moment(None)]
        for number, call in enumerate(calls, 1):
            last = number == len(calls)
            text = f"{call['name']}({', '.join(map(str, call['arguments']))})"
            found, seen = instance.call(call["name"], call["arguments"])
            moments.append(instance.moment(found.get(kind)))
            if kind in found and (last or len(found) == 1):
                seen = found[kind].text + self._hint(kind, calls)
                how = f"call {number}, {text}: {seen}; {self._how()}"
                cells = [asdict(one) for one in cells_of(instance)]
                return {
                    "confirmed": how,
                    "seen": seen,
                    "cells": cells,
                    "moments": [asdict(one) for one in moments],
                }
            if found:
                broken, what = next(iter(found.items()))
                return {"not": f"call {number}, {text}, breaks {broken} first: {what.text}"}
            if seen:
                return {"not": f"call {number}, {text}: {seen}"}
        return {"not": f"the module was called so, and {kind} was not broken"}

    def _hint(self, kind: str, calls: list[Call]) -> str:
        """Who gives blocks up is nobody's to guess: without a role an export does not."""
        others = dict.fromkeys(call["name"] for call in calls if role_of(self._pool, call["name"])[0] == "other")
        if kind != c.DISJOINT or not others:
            return ""
        return f"; should {' or '.join(others)} give blocks up, `release` in a manifest says so"

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
            found, seen = instance.call(name, arguments)
            calls.append({"name": name, "arguments": arguments, "returned": instance.returned})
            if found or seen:
                return calls, found
        return calls, {}

    def _shortened(self, calls: list[Call], kind: str, until: float) -> list[Call]:
        """Without the calls that it breaks without; of few, two at a time, too: a block that is taken, and given up."""
        place = 0
        while place < len(calls) - 1 and time.monotonic() < until:
            less = self._breaking(calls[:place] + calls[place + 1 :], kind)
            calls, place = (calls, place + 1) if less is None else (less, place)
        if len(calls) > _FEW_CALLS:
            return calls
        for pair in combinations(range(len(calls) - 1), 2):
            if time.monotonic() > until:
                break
            less = self._breaking([call for at, call in enumerate(calls) if at not in pair], kind)
            if less is not None:
                return self._shortened(less, kind, until)
        return calls

    def _breaking(self, calls: list[Call], kind: str) -> list[Call] | None:
        """The calls, if the last, and none before, breaks it: each with the places that blocks and marks now have."""
        instance = self.instance(_TRIAL_SECONDS)
        now: dict[int, int] = {}
        made: list[Call] = []
        for place, call in enumerate(calls):
            names = self._names.get(call["name"], ())
            arguments = zip_longest(names[: len(call["arguments"])], call["arguments"])
            given = [now.get(value, value) if name in _PLACES else value for name, value in arguments]
            found, seen = instance.call(call["name"], given)
            made.append({"name": call["name"], "arguments": given, "returned": instance.returned})
            if place + 1 == len(calls):
                return made if kind in found else None
            if found or seen:
                return None
            if call["returned"] is not None and instance.returned is not None:
                now[call["returned"]] = instance.returned
        return None


if __name__ == "__main__":
    main()

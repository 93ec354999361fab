"""Random modules: proofs against a hostile host in wasmtime, closed sets against the checker and the plain rules.

PROOFMARK_FUZZ_ROUNDS: how many modules (the suite tries few). PROOFMARK_FUZZ_SEED: where to begin.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from random import Random

import pytest
import wasmtime
from random_modules import SEED, SIZE, RandomModule, Rules, random_module, text

from proofmark.job import Job, Outcome, prove_file
from proofs.recheck import Accepted, Rejected, recheck
from proofs.verdicts import ClosedSet, Kind, Proved, Refuted, Unknown, Vacuous

ROUNDS = int(os.environ.get("PROOFMARK_FUZZ_ROUNDS", "800"))
FIRST_SEED = int(os.environ.get("PROOFMARK_FUZZ_SEED", "20261121"))
KINDS = (Kind.MODULE_NO_GROW, Kind.REALLOC_NO_GROW)
BATCHES = 5


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_modules(batch: int, tmp_path: Path) -> None:
    seen: dict[str, int] = {}
    for seed in range(FIRST_SEED + batch, FIRST_SEED + ROUNDS, BATCHES):
        print(f"seed {seed}")  # shown if it fails
        random = Random(seed)
        module = random_module(random)
        for what in _compare(module, random, tmp_path / f"{seed}.wasm"):
            seen[what] = seen.get(what, 0) + 1
    print(f"seeds {FIRST_SEED} and on: {dict(sorted(seen.items()))}", file=sys.stderr)


def _compare(module: RandomModule, random: Random, path: Path) -> list[str]:
    path.write_bytes(wasmtime.wat2wasm(text(module)))
    outcomes = dict(zip(KINDS, prove_file(Job(str(path), KINDS, replay_seconds=0)), strict=True))
    rules = Rules(module)
    roots = {Kind.MODULE_NO_GROW: rules.entries(), Kind.REALLOC_NO_GROW: rules.reallocs()}
    proved = []
    found = []
    for kind, outcome in outcomes.items():
        verdict = outcome.result.verdict
        found.append(f"{kind.value} {type(verdict).__name__}")
        expected = rules.reach(roots[kind])
        defined = {index for index in expected.reached if module.host is None or index}
        match verdict:
            case Proved(ClosedSet() as closed):
                assert not expected.grows
                assert not expected.unseen
                assert {i for _, spans in closed.members for a, b in spans for i in range(a, b + 1)} == defined
                _break(outcome, random, path)
                proved.append(kind)
            case Refuted():
                assert expected.grows
            case Unknown():
                assert expected.unseen
                assert not expected.grows
            case Vacuous():
                assert not {index for index in expected.roots if module.host is None or index}
            case _:
                raise AssertionError(verdict)
    if proved:
        host_is_reached = {
            kind: any(a.id == "host-function" for a in outcomes[kind].result.verdict.assumptions)  # type: ignore[union-attr]
            for kind in proved
        }
        HostileHost(module, path.read_bytes(), random, host_is_reached).play()
    return found


def _break(outcome: Outcome, random: Random, path: Path) -> None:
    """The certificate is accepted as it is, and no more without any one member, root or assumption."""
    assert outcome.certificate is not None
    assert isinstance(recheck(outcome.certificate, path), Accepted)
    document = json.loads(outcome.certificate)
    evidence = document["evidence"]
    (instance, ranges), *none = evidence["members"]
    assert not none
    members = [index for part in ranges.split(",") for index in _span(part)]
    for left_out in random.sample(members, min(len(members), 3)):
        fewer = ",".join(str(index) for index in members if index != left_out)
        changed = {**document, "evidence": {**evidence, "members": [[instance, _joined(fewer)]] if fewer else []}}
        assert isinstance(recheck(_written(changed), path), Rejected), f"without member {left_out}"
    ((instance, ranges),) = evidence["roots"]
    roots = [index for part in ranges.split(",") for index in _span(part)]
    for left_out in roots:
        fewer = ",".join(str(index) for index in roots if index != left_out)
        changed = {**document, "evidence": {**evidence, "roots": [[instance, _joined(fewer)]] if fewer else []}}
        assert isinstance(recheck(_written(changed), path), Rejected), f"without root {left_out}"
    for place, said in enumerate(document["assumptions"]):
        for about in said["about"] or [None]:
            rest = [one for one in said["about"] if one != about]
            assumed = [*document["assumptions"]]
            assumed[place : place + 1] = [{**said, "about": rest}] if rest else []
            assert isinstance(recheck(_written({**document, "assumptions": assumed}), path), Rejected)


def _span(part: str) -> range:
    first, _, last = part.partition("-")
    return range(int(first), int(last or first) + 1)


def _joined(indices: str) -> str:
    """Ascending indices as the ranges that the format demands."""
    spans: list[list[int]] = []
    for index in map(int, indices.split(",")):
        if spans and spans[-1][1] == index - 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    return ",".join(f"{a}-{b}" if a < b else str(a) for a, b in spans)


def _written(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.wasm_gc = True
    config.wasm_function_references = True
    config.wasm_exceptions = True
    config.wasm_tail_call = True
    config.consume_fuel = True
    config.cranelift_opt_level = "none"
    return wasmtime.Engine(config)


ENGINE = _engine()
ANY_RUN, REALLOC = Kind.MODULE_NO_GROW, Kind.REALLOC_NO_GROW


class HostileHost:
    """Calls whatever it is handed, with whatever it is handed, and puts it wherever it can: memory must not grow."""

    def __init__(self, module: RandomModule, binary: bytes, random: Random, proved: dict[Kind, bool]) -> None:
        """`proved`: what was proved, and whether under the assumption that the function of the host behaves."""
        self._module = module
        self._random = random
        self._proved = proved
        self._entered = False
        self._store = wasmtime.Store(ENGINE)
        self._store.set_fuel(20_000)
        compiled = wasmtime.Module(ENGINE, binary)
        self._known: list[wasmtime.Func] = []
        self._tables: list[wasmtime.Table] = []
        self._globals: list[wasmtime.Global] = []
        given = [self._give(declared.type) for declared in compiled.imports]
        try:
            self._instance: wasmtime.Instance | None = wasmtime.Instance(self._store, compiled, given)
        except (wasmtime.WasmtimeError, wasmtime.Trap):
            self._instance = None

    def _give(self, wanted: object) -> wasmtime.Func | wasmtime.Table:
        if isinstance(wanted, wasmtime.FuncType):
            return wasmtime.Func(self._store, wanted, self._enter)
        assert isinstance(wanted, wasmtime.TableType)
        table = wasmtime.Table(self._store, wanted, None)
        self._tables.append(table)
        return table

    def _enter(self) -> None:
        self._entered = True

    def play(self) -> None:
        if self._instance is None:
            return
        exports = self._instance.exports(self._store)
        # The Python package of wasmtime 50 ends the process over a table of objects.
        objects = {f"t{index}" for index, table in enumerate(self._module.tables) if table.objects}
        for name, item in exports.items():
            if isinstance(item, wasmtime.Func):
                self._known.append(item)
            elif isinstance(item, wasmtime.Table) and name not in objects:
                self._tables.append(item)
            elif isinstance(item, wasmtime.Global):
                self._globals.append(item)
        size, seed, realloc = exports[SIZE], exports[SEED], exports["cabi_realloc"]
        assert isinstance(size, wasmtime.Func)
        assert isinstance(seed, wasmtime.Func)
        assert isinstance(realloc, wasmtime.Func)
        self._watch(ANY_RUN, size, first=True)
        for _ in range(25):
            self._call(seed, self._random.getrandbits(16))
            self._meddle()
            self._call(self._random.choice(self._known))
            self._watch(ANY_RUN, size)
            self._call(seed, self._random.getrandbits(16))
            self._entered = False
            before = self._pages(size)
            self._call(realloc)
            if REALLOC in self._proved:
                assert self._pages(size) == before, "a realloc that was proved not to grow memory has grown it"
                assert not self._entered or self._proved[REALLOC], "the host was called without an assumption"

    def _watch(self, kind: Kind, size: wasmtime.Func, first: bool = False) -> None:
        if kind in self._proved:
            assert self._pages(size) == 1, f"memory has grown, {'at the start' if first else 'later'}"
            assert not self._entered or self._proved[kind], "the host was called without an assumption"

    def _pages(self, size: wasmtime.Func) -> int:
        self._store.set_fuel(20_000)
        return int(size(self._store))

    def _call(self, function: wasmtime.Func, argument: int | None = None) -> None:
        arguments: list[object] = []
        for parameter in function.type(self._store).params:
            if str(parameter) == "i32":
                arguments.append(self._random.choice([0, 1, 7, -1]) if argument is None else argument)
            else:
                arguments.append(self._any())
        self._store.set_fuel(20_000)
        try:
            result = function(self._store, *arguments)
        except (wasmtime.WasmtimeError, wasmtime.Trap):
            return
        if isinstance(result, wasmtime.Func):
            self._known.append(result)

    def _any(self) -> wasmtime.Func | None:
        return self._random.choice([None, *self._known])

    def _meddle(self) -> None:
        """Takes what tables and globals hold, and puts something else there."""
        holders: list[wasmtime.Table | wasmtime.Global] = [*self._tables, *self._globals]
        for holder in holders:
            try:
                if isinstance(holder, wasmtime.Table):
                    held = holder.get(self._store, self._random.randrange(4))
                    if self._random.random() < 0.5:
                        holder.set(self._store, self._random.randrange(4), self._any())
                else:
                    held = holder.value(self._store)
                    if self._random.random() < 0.5:
                        holder.set_value(self._store, self._any())
            except (wasmtime.WasmtimeError, TypeError, ValueError):
                continue  # an object: nothing that this package can take or put
            if isinstance(held, wasmtime.Func):
                self._known.append(held)

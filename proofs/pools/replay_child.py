"""The process in which the module runs: a task as JSON on standard input, the answer on standard output."""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time
from typing import Any

import wasmtime

from extract.subject import read_subject
from extract.wasm.module import ExternKind
from extract.wasm.read import read_world
from extract.wasm.world import World
from proofs.pools.oracle import Made, Oracle, role_of
from proofs.replay.copies import AddedExport, Changes, copy_module
from proofs.replay.engine import Ticker, make_engine, ticks
from proofs.replay.stand_ins import stand_in_name, stand_ins
from smt_models.pools import conditions as c
from smt_models.pools.pool import Host, Pool, Role

MEMORY = "proofmark:memory"
_CALL_SECONDS = 2.0


def main() -> None:
    task = json.load(sys.stdin)
    print(json.dumps(_answer(task)))


def _answer(task: dict[str, Any]) -> dict[str, str]:
    subject = read_subject(task["path"])
    if subject.sha256 != task["sha256"]:
        return {"not": "the file is no longer the one under proof: its SHA-256 has changed"}
    try:
        run = _Run(read_world(subject), _pool(task["pool"]), Host(task["host"]), task)
    except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
        return {"not": f"the module cannot be instantiated with stand-ins for its imports: {str(error)[:200]}"}
    return run.play(task["calls"], task["kind"])


def _pool(given: dict[str, Any]) -> Pool:
    roles = {
        name: tuple(
            Role(one["export"], None if one["parameters"] is None else tuple(one["parameters"]), one["indices"])
            for one in given[name]
        )
        for name in ("allocate", "release", "reset", "mark", "access")
    }
    exports = None if given["exports"] is None else tuple(given["exports"])
    return Pool(**{**given, **roles, "exports": exports})


class _Run:
    """One instance. Each block is filled by its client as soon as it is handed out."""

    def __init__(self, world: World, pool: Pool, host: Host, task: dict[str, Any]) -> None:
        core = world.instances[0]
        data = world.subject.data
        engine = make_engine(False)
        Ticker(engine, time.monotonic() + float(task["seconds"]))
        self._store = wasmtime.Store(engine)
        self._store.set_epoch_deadline(ticks(_CALL_SECONDS))
        changes = Changes(exports=(AddedExport(MEMORY, ExternKind.MEMORY, 0),))
        module = wasmtime.Module(engine, copy_module(data, core.module, changes))
        imports: list[Any] = []
        host_bytes = stand_ins(data, core, world.store)
        if host_bytes is not None:
            given = wasmtime.Instance(self._store, wasmtime.Module(engine, host_bytes), []).exports(self._store)
            imports = [given[stand_in_name(place)] for place in range(len(core.module.imports))]
        self._exports = wasmtime.Instance(self._store, module, imports).exports(self._store)
        memory = self._exports[MEMORY]
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory
        self._stand_ins = len(imports)
        self._pool = pool
        self._names = {name: tuple(names) for name, names in task["parameters"].items()}
        self._metadata = [(first, last) for first, last in task["metadata"]]
        self._oracle = Oracle(pool, host, tuple(self._metadata))
        self._filled = 0

    def play(self, calls: list[dict[str, Any]], kind: str) -> dict[str, str]:
        for number, call in enumerate(calls, 1):
            last = number == len(calls)
            text = f"{call['name']}({', '.join(map(str, call['arguments']))})"
            found, seen = self._call(call)
            if kind in found and (last or len(found) == 1):
                return {"confirmed": f"call {number}, {text}: {found[kind]}; {self._how()}"}
            if found:
                broken, what = next(iter(found.items()))
                return {"not": f"call {number}, {text}, breaks {broken} first: {what}"}
            if seen:
                return {"not": f"call {number}, {text}: {seen}"}
        return {"not": f"the module was called so, and {kind} was not broken"}

    def _how(self) -> str:
        more = f"; stand-ins for {self._stand_ins} imports" if self._stand_ins else ""
        return f"wasmtime {importlib.metadata.version('wasmtime')}, the file's own code{more}"

    def _call(self, call: dict[str, Any]) -> tuple[dict[str, str], str]:
        """What was broken, or else why no further call can be made."""
        name, arguments = call["name"], call["arguments"]
        role, _ = role_of(self._pool, name)
        given = dict(zip(self._names.get(name, ()), arguments, strict=False))
        if (why := self._oracle.faulty_arguments(role, given)) is not None:
            return {}, f"no conforming call: {why}"
        if role == "allocate":
            self._fill_foreign(given)
        before = self._bytes()
        pages = self._memory.size(self._store)
        result, trap = self._run(name, arguments)
        zero = role == "allocate" and given.get("old") == given.get("old_size") == given.get("size") == 0
        if trap is wasmtime.TrapCode.INTERRUPT:
            return (
                ({c.EXHAUSTION: f"it did not return in {_CALL_SECONDS:g} s"}, "")
                if role == "allocate"
                else ({}, "no end")
            )
        if trap is not None:
            return ({c.ZERO_SIZE: "nothing was asked for, and it trapped"}, "") if zero else ({}, f"it traps: {trap}")
        grew = self._memory.size(self._store) != pages
        made = Made(role, given, result, before, self._bytes(), grew)
        blocks = len(self._oracle.blocks)
        found = self._oracle.broken(made)
        if not found and len(self._oracle.blocks) >= blocks and role == "allocate" and self._oracle.blocks:
            block = self._oracle.blocks[-1]
            self._fill(block.at, block.size)
        return found, ""

    def _run(self, name: str, arguments: list[int]) -> tuple[int | None, wasmtime.TrapCode | str | None]:
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        types = [str(one) for one in function.type(self._store).params]
        signed = [_signed(value, of) for value, of in zip(arguments, types, strict=True)]
        self._store.set_epoch_deadline(ticks(_CALL_SECONDS))
        try:
            result = function(self._store, *signed)
        except wasmtime.Trap as error:
            return None, error.trap_code or error.message
        except wasmtime.WasmtimeError as error:
            return None, str(error)[:200]
        return (result % (1 << 32) if isinstance(result, int) else None), None

    def _bytes(self) -> bytes:
        return bytes(self._memory.read(self._store, 0, self._memory.data_len(self._store)))

    def _fill(self, at: int, size: int) -> None:
        """What a client writes: bytes that no other block has at that place."""
        self._filled += 1
        if at + size <= self._memory.data_len(self._store):
            pattern = bytes((37 * self._filled + 11 * place + 1) % 255 + 1 for place in range(size))
            self._memory.write(self._store, pattern, at)

    def _fill_foreign(self, given: dict[str, int]) -> None:
        """Memory that is nobody's is its owner's to fill: so that a copy of it can be seen."""
        at, size = given.get("old", 0), given.get("old_size", 0)
        known = [*self._metadata, (self._pool.base, self._pool.end - 1)]
        if size and size <= 1 << 16 and not any(at <= last and first < at + size for first, last in known):
            self._fill(at, size)


def _signed(value: int, of: str) -> int:
    width = {"i32": 32, "i64": 64}[of]
    return value - (1 << width) if value >> (width - 1) else value


if __name__ == "__main__":
    main()

"""An instance of the module under proof, called as a pool's clients call it, with every byte that is written checked.

Each block is filled by its client as soon as it is handed out.
"""

from __future__ import annotations

import time
from typing import Any

import wasmtime

from extract.subject import SubjectFile
from extract.wasm.module import ExternKind
from extract.wasm.read import read_world
from proofs.pool_run import LiveBlock, PoolMoment, block_name
from proofs.pools.oracle import Fault, Made, Oracle, role_of
from proofs.replay.copies import AddedExport, Changes, copy_module
from proofs.replay.engine import Ticker, make_engine, ticks
from proofs.replay.stand_ins import stand_in_name, stand_ins
from smt_models.pools import conditions as c
from smt_models.pools.pool import Host, Pool

MEMORY = "proofmark:memory"


class Factory:
    """The module compiled, and what is needed to make instances of it, all alike. `seconds`: after them the process
    ends. Raises wasmtime's errors.
    """

    def __init__(self, subject: SubjectFile, seconds: float) -> None:
        world = read_world(subject)
        self._core = core = world.instances[0]
        self._engine = make_engine(False)
        Ticker(self._engine, time.monotonic() + seconds)
        changes = Changes(exports=(AddedExport(MEMORY, ExternKind.MEMORY, 0),))
        self._module = wasmtime.Module(self._engine, copy_module(subject.data, core.module, changes))
        host_bytes = stand_ins(subject.data, core, world.store)
        self._host = None if host_bytes is None else wasmtime.Module(self._engine, host_bytes)
        self.stand_ins = 0 if host_bytes is None else len(core.module.imports)

    def made(self) -> tuple[wasmtime.Store, wasmtime.Instance]:
        store = wasmtime.Store(self._engine)
        store.set_epoch_deadline(ticks(1))
        imports: list[Any] = []
        if self._host is not None:
            given = wasmtime.Instance(store, self._host, []).exports(store)
            imports = [given[stand_in_name(place)] for place in range(self.stand_ins)]
        return store, wasmtime.Instance(store, self._module, imports)


class PoolInstance:
    """`names`: of each export, what its parameters are; `metadata` and `all_known` as of `Oracle`;
    `seconds`: for a call.
    """

    def __init__(
        self,
        factory: Factory,
        pool: Pool,
        host: Host,
        names: dict[str, tuple[str, ...]],
        metadata: tuple[tuple[int, int], ...],
        all_known: bool,
        seconds: float,
    ) -> None:
        self.store, instance = factory.made()
        self.exports = instance.exports(self.store)
        memory = self.exports[MEMORY]
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory
        self.pool = pool
        self._names = names
        self.metadata = metadata
        self._seconds = seconds
        self.oracle = Oracle(pool, host, metadata, all_known)
        self.returned: int | None = None
        self._calls = 0
        self._filled = 0

    def call(self, name: str, arguments: list[int]) -> tuple[dict[str, Fault], str]:
        """What was broken, or else why no further call can be made."""
        self._calls += 1
        role, known = role_of(self.pool, name)
        given = dict(zip(self._names.get(name, ()), arguments, strict=False))
        if (why := self.oracle.faulty_arguments(role, given)) is not None:
            return {}, f"no conforming call: {why}"
        if role == "allocate":
            self._fill_foreign(given)
        before = self._bytes()
        pages = self._memory.size(self.store)
        self.returned, trap = self._run(name, arguments)
        zero = role == "allocate" and given.get("old") == given.get("old_size") == given.get("size") == 0
        if trap is wasmtime.TrapCode.INTERRUPT:
            return (
                ({c.EXHAUSTION: Fault(f"it did not return in {self._seconds:g} s")}, "")
                if role == "allocate"
                else ({}, "no end")
            )
        if trap is not None:
            why = f"it traps: {trap}"
            return ({c.ZERO_SIZE: Fault("nothing was asked for, and it trapped")}, "") if zero else ({}, why)
        grew = self._memory.size(self.store) != pages
        unit = 1 if known is None else known.unit
        made = Made(self._calls, role, given, self.returned, before, self._bytes(), grew, unit)
        blocks = len(self.oracle.blocks)
        found = self.oracle.broken(made)
        if not found and len(self.oracle.blocks) >= blocks and role == "allocate" and self.oracle.blocks:
            block = self.oracle.blocks[-1]
            self._fill(block.at, block.size)
        return found, ""

    def moment(self, broken: Fault | None) -> PoolMoment:
        """What is live and what the cells hold now, each client having filled its block; `broken`: by the last call."""
        blocks = tuple(LiveBlock(block_name(one.call), one.at, one.size, one.call) for one in self.oracle.blocks)
        memory = self._bytes()
        values = tuple(int.from_bytes(memory[first : last + 1], "little") for first, last in self.metadata)
        place = None if broken is None or broken.at is None else (broken.at, broken.size)
        return PoolMoment(blocks, values, self.returned, place)

    def _run(self, name: str, arguments: list[int]) -> tuple[int | None, wasmtime.TrapCode | str | None]:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        types = [str(one) for one in function.type(self.store).params]
        signed = [_signed(value, of) for value, of in zip(arguments, types, strict=True)]
        self.store.set_epoch_deadline(ticks(self._seconds))
        try:
            result = function(self.store, *signed)
        except wasmtime.Trap as error:
            return None, error.trap_code or error.message
        except wasmtime.WasmtimeError as error:
            return None, str(error)[:200]
        return (result % (1 << 32) if isinstance(result, int) else None), None

    def _bytes(self) -> bytes:
        return bytes(self._memory.read(self.store, 0, self._memory.data_len(self.store)))

    def _fill(self, at: int, size: int) -> None:
        """What a client writes: bytes that no other block has at that place."""
        self._filled += 1
        if at + size <= self._memory.data_len(self.store):
            pattern = bytes((37 * self._filled + 11 * place + 1) % 255 + 1 for place in range(size))
            self._memory.write(self.store, pattern, at)

    def _fill_foreign(self, given: dict[str, int]) -> None:
        """Memory that is nobody's is its owner's to fill: so that a copy of it can be seen."""
        at, size = given.get("old", 0), given.get("old_size", 0)
        known = [*self.metadata, *((part.base, part.end - 1) for part in self.pool.parts)]
        if size and size <= 1 << 16 and not any(at <= last and first < at + size for first, last in known):
            self._fill(at, size)


def _signed(value: int, of: str) -> int:
    width = {"i32": 32, "i64": 64}[of]
    value %= 1 << width
    return value - (1 << width) if value >> (width - 1) else value

"""The realloc that jco's adapter keeps for its imports hands out blocks of a buffer that its caller describes.

wasmtime shows what docs/pools-real.md says of it.
"""

import struct
from functools import cache

import pytest
import wasmtime
from real_modules import fetch

MAGIC = 560490357
PAGE = 65536
SPACE = 1 << 32
ONCE, COUNTED, SEPARATE, PREOPEN = range(4)
"""Who expects blocks: a word of the adapter's state. What depends on it follows, buffers as address and length."""
BUFFER, OTHER = 300_000, 400_000
TRAP = None


@cache
def _module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    engine = wasmtime.Engine()
    return engine, wasmtime.Module.from_file(engine, str(fetch("jco-wasm-tools-adapter")))


class Adapter:
    """An instance in one of the modes; a stand-in for the main module's realloc gives it its stack and its state."""

    def __init__(self, mode: int, *words: int) -> None:
        engine, module = _module()
        self._store = wasmtime.Store(engine)
        memory = wasmtime.Memory(self._store, wasmtime.MemoryType(wasmtime.Limits(8, None)))
        self._pages = 0
        imports = [self._stand_in(one, memory) for one in module.imports]
        realloc = wasmtime.Instance(self._store, module, imports).exports(self._store)["cabi_import_realloc"]
        assert isinstance(realloc, wasmtime.Func)
        self._realloc = realloc
        assert self.call(0, 0, 1, 1) is TRAP  # it has made its state by then, and nobody expects a block
        state = bytes(memory.read(self._store, 0, memory.data_len(self._store))).index(struct.pack("<I", MAGIC))
        memory.write(self._store, struct.pack(f"<{1 + len(words)}I", mode, *words), state + 4)

    def _stand_in(self, one: wasmtime.ImportType, memory: wasmtime.Memory) -> wasmtime.Memory | wasmtime.Func:
        if not isinstance(one.type, wasmtime.FuncType):
            return memory
        if one.name == "cabi_realloc":
            return wasmtime.Func(self._store, one.type, self._page)
        return wasmtime.Func(self._store, one.type, _zero if one.type.results else _nothing)

    def _page(self, *_: int) -> int:
        self._pages += 1
        return self._pages * PAGE

    def call(self, *arguments: int) -> int | None:
        """The block, or TRAP."""
        try:
            return int(self._realloc(self._store, *(one - SPACE if one >= SPACE // 2 else one for one in arguments)))
        except wasmtime.Trap:
            return TRAP


def _zero(*_: int) -> int:
    return 0


def _nothing(*_: int) -> None:
    return None


def test_a_buffer_is_handed_out_once_aligned_by_its_address() -> None:
    adapter = Adapter(ONCE, BUFFER + 1, 100)
    assert adapter.call(0, 0, 8, 20) == BUFFER + 8
    assert adapter.call(0, 0, 1, 1) is TRAP


@pytest.mark.parametrize(("align", "size"), [(1, 101), (8, 94), (3, 10), (0, 10), (1, SPACE - 1), (SPACE // 2, 1)])
def test_what_does_not_fit_traps(align: int, size: int) -> None:
    assert Adapter(ONCE, BUFFER + 1, 100).call(0, 0, align, size) is TRAP


def test_a_block_of_no_size_takes_the_buffer() -> None:
    adapter = Adapter(ONCE, BUFFER, 100)
    assert adapter.call(0, 0, 8, 0) == BUFFER
    assert adapter.call(0, 0, 1, 1) is TRAP


def test_a_block_shrinks_where_it_is_and_never_grows() -> None:
    assert Adapter(ONCE, BUFFER, 100).call(BUFFER, 20, 1, 10) == BUFFER
    assert Adapter(ONCE, BUFFER, 100).call(BUFFER, 20, 1, 21) is TRAP
    assert Adapter(ONCE, BUFFER, 100).call(BUFFER, 20, 4, 10) is TRAP


def test_strings_that_are_only_counted_lie_over_each_other() -> None:
    adapter = Adapter(COUNTED, 0, BUFFER, 100)
    assert [adapter.call(0, 0, 1, 20), adapter.call(0, 0, 1, 20)] == [BUFFER, BUFFER]
    assert [adapter.call(0, 0, 4, 16), adapter.call(0, 0, 4, 16)] == [BUFFER, BUFFER + 16]


def test_strings_of_other_preopens_lie_over_each_other() -> None:
    adapter = Adapter(PREOPEN, 0, 1, BUFFER, 100)
    assert [adapter.call(0, 0, 1, 20) for _ in range(3)] == [BUFFER, BUFFER, BUFFER + 20]


def test_the_byte_behind_a_string_wraps_the_size_that_no_conforming_host_passes() -> None:
    adapter = Adapter(SEPARATE, BUFFER, 100, OTHER, 100)
    assert [adapter.call(0, 0, 1, 20), adapter.call(0, 0, 1, 20), adapter.call(0, 0, 4, 16)] == [
        BUFFER,
        BUFFER + 21,
        OTHER,
    ]
    assert adapter.call(0, 0, 1, 58) is TRAP
    adapter = Adapter(SEPARATE, BUFFER, 100, OTHER, 100)
    assert [adapter.call(0, 0, 1, SPACE - 1), adapter.call(0, 0, 1, 20)] == [BUFFER, BUFFER]

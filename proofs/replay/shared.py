"""Shared memories: `size` and `_as_extern` of wasmtime 50 for Python wrap a pointer once too often."""

from __future__ import annotations

import wasmtime
from wasmtime import _ffi as ffi


class ImportableMemory(wasmtime.SharedMemory):
    """A shared memory that can be given to an instance."""

    def __init__(self, memory: wasmtime.SharedMemory) -> None:
        self._memory = memory
        self._set_ptr(memory.ptr())

    def _delete(self, _pointer: object) -> None:
        """Nothing: `memory` owns it."""

    def _as_extern(self) -> ffi.wasmtime_extern_t:
        union = ffi.wasmtime_extern_union(sharedmemory=self._memory.ptr())
        return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)


def shared_pages(memory: wasmtime.SharedMemory, page_size: int) -> int:
    return memory.data_len() // page_size

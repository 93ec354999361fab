"""The fast reader of the code section: a table-driven scanner, itself a WebAssembly module.

It is generated from the opcode table as text, so that there is no second list of instructions, and run inside
wasmtime, where it costs a few nanoseconds for each instruction. It traps on everything that it does not accept; the
plain reader is then asked, and says what is wrong and where. Bodies are copied in pieces, so that memory does not
grow with the module.
"""

from __future__ import annotations

import ctypes
from array import array
from typing import NoReturn

import wasmtime

from extract.digest import release
from extract.wasm import limits
from extract.wasm.bodies import Spaces, read_plainly
from extract.wasm.module import Code
from extract.wasm.opcodes import PREFIXES, TABLE, Effect
from extract.wasm.reader import Reader
from extract.wasm.scanner_text import ABSTRACT, CODES, LONG, MARGIN, SHAPES, SINGLE, UNKNOWN_SHAPE, Layout, scanner_text
from extract.wasm.types import ABSTRACT_HEAP

_PIECE = 1 << 20
_LARGEST = limits.MAX_FUNCTION_BYTES + 5  # with the LEB128 of its size, which may be padded
_NUMERIC_TYPES = range(0x7B, 0x80)


def scan(reader: Reader, spaces: Spaces, count: int) -> Code:
    """Reads `count` bodies; the same facts, and the same errors, as the plain reader.

    Where wasmtime cannot run the scanner (it reserves gigabytes of addresses, which a limit may forbid), the plain
    reader does it.
    """
    start = reader.position
    try:
        return _scan(reader, spaces, count)
    except wasmtime.WasmtimeError:
        reader.position = start
        return read_plainly(reader, spaces, count)


def _scan(reader: Reader, spaces: Spaces, count: int) -> Code:
    code = Code(array("I"), array("I"), array("I", [0]), array("I"), array("I"))
    capacity = min(_PIECE, reader.end - reader.position)
    scanner = _Scanner(spaces, capacity)
    start = reader.position
    done = 0
    while done < count:
        try:
            bodies, consumed = scanner.run(reader, code, count - done)
        except wasmtime.Trap:
            _explain(reader, spaces, count - done, done)
        if bodies == 0:
            if capacity >= min(_LARGEST, reader.end - reader.position):
                _explain(reader, spaces, count - done, done)
            # A body larger than a piece.
            capacity = min(_LARGEST, reader.end - reader.position)
            scanner = _Scanner(spaces, capacity)
        done += bodies
        reader.position += consumed
        release(reader.data, start, reader.position)
    reader.finish("code section")
    return code


def _explain(reader: Reader, spaces: Spaces, count: int, done: int) -> NoReturn:
    rest = Spaces(
        spaces.scope,
        spaces.functions,
        spaces.imported_functions + done,
        spaces.tables,
        spaces.memories,
        spaces.elements,
    )
    read_plainly(reader, rest, count)
    raise AssertionError("the scanner rejects a body that the plain reader accepts")


class _Scanner:
    """One instance of the generated module: a resource."""

    def __init__(self, spaces: Spaces, capacity: int) -> None:
        self._spaces = spaces
        self._layout = Layout(spaces.functions, capacity)
        engine = wasmtime.Engine()
        self._store = wasmtime.Store(engine)
        module = wasmtime.Module(engine, bytes(wasmtime.wat2wasm(scanner_text(self._layout, spaces))))
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        memory, scan_function = exports["memory"], exports["scan"]
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(scan_function, wasmtime.Func)
        self._scan = scan_function
        self._base = ctypes.addressof(memory.data_ptr(self._store).contents)
        self._memory = memory
        tables = _tables(spaces)
        ctypes.memmove(self._base, tables, len(tables))

    def run(self, reader: Reader, code: Code, count: int) -> tuple[int, int]:
        """Scans as many whole bodies as fit; gives their number and the bytes that they took."""
        layout = self._layout
        size = min(layout.capacity, reader.end - reader.position)
        piece = reader.data[reader.position : reader.position + size]
        ctypes.memmove(self._base + layout.code, piece + bytes(MARGIN), size + MARGIN)
        function = len(code.starts) + self._spaces.imported_functions
        consumed, bodies, callees, events = self._scan(self._store, size, count, function)
        shift = reader.position - layout.code
        rows = array("I", self._bytes(layout.bodies, 12 * bodies))
        code.starts.extend(array("I", [start + shift for start in rows[0::3]]))
        code.ends.extend(array("I", [end + shift for end in rows[1::3]]))
        before = len(code.callees)
        code.callee_starts.extend(array("I", [before + so_far for so_far in rows[2::3]]))
        code.callees.frombytes(self._bytes(layout.callees, 4 * callees))
        code.raw_events.frombytes(self._bytes(layout.events, 16 * events))
        return bodies, consumed

    def _bytes(self, start: int, size: int) -> bytes:
        return ctypes.string_at(self._base + start, size)


def _tables(spaces: Spaces) -> bytes:
    opcodes = bytearray(bytes((UNKNOWN_SHAPE, 0)) * (CODES * (1 + len(PREFIXES))))
    for (prefix, number), opcode in TABLE.items():
        at = 2 * (number + (CODES * (1 + PREFIXES.index(prefix)) if prefix else 0))
        opcodes[at : at + 2] = bytes((SHAPES.index(opcode.immediates), opcode.effect.value))
    flags = bytearray(256)
    for byte in (*_NUMERIC_TYPES, *ABSTRACT_HEAP):
        flags[byte] |= SINGLE
    for byte in ABSTRACT_HEAP:
        flags[byte] |= ABSTRACT
    flags[0x63] = flags[0x64] = LONG
    bounds = array("I")
    for effect in Effect:
        bounds.extend(spaces.limits_of(effect))
    return bytes(opcodes) + bytes(flags) + bounds.tobytes()

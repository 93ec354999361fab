"""The code section: bodies to columns, by the plain reader or, when there is much of it, by the scanner."""

from __future__ import annotations

from extract.wasm import limits
from extract.wasm.bodies import Spaces, read_plainly
from extract.wasm.module import Code
from extract.wasm.reader import Reader

# The scanner costs a constant 0.1 s (loading wasmtime, compiling it); the plain reader 1 s for each 1.5 MB.
SCANNED_FROM = 150_000


def read_code(reader: Reader, spaces: Spaces) -> Code:
    """Reads the content of the code section, whose count of bodies the reader stands at."""
    count = reader.count(limits.MAX_FUNCTIONS, "function bodies")
    expected = spaces.functions - spaces.imported_functions
    if count != expected:
        reader.fail(f"{count} function bodies", f"{expected}, as the function section says")
    if reader.end - reader.position < SCANNED_FROM:
        return read_plainly(reader, spaces, count)
    from extract.wasm.scanner import scan  # loads wasmtime

    return scan(reader, spaces, count)

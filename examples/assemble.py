"""Assemble WebAssembly text, core module or component, to bytes: `python assemble.py IN.wat OUT.wasm`."""

import sys
from pathlib import Path

import wasmtime

if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(wasmtime.wat2wasm(source.read_text(encoding="utf-8")))

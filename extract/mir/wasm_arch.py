"""A stand-in for `core` that has `core::arch::wasm32`, for a wasm crate compiled for another target.

Older runtimes ask for `target_arch = "wasm32"` before they call the host. That can be forced, but then they
name `core::arch::wasm32::unreachable` too, which the real `core` has on wasm only. The stand-in passes
everything else on, so that types and functions keep their names; its own functions are never run, only named in MIR.
"""

from __future__ import annotations

import os
from pathlib import Path

from extract.errors import InputError, WholeFile
from extract.mir.toolchain import INSTALL, Compiler, build_environment, run, rust_command

FORCED_ARCH = 'target_arch="wasm32"'
_SOURCE = """#![no_std]
extern crate core as real;
pub use real::*;
pub mod arch {
    pub use real::arch::*;
    pub mod wasm32 {
        pub fn unreachable() -> ! { loop {} }
        pub fn memory_size<const MEM: u32>() -> usize { loop {} }
        pub fn memory_grow<const MEM: u32>(_delta: usize) -> usize { loop {} }
    }
}
"""


def stand_in_for_core(cache: Path, compiler: Compiler, toolchain: str | None) -> Path:
    """The compiled stand-in, made once for each compiler. Raises InputError."""
    directory = cache / "core" / f"{compiler.release}-{compiler.commit[:12]}"
    library = directory / "libcore.rlib"
    if library.is_file():
        return library
    directory.mkdir(parents=True, exist_ok=True)
    source = directory / f"core.{os.getpid()}.rs"
    made = directory / f"libcore.{os.getpid()}.rlib"
    source.write_text(_SOURCE, encoding="utf-8")
    options = ["--edition=2021", "--crate-name=core", "--crate-type=rlib", "--cap-lints=allow", "-o", str(made)]
    done = run([*rust_command("rustc", toolchain), *options, str(source)], build_environment())
    source.unlink()
    if done.returncode:
        message = "; ".join(done.stderr.split("\n")[:3])
        raise InputError("rustc", WholeFile(), f"no stand-in for core::arch::wasm32: {message}", INSTALL)
    made.replace(library)
    return library

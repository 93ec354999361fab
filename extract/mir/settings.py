"""The whole configuration under which a crate was compiled, as `rustc --print cfg` says it: what `cfg` in the sources
was decided by.
"""

from __future__ import annotations

from extract.errors import InputError, WholeFile
from extract.mir.compile import CompiledCrate, Panic
from extract.mir.toolchain import INSTALL, build_environment, run, rust_command

GIVEN = ('target_family="wasm"', 'target_env="p1"', 'target_arch="wasm32"', 'target_pointer_width="32"')
"""What is taken of MIR that was made elsewhere, where nobody said: an assumption."""


def settings_of(crate: CompiledCrate, panic: Panic, toolchain: str | None = None) -> tuple[str, ...]:
    """Names and names with values, without the features. Raises InputError."""
    if crate.compiler is None:
        return (*GIVEN, f'panic="{panic.value}"')
    command = [*rust_command("rustc", toolchain), "--print", "cfg", "-C", f"panic={panic.value}"]
    if crate.target is not None and crate.target != crate.compiler.host:
        command += ["--target", crate.target]
    checks = "on" if crate.debug_assertions else "off"
    done = run([*command, "-C", f"debug-assertions={checks}"], build_environment())
    if done.returncode:
        raise InputError("rustc", WholeFile(), done.stderr.strip().split("\n")[0] or "no configuration", INSTALL)
    return (*done.stdout.split("\n")[:-1], *(crate.cfg or ()))

"""`python -m bench [NAME...]`: proofmark against wasmtime's validation and binaryen's call graph, over the real
modules.

Ratios are of whole processes in this run on this machine. "prove" is the command with every proof
re-checked and every refutation replayed; "decide" is the same with no budget for replay. The whole corpus of pools
takes long: `python -m bench.pools`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench import explore, pools
from bench.evidence import evidence
from bench.loader import loader
from bench.measure import Measure, measure
from bench.synthetic import module

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

_VALIDATE = """
import sys, wasmtime
config = wasmtime.Config()
config.wasm_threads = config.wasm_memory64 = config.wasm_tail_call = True
config.wasm_function_references = config.wasm_gc = config.wasm_exceptions = True
wasmtime.Module.validate(wasmtime.Engine(config), open(sys.argv[1], "rb").read())
"""


def _prove(path: Path, *options: str) -> list[str]:
    command = [sys.executable, "-m", "proofmark", "prove", str(path), "--no-cache", "--quiet", *options]
    return [*command, "--obligation", "realloc-no-grow", "--obligation", "module-no-grow"]


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:6.2f}"


def _row(name: str, path: Path) -> None:
    prove = measure(_prove(path), 1)
    decide = measure(_prove(path, "--replay-seconds", "0"))
    validate = measure([sys.executable, "-c", _VALIDATE, str(path)])
    print(f"{name} ({path.stat().st_size / 1e6:.1f} MB): exit status {decide.status}")
    print(f"    decide    {_cell(decide)}")
    print(f"    prove     {_cell(prove)}")
    print(f"    validate  {_cell(validate)}  {_against(decide, validate)}")
    if shutil.which("wasm-opt"):
        graph = measure(["wasm-opt", "--all-features", "--print-call-graph", str(path)], 1)
        print(f"    binaryen  {_cell(graph)}  {_against(decide, graph)}", flush=True)
    else:
        print("    binaryen  is not installed", flush=True)


def _against(decide: Measure, peer: Measure) -> str:
    if peer.status != 0:
        return "rejects the module"
    times, memory = _ratio(decide.seconds, peer.seconds), _ratio(decide.megabytes, peer.megabytes)
    return f"decide takes {times} of its time, {memory} of its memory"


def _cell(found: Measure) -> str:
    return f"{found.seconds:6.2f} s {found.megabytes:5.0f} MB"


def _growth() -> None:
    print("\ngrowth with the code section (proved, re-checked):")
    with tempfile.TemporaryDirectory() as folder:
        first = None
        for megabytes in (1, 3, 10, 30):
            path = Path(folder) / f"{megabytes}.wasm"
            path.write_bytes(module(megabytes * 1_000_000))
            found = measure(_prove(path))
            first = first or found
            print(
                f"  {megabytes:>3} MB  {_cell(found)}  exit {found.status}  "
                f"time x {_ratio(found.seconds, first.seconds)}  memory x {_ratio(found.megabytes, first.megabytes)}"
            )


def _start_up() -> None:
    bare = measure([sys.executable, "-c", "pass"], 5)
    print("start-up, against an empty Python program:")
    for label, command in (
        ("proofmark --version", [sys.executable, "-m", "proofmark", "--version"]),
        ("prove a small module", _prove(ROOT / "examples" / "static_pool_c.wasm")),
    ):
        found = measure(command, 5)
        print(f"  {label:<24} {_cell(found)}  x {_ratio(found.seconds, bare.seconds)}")


_RUNTIME = "wit-bindgen@0.63.0"
_COMPILE = """
import sys
from extract.mir.compile import Build, Panic, compile_crate, default_cache, registry_package
compile_crate(Build(registry_package(sys.argv[1]), ("async", "std")), default_cache(), Panic.ABORT)
"""


def _runtime() -> None:
    """One operation, against what the compiler takes to emit the MIR that it is proved from."""
    if shutil.which("cargo") is None:
        print("\na runtime: cargo is not installed")
        return
    compiled = measure([sys.executable, "-c", _COMPILE, _RUNTIME], 2)
    asked = ["--package", _RUNTIME, "--panic", "abort", "--peer", "wasm", "--operation", "future-read", "--quiet"]
    command = [sys.executable, "-m", "proofmark", "prove", *asked]
    proved = measure([*command, "--no-cache"], 1)
    measure(command, 1)  # what it keeps
    again = measure(command, 3)
    print(f"\na runtime, {_RUNTIME}, future-read, all obligations: exit status {proved.status}")
    print(f"    compile  {_cell(compiled)}  exit status {compiled.status}")
    print(f"    prove    {_cell(proved)}  {_ratio(proved.seconds, compiled.seconds)} of the time to compile")
    print(f"    again    {_cell(again)}  {_ratio(again.seconds, proved.seconds)} of that, nothing changed")


def main() -> None:
    import real_modules

    wanted = sys.argv[1:] or [name for name, listed in real_modules.modules().items() if not listed.quick]
    _start_up()
    print()
    for name in wanted:
        _row(name, real_modules.fetch(name))
    _growth()
    loader()
    evidence()
    _runtime()
    pools.alone()
    if not sys.argv[1:]:
        explore.main()


if __name__ == "__main__":
    main()

"""`python -m bench [NAME...]`: proofmark against wasmtime's validation and binaryen's call graph, over the real modules.

Ratios are of whole processes in this run on this machine. "prove" is the default command with every proof re-checked and every refutation replayed;
"decide" is the same with no budget for replay.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from bench.measure import Measure, measure
from bench.synthetic import module

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

_VALIDATE = """
import sys, wasmtime
config = wasmtime.Config()
for name in ("wasm_threads", "wasm_memory64", "wasm_tail_call", "wasm_function_references", "wasm_gc", "wasm_exceptions"):
    try:
        setattr(config, name, True)
    except AttributeError:
        pass
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
    graph = measure(["wasm-opt", "--all-features", "--print-call-graph", str(path)], 1) if shutil.which("wasm-opt") else None
    print(
        f"{name:<34} {path.stat().st_size / 1e6:6.1f} MB  exit {decide.status}  "
        f"prove {_cell(prove)}  decide {_cell(decide)}  validate {_cell(validate)}  "
        f"decide/validate {_ratio(decide.seconds, validate.seconds)} (memory {_ratio(decide.megabytes, validate.megabytes)})  "
        + _against_binaryen(decide, graph),
        flush=True,
    )


def _against_binaryen(decide: Measure, graph: Measure | None) -> str:
    if graph is None:
        return "binaryen is not installed"
    if graph.status != 0:
        return "binaryen rejects the module"
    times, memory = graph.seconds / decide.seconds, decide.megabytes / graph.megabytes
    return f"binaryen {_cell(graph)}  binaryen/decide {times:6.2f} (memory {memory:6.2f})"


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


def main() -> None:
    import real_modules

    wanted = sys.argv[1:] or [name for name, listed in real_modules.modules().items() if not listed.quick]
    _start_up()
    print()
    for name in wanted:
        _row(name, real_modules.fetch(name))
    _growth()


if __name__ == "__main__":
    main()

"""One run with certificates of every kind of evidence, for tests of what is done with certificates."""

from __future__ import annotations

import shutil
from pathlib import Path

from proved_pool import accepted, run

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNTIME, STATICS, BUFFERS = (EXAMPLES / name for name in ("runtime", "rust-pools", "rust-buffers"))
MANIFEST = f"""
[[subject]]
path = "static_pool_rust.wasm"
obligations = ["module-no-grow"]

[[subject]]
path = "component_linked.wasm"
obligations = ["realloc-no-grow"]

[[subject]]
path = "table_open.wasm"
obligations = ["realloc-no-grow"]
assume = ["host-tables"]

[[subject]]
path = "no_alloc.wasm"
obligations = ["no-alloc-path"]
roots = ["poll"]
allocators = ["malloc"]

[[subject]]
path = "component_needed.wasm"
obligations = ["realloc-vestigial"]

[[subject]]
path = "fused_needed.wasm"
obligations = ["realloc-vestigial"]
boundary = ["greet"]

[[subject]]
path = "client_tables.wasm"
obligations = ["index-in-bounds"]

[[subject.pools]]
name = "POOL"
base = 4104
size = 240
element = 40
alignment = 8
tables = [
    {{ name = "BUSY", base = 4096, size = 6, element = 1 }},
    {{ name = "SENT", base = 4344, size = 24, element = 4 }},
]
allocate = [{{ export = "take", parameters = ["index"], indices = 6 }}]
release = [{{ export = "release", parameters = ["pointer"] }}]
access = [{{ export = "count", parameters = ["index", "value"], indices = 6 }}]

[[subject]]
path = "records.wasm"
obligations = ["aligned"]

[[subject.pools]]
name = "pool"
base = 1040
size = 1200
element = 24
alignment = 8
allocate = [{{ export = "take", parameters = ["count"], unit = 24 }}]

[[static_pools]]
mir = "{STATICS}/mir/right.mir"
src = "{STATICS}/right"
statics = ["bump_arena::ARENA"]
obligations = ["disjoint"]

[[static_pools]]
mir = "{STATICS}/mir/right.mir"
src = "{STATICS}/right"
statics = ["client_table::TABLE"]
obligations = ["index-in-bounds"]

[[buffers]]
mir = "{BUFFERS}/mir/right.mir"
src = "{BUFFERS}/right"
buffers = ["indexed::Table", "realloc::cabi_realloc"]
obligations = ["range-in-bounds"]

[[runtime]]
mir = "{RUNTIME}/mir/abort.mir"
src = "{RUNTIME}"
panic = ["abort"]
peers = ["host"]
operations = ["future-read", "task-side"]
obligations = ["memory"]
"""
KINDS = {"closed-set", "needed-by", "invariant", "pool-invariant", "statics-invariant", "buffer-invariant"}
CRATES = (
    *("--mir", str(RUNTIME / "mir" / "abort.mir"), "--src", str(RUNTIME)),
    *("--mir", str(STATICS / "mir" / "right.mir"), "--src", str(STATICS / "right")),
    *("--mir", str(BUFFERS / "mir" / "right.mir"), "--src", str(BUFFERS / "right")),
)
MODULES = ("static_pool_rust", "component_linked", "table_open", "no_alloc", "component_needed", "fused_needed")
POOLS = ("client_tables", "records")


def prove_kinds(directory: Path) -> Path:
    """The directory of the run."""
    for path in (
        *(EXAMPLES / f"{one}.wasm" for one in MODULES),
        *(EXAMPLES / "pools" / f"{one}.wasm" for one in POOLS),
    ):
        shutil.copy(path, directory)
    manifest, out = directory / "proofmark.toml", directory / "out"
    manifest.write_text(MANIFEST)
    accepted(run("prove", "--manifest", manifest, "--out", out, "--embed", "--jobs", "1", "--no-cache", "--quiet"))
    return out

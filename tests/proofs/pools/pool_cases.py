"""The pool of examples/static_pool_c.wasm and twins of it, judged."""

from __future__ import annotations

from pathlib import Path

from extract.subject import read_subject
from extract.wasm.initial import initial_state
from extract.wasm.read import read_world
from proofs.kinds import PoolKind
from proofs.pools.judge import Asked, Judged, judge
from proofs.runtime.engine import Budget
from smt_models.pools.calls import Calls, calls_of
from smt_models.pools.pool import Host, Pool, Role
from smt_models.wasm.program import program_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
POOL = Pool("pool", 1040, 4096, allocate=(Role("cabi_realloc"),))
# The check of the size is `size > 4096 - at`: i32.const 4096, local.get 4, i32.sub.
CHECK, OFF_BY_ONE = b"\x41\x80\x20\x20\x04\x6b", b"\x41\x81\x20\x20\x04\x6b"


def off_by_one(directory: Path) -> Path:
    """The same pool, with a check that lets one byte more through."""
    data = (EXAMPLES / "static_pool_c.wasm").read_bytes()
    assert data.count(CHECK) == 1
    path = directory / "off_by_one.wasm"
    path.write_bytes(data.replace(CHECK, OFF_BY_ONE))
    return path


def calls(path: Path, pool: Pool) -> tuple[str, Calls]:
    file = read_subject(str(path))
    module = read_world(file).instances[0].module
    return file.sha256, calls_of(
        program_of(file.data, module, file.path), initial_state(file.data, module, file.path), pool
    )


def judged(path: Path, host: Host, kinds: tuple[PoolKind, ...], pool: Pool = POOL) -> dict[PoolKind, Judged]:
    sha256, found = calls(path, pool)
    answers = judge(Asked(str(path), sha256, pool, host, kinds, Budget(120, 2048), 10.0), found)
    return {one.kind: one for one in answers}

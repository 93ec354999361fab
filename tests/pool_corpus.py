"""What examples/pools/corpus.toml says of each module, as values; and the model of one."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import smt_models.pools.pool as pools
from extract.subject import read_subject
from extract.wasm.initial import initial_state
from extract.wasm.read import read_world
from proofs.kinds import POOL_KINDS
from proofs.pools.judge import Asked, judge
from proofs.runtime.engine import Budget
from proofs.verdicts import Verdict
from smt_models.pools.calls import Calls, calls_of
from smt_models.pools.model import PoolModel, model_of
from smt_models.wasm.program import program_of

FOLDER = Path(__file__).parent.parent / "examples" / "pools"
Host = Literal["conforming", "any"]
HOSTS: tuple[Host, ...] = ("conforming", "any")
ROLES = ("allocate", "release", "reset", "mark", "access")
OBLIGATIONS = (
    "index-in-bounds",
    "range-in-bounds",
    "aligned",
    "disjoint",
    "zero-size",
    "copy-owned",
    "exhaustion-traps",
    "no-rewind",
    "within-budget",
)


@dataclass(frozen=True)
class Region:
    """A static object of the module; with an element size, an array."""

    name: str
    base: int
    size: int
    element: int | None

    @property
    def end(self) -> int:
        return self.base + self.size


@dataclass(frozen=True)
class Role:
    """What an export does to the pool, and what its parameters mean."""

    kind: str
    export: str
    parameters: tuple[str, ...]
    size: int | None
    align: int | None
    unit: int
    indices: int | None
    touches: str | None
    in_order: bool


@dataclass(frozen=True, eq=False)
class PoolModule:
    file: str
    path: Path
    source: str
    kind: str
    twin_of: str | None
    pool: Region
    also: tuple[Region, ...]
    others: tuple[Region, ...]
    budget: int | None
    roles: tuple[Role, ...]
    obligations: frozenset[str]
    refuted: dict[Host, frozenset[str]]
    follows: dict[Host, frozenset[str]]
    calls: int
    run: dict[Host, list[list[Any]]]

    @property
    def pools(self) -> tuple[Region, ...]:
        """The objects that blocks are handed out of."""
        return (self.pool, *self.also)

    def region(self, name: str) -> Region:
        return next(one for one in (*self.pools, *self.others) if one.name == name)


def _region(entry: dict[str, Any]) -> Region:
    return Region(entry["name"], entry["base"], entry["size"], entry.get("element"))


def _role(entry: dict[str, Any]) -> Role:
    return Role(
        entry["role"],
        entry["export"],
        tuple(entry["parameters"]),
        entry.get("size"),
        entry.get("align"),
        entry.get("unit", 1),
        entry.get("indices"),
        entry.get("touches"),
        entry.get("in_order", False),
    )


def read_module(entry: dict[str, Any], folder: Path = FOLDER) -> PoolModule:
    return PoolModule(
        entry["file"],
        folder / entry["file"],
        entry["source"],
        entry["kind"],
        entry.get("twin_of"),
        _region(entry["pool"]),
        tuple(map(_region, entry["pool"].get("also", ()))),
        tuple(_region(one) for one in (*entry.get("table", ()), *entry.get("cell", ()))),
        entry["pool"].get("budget"),
        tuple(_role(one) for one in entry["role"]),
        frozenset(entry["obligations"]),
        {host: frozenset(entry.get("refuted", {}).get(host, ())) for host in HOSTS},
        {host: frozenset(entry.get("follows", {}).get(host, ())) for host in HOSTS},
        entry.get("calls", 40),
        {host: entry.get("run", {}).get(host, []) for host in HOSTS},
    )


def entries() -> list[dict[str, Any]]:
    """The tables of the file; what a twin does not say is as in the module that it is a twin of."""
    given: list[dict[str, Any]] = tomllib.loads((FOLDER / "corpus.toml").read_text(encoding="utf-8"))["module"]
    right = {entry["file"]: entry for entry in given if "twin_of" not in entry}
    return [
        {**right[one["twin_of"]], "refuted": {}, "follows": {}, **one} if "twin_of" in one else one for one in given
    ]


def linked(entry: dict[str, Any]) -> dict[str, int]:
    """Where the file says that the linker put the objects that are exported: `ARENA.used` is a field of ARENA."""
    said: dict[str, int] = {}
    for one in (entry["pool"], *entry["pool"].get("also", ()), *entry.get("table", ()), *entry.get("cell", ())):
        if not one.get("private"):
            name = one["name"].partition(".")[0]
            said[name] = min(one["base"], said.get(name, one["base"]))
    return said


def modules() -> list[PoolModule]:
    return [read_module(entry) for entry in entries()]


MODULES = {entry["file"]: entry for entry in entries()}
"""By their files."""


def pool_of(module: PoolModule) -> pools.Pool:
    """A role that has no size of its own hands out whole elements."""
    sizes = [role.size for role in module.roles if role.kind == "allocate" and "size" not in role.parameters]
    aligns = [role.align for role in module.roles if role.kind == "allocate"]
    roles: dict[str, Any] = {
        kind: tuple(
            pools.Role(one.export, one.parameters, one.indices, one.unit) for one in module.roles if one.kind == kind
        )
        for kind in ROLES
    }
    pool = module.pool
    element = next((one for one in sizes if one), pool.element)
    tables = tuple(pools.Array(one.name, one.base, one.size, one.element) for one in module.others if one.element)
    also = tuple(pools.Area(one.name, one.base, one.size, one.element) for one in module.also)
    more: dict[str, Any] = {"budget": module.budget, "tables": tables, "also": also}
    return pools.Pool(pool.name, pool.base, pool.size, element, aligns[0], **roles, **more)


def calls_of_module(module: PoolModule, pool: pools.Pool) -> Calls:
    subject = read_subject(str(module.path))
    core = read_world(subject).instances[0].module
    initial = initial_state(subject.data, core, subject.path)
    return calls_of(program_of(subject.data, core, subject.path), initial, pool)


def model_of_file(file: str, host: Host) -> PoolModel:
    module = read_module(MODULES[file])
    pool = pool_of(module)
    return model_of(pool, calls_of_module(module, pool), pools.Host(host))


def verdicts_of(module: PoolModule, host: Host, obligations: Collection[str], seconds: int) -> dict[str, Verdict]:
    """What proofmark says of these obligations within so many seconds. Raises NoModel."""
    subject, pool = read_subject(str(module.path)), pool_of(module)
    kinds = tuple(kind for kind in POOL_KINDS if kind.value in obligations)
    asked = Asked(str(module.path), subject.sha256, pool, pools.Host(host), kinds, Budget(seconds, 2048), 20.0)
    return {one.kind.value: one.verdict for one in judge(asked, calls_of_module(module, pool))}

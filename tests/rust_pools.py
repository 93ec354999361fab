"""The crates of examples/rust-pools, and small crates that tests write, as subjects."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofs.kinds import PoolKind
from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.static_pools.judge import Judged, judge
from proofs.verdicts import ConfirmedNatively, NotConfirmed
from smt_models.static_pools.model import groups, model_of, pools_of
from smt_models.static_pools.subject import Subject, load_subject

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "rust-pools"
BUILD: dict[str, Any] = tomllib.loads((FOLDER / "build.toml").read_text(encoding="utf-8"))
KINDS = (PoolKind.INDEX_IN_BOUNDS, PoolKind.RANGE_IN_BOUNDS, PoolKind.ALIGNED, PoolKind.DISJOINT)


def example(name: str) -> Subject:
    """`right` or `broken`, from the MIR that is committed."""
    return subject_of(FOLDER / "mir" / f"{name}.mir", FOLDER / name)


def subject_of(mir: Path, directory: Path) -> Subject:
    return load_subject(read_mir(str(mir)), directory, Configuration.of((), ()))


def command(made: dict[str, Any], sysroot: str) -> list[str]:
    """The arguments of rustc by which MIR was made."""
    words = {"sysroot": sysroot, "commit": BUILD["rustc"]["commit"]}
    return [word.format(**words) if "{" in word else word for word in made["command"][1:]]


def environment() -> dict[str, str]:
    return {**os.environ, **BUILD["environment"]}


def verdicts(subject: Subject, statics: tuple[str, ...] = ()) -> dict[tuple[str, str], Judged]:
    """Of each static and obligation; nothing is run natively."""

    def not_run(_: Route) -> ConfirmedNatively | NotConfirmed:
        return NotConfirmed("not run")

    found: dict[tuple[str, str], Judged] = {}
    for group in groups(subject):
        pools = tuple(one for one in pools_of(subject, group) if not statics or one in statics)
        if pools:
            judged = judge(subject, model_of(subject, group), pools, KINDS, Budget(60, 2048), not_run)
            found |= {(one.pool, one.kind.value): one for one in judged}
    return found

"""What a command line of `proofmark prove` asks for, and what of it cannot be asked together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from proofmark import reports
from proofmark.asked_runtimes import NO_RUNTIMES, AskedRuntimes
from proofmark.errors import UsageError
from proofs.kinds import LENDING_KINDS, PoolKind
from proofs.verdicts import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line. None is what it does not say."""

    files: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    roots: tuple[str, ...] = ()
    allocators: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    pool_kinds: tuple[PoolKind, ...] = ()
    found_pools: bool = False
    static_pools: bool = False
    buffers: bool = False
    seconds: int | None = None
    assume: tuple[str, ...] = ()
    out: Path | None = None
    embed: bool = False
    sign: Path | None = None
    sigstore: bool = False
    sigstore_config: Path | None = None
    formats: tuple[reports.Format, ...] = ()
    on_stdout: reports.Format | None = None
    workers: int | None = None
    scheduler: str | None = None
    cached: bool = True
    replay_seconds: float | None = None
    quiet: bool = False
    manifest: Path | None = None
    runtimes: AskedRuntimes = NO_RUNTIMES

    @property
    def of_crates(self) -> bool:
        """Whether the crates that are named are asked something else than of a runtime."""
        return self.static_pools or self.buffers

    @property
    def about_pools(self) -> bool:
        return bool(self.pools or self.found_pools or (self.pool_kinds and not self.of_crates))


def check_options(asked: Asked) -> None:
    """Raises UsageError."""
    about_files = asked.kinds or asked.roots or asked.allocators or asked.boundary or asked.assume or asked.pools
    if (about_files or asked.found_pools) and not asked.files:
        raise UsageError("options about obligations need a FILE; without one the manifest says them")
    if asked.manifest and (asked.files or asked.runtimes.subjects):
        raise UsageError("--manifest and FILE exclude each other")
    if asked.pool_kinds and not asked.files and not asked.of_crates:
        raise UsageError(
            f"--obligation {asked.pool_kinds[0].value} needs a FILE with a pool, --static-pools or --buffers"
        )
    if asked.found_pools and asked.pools:
        raise UsageError("--pool and --found-pools exclude each other")
    if asked.static_pools and asked.buffers:
        raise UsageError("--static-pools and --buffers exclude each other")
    if asked.of_crates:
        _check_of_crates(asked)
    budget_of_pools = NO_RUNTIMES if not asked.about_pools else replace(NO_RUNTIMES, seconds=asked.seconds)
    if not asked.runtimes.subjects and asked.runtimes not in (NO_RUNTIMES, budget_of_pools):
        raise UsageError("options about runtimes need --package, --crate or --mir; without one the manifest says them")
    if len(asked.runtimes.mirs) != len(asked.runtimes.sources):
        raise UsageError("each --mir FILE needs its --src DIR, in the same order")
    if Kind.NO_ALLOC_PATH in asked.kinds and not asked.roots:
        raise UsageError("--obligation no-alloc-path needs --root NAME, the function that must not allocate")
    if asked.sigstore_config and not asked.sigstore:
        raise UsageError("--sigstore-config is of --sigstore alone")
    if asked.scheduler and asked.workers:
        raise UsageError("--jobs and --scheduler exclude each other: the cluster's workers set how many run at once")


def _check_of_crates(asked: Asked) -> None:
    from proofmark import buffers_job, statics_job

    option, what = ("--buffers", "buffers") if asked.buffers else ("--static-pools", "static pools")
    kinds = (*buffers_job.KINDS, *LENDING_KINDS) if asked.buffers else tuple(statics_job.KINDS)
    if not asked.runtimes.subjects:
        raise UsageError(f"{option} needs --crate, --package or --mir")
    names = [kind.value for kind in kinds]  # two are asked of runtimes, too
    other = [kind.value for kind in (*asked.pool_kinds, *asked.runtimes.kinds) if kind.value not in names]
    if other:
        known = ", ".join(names)
        raise UsageError(f"--obligation {other[0]}: of the {what} of a crate only {known} are known")

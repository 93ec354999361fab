"""What is asked of runtimes to jobs: crates are compiled, and the implementors of the operation trait are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.run import Expected
from extract.errors import InputError, WholeFile
from extract.mir.compile import (
    Build,
    CompiledCrate,
    LocalCrate,
    Panic,
    RegistryPackage,
    compile_crates,
    default_cache,
    registry_package,
)
from proofmark.runtime_contents import Wanted, contents_of, sha256_of_profile
from proofmark.runtime_job import RuntimeJob
from proofmark.runtime_parts import why_not
from proofs.kinds import RuntimeKind

if TYPE_CHECKING:
    from proofmark.asked_runtimes import AskedRuntimes
    from proofmark.signed_store import SignedStore

PEERS = ("wasm", "host")
DEFAULT_FEATURES = {"wit-bindgen": ("async", "std"), "wit-bindgen-rt": ("async",)}
SECONDS, MEGABYTES = 60, 4096


@dataclass(frozen=True, slots=True)
class GivenMir:
    """MIR text that was made elsewhere, and the directory of the crate it was made from."""

    mir: str
    source: str


@dataclass(frozen=True, slots=True)
class RuntimeSubject:
    """What is asked of one runtime. `features` None: those that are known to be needed, else none. `kinds`: each where
    it applies; all if none is named. `operations`: of the profile, or the task side; all if none is named.
    """

    path: str
    source: RegistryPackage | LocalCrate | GivenMir
    features: tuple[str, ...] | None = None
    default_features: bool = False
    panics: tuple[Panic, ...] = (Panic.ABORT, Panic.UNWIND)
    peers: tuple[str, ...] = PEERS
    kinds: tuple[RuntimeKind, ...] = ()
    operations: tuple[str, ...] = ()
    profile: str | None = None
    task_profile: str | None = None
    target: str | None = None
    toolchain: str | None = None
    seconds: int = SECONDS
    megabytes: int = MEGABYTES
    controls: int = 0


@dataclass(frozen=True, slots=True)
class RuntimePlan:
    jobs: tuple[RuntimeJob, ...]
    expected: tuple[Expected, ...]
    warnings: tuple[str, ...]


def asked_subjects(asked: AskedRuntimes) -> Iterator[RuntimeSubject]:
    """One for each runtime of the command line. Raises InputError for what is no NAME@VERSION."""
    given: list[tuple[str, RegistryPackage | LocalCrate | GivenMir]] = []
    given += [(text, registry_package(text)) for text in asked.packages]
    given += [(text, LocalCrate(text)) for text in asked.crates]
    given += [(mir, GivenMir(mir, source)) for mir, source in zip(asked.mirs, asked.sources, strict=True)]
    for path, source in dict.fromkeys(given):
        yield RuntimeSubject(
            path=path,
            source=source,
            features=asked.features,
            default_features=asked.default_features,
            panics=tuple(Panic(one) for one in dict.fromkeys(asked.panics)) or tuple(Panic),
            peers=tuple(dict.fromkeys(asked.peers)) or PEERS,
            kinds=asked.kinds,
            operations=tuple(dict.fromkeys(asked.operations)),
            profile=asked.profile,
            task_profile=asked.task_profile,
            target=asked.target,
            toolchain=asked.toolchain,
            seconds=asked.seconds or SECONDS,
            megabytes=asked.megabytes or MEGABYTES,
            controls=asked.controls or 0,
        )


def plan_runtime(
    asked: RuntimeSubject, say: Callable[[str], None], keep: Path | None = None, store: SignedStore | None = None
) -> RuntimePlan:
    """`store`: of what earlier runs read. Raises InputError: no such package, a crate that does not compile, a profile
    that names what is not there, an obligation that was named and applies to nothing.
    """
    jobs: list[RuntimeJob] = []
    warnings: list[str] = []
    left_out: dict[RuntimeKind, str] = {}
    verb = "reading" if isinstance(asked.source, GivenMir) else "compiling"
    say(f"{verb} {asked.path} (panic {' and '.join(panic.value for panic in asked.panics)})")
    for panic, crate in zip(asked.panics, compiled(asked, asked.panics), strict=True):
        warnings += [f"{asked.path}: {warning}" for warning in crate.warnings]
        for job, not_here in _jobs(asked, crate, panic, keep, store):
            jobs += [job] if job.kinds else []
            left_out = {**not_here, **left_out}
    for kind, why in left_out.items():
        if not any(kind in job.kinds for job in jobs):
            found = f"nothing that {kind.value} is about: {why}"
            raise InputError(asked.path, WholeFile(), found, "obligations of what was asked for")
    expected = tuple(Expected(job.path, kind.value, job.instance) for job in jobs for kind in job.kinds)
    return RuntimePlan(tuple(jobs), expected, tuple(dict.fromkeys(warnings)))


def compiled(asked: RuntimeSubject, panics: tuple[Panic, ...]) -> tuple[CompiledCrate, ...]:
    """As it is on wasm; or from MIR that was made elsewhere. Raises InputError."""
    match asked.source:
        case GivenMir(mir, source):
            from extract.mir.given import given_mir

            given = (given_mir(mir, source, panic) for panic in panics)
            return tuple(replace(crate, features=asked.features or ()) for crate in given)
        case RegistryPackage(name, _) as source_of:
            features = DEFAULT_FEATURES.get(name, ()) if asked.features is None else asked.features
        case LocalCrate() as source_of:
            features = asked.features or ()
    build = Build(source_of, features, asked.default_features, target=asked.target, toolchain=asked.toolchain)
    return compile_crates(build, default_cache(), panics)


def _jobs(
    asked: RuntimeSubject, crate: CompiledCrate, panic: Panic, keep: Path | None, store: SignedStore | None
) -> Iterator[tuple[RuntimeJob, Mapping[RuntimeKind, str]]]:
    """One for each part, perhaps with nothing to prove; and why what was named says nothing of it."""
    from extract.mir.settings import settings_of

    settings = settings_of(crate, panic, asked.toolchain)
    wanted = Wanted(asked.path, asked.operations, asked.peers, asked.profile, asked.task_profile)
    profile, contents = contents_of(wanted, crate, settings, store)
    for part, path in contents.parts:
        reasons = {one: why_not(one, part, profile, panic) for one in asked.kinds or RuntimeKind}
        job = RuntimeJob(
            path=asked.path,
            source=None if isinstance(asked.source, GivenMir) else asked.source,
            crate=crate,
            panic=panic,
            settings=settings,
            sources_sha256=contents.sources_sha256,
            profile=path,
            profile_sha256=sha256_of_profile(Path(path)),
            part=part,
            kinds=tuple(kind for kind, why in reasons.items() if why is None),
            seconds=asked.seconds,
            megabytes=asked.megabytes,
            toolchain=asked.toolchain,
            controls=asked.controls,
            keep=None if keep is None else str(keep / f"{panic.value}-{part.folder}"),
        )
        yield job, {kind: why for kind, why in reasons.items() if why is not None and asked.kinds}

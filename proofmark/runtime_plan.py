"""What is asked of runtimes to jobs: crates are compiled, and the implementors of the operation trait are found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.canonical import canonical
from artifacts.run import Expected
from extract.errors import InputError, WholeFile
from extract.mir.compile import (
    Build,
    CompiledCrate,
    LocalCrate,
    Panic,
    RegistryPackage,
    compile_crate,
    default_cache,
    registry_package,
)
from proofmark.runtime_job import RuntimeJob, load_crate, sha256_of_files
from proofs.kinds import RuntimeKind
from smt_models.host.variants import Kind, Peer

if TYPE_CHECKING:
    from proofmark.asked_runtimes import AskedRuntimes
    from smt_models.runtime.profile import Operation

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
    """What is asked of one runtime. `features` None: those that are known to be needed, else none. `operations`: of the
    profile, all if none is named.
    """

    path: str
    source: RegistryPackage | LocalCrate | GivenMir
    features: tuple[str, ...] | None = None
    default_features: bool = False
    panics: tuple[Panic, ...] = (Panic.ABORT, Panic.UNWIND)
    peers: tuple[str, ...] = PEERS
    kinds: tuple[RuntimeKind, ...] = tuple(RuntimeKind)
    operations: tuple[str, ...] = ()
    profile: str | None = None
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
            kinds=asked.kinds or tuple(RuntimeKind),
            operations=tuple(dict.fromkeys(asked.operations)),
            profile=asked.profile,
            target=asked.target,
            toolchain=asked.toolchain,
            seconds=asked.seconds or SECONDS,
            megabytes=asked.megabytes or MEGABYTES,
            controls=asked.controls or 0,
        )


def plan_runtime(asked: RuntimeSubject, say: Callable[[str], None], keep: Path | None = None) -> RuntimePlan:
    """Raises InputError: no such package, a crate that does not compile, a profile that names what is not there."""
    jobs: list[RuntimeJob] = []
    warnings: list[str] = []
    for panic in asked.panics:
        verb = "reading" if isinstance(asked.source, GivenMir) else "compiling"
        say(f"{verb} {asked.path} (panic {panic.value})")
        crate = _crate(asked, panic)
        warnings += [f"{asked.path}: {warning}" for warning in crate.warnings]
        jobs += _jobs(asked, crate, panic, keep)
    expected = tuple(Expected(job.path, kind.value, job.instance) for job in jobs for kind in job.kinds)
    return RuntimePlan(tuple(jobs), expected, tuple(dict.fromkeys(warnings)))


def _crate(asked: RuntimeSubject, panic: Panic) -> CompiledCrate:
    match asked.source:
        case GivenMir(mir, source):
            from extract.mir.given import given_mir

            return replace(given_mir(mir, source, panic), features=asked.features or ())
        case RegistryPackage(name, _) as source_of:
            features = DEFAULT_FEATURES.get(name, ()) if asked.features is None else asked.features
        case LocalCrate() as source_of:
            features = asked.features or ()
    build = Build(source_of, features, asked.default_features, panic, target=asked.target, toolchain=asked.toolchain)
    return compile_crate(build, default_cache())


def _jobs(asked: RuntimeSubject, crate: CompiledCrate, panic: Panic, keep: Path | None) -> Iterator[RuntimeJob]:
    from extract.mir.settings import settings_of
    from extract.rust.configuration import Configuration
    from extract.rust.crate import read_crate
    from smt_models.runtime.profile import ProfileError, check_profile
    from smt_models.runtime.profile_files import load_profile, read_profile

    settings = settings_of(crate, panic, asked.toolchain)
    program = load_crate(crate, settings)
    try:
        profile_path = _profile_path(asked, crate)
        profile = load_profile(profile_path)
        check_profile(profile, program)
        profile_sha256 = hashlib.sha256(canonical(read_profile(profile_path))).hexdigest()
    except ProfileError as error:
        where = asked.profile or asked.path
        raise InputError(
            where, WholeFile(), str(error), f"a profile that fits {crate.name} (`--profile FILE`)"
        ) from error
    directory = Path(crate.source_directory)
    files = read_crate(directory, Configuration.of(settings, crate.features or ())).files
    sources_sha256 = sha256_of_files(directory, files)
    found = sorted(of for of, trait in program.implementations if trait == profile.operation_trait)
    known = {one.implementor: one for one in profile.operations}
    if not found:
        raise InputError(asked.path, WholeFile(), f"no implementor of {profile.operation_trait}", "at least one")
    _check_names(asked.operations, tuple(sorted(one.name for one in profile.operations)), profile_path)
    for implementor in found:
        if asked.operations and (implementor not in known or known[implementor].name not in asked.operations):
            continue
        for peer in asked.peers:
            yield RuntimeJob(
                path=asked.path,
                source=None if isinstance(asked.source, GivenMir) else asked.source,
                crate=crate,
                panic=panic,
                settings=settings,
                sources_sha256=sources_sha256,
                profile=str(profile_path),
                profile_sha256=profile_sha256,
                implementor=implementor,
                operation=known[implementor].name if implementor in known else None,
                peer=peer,
                kinds=_applying(asked.kinds, known.get(implementor), panic, peer),
                seconds=asked.seconds,
                megabytes=asked.megabytes,
                toolchain=asked.toolchain,
                controls=asked.controls,
                keep=None if keep is None else str(keep / f"{panic.value}-{peer}-{implementor.rpartition('::')[2]}"),
            )


def _check_names(wanted: tuple[str, ...], named: tuple[str, ...], profile: Path) -> None:
    for name in wanted:
        if name not in named:
            raise InputError(str(profile), WholeFile(), f"no operation {name}", f"one of {', '.join(named)}")


def _profile_path(asked: RuntimeSubject, crate: CompiledCrate) -> Path:
    """The one that was asked for, else that of the package's version. Raises ProfileError."""
    from smt_models.runtime.profile import ProfileError
    from smt_models.runtime.profile_files import profile_file

    if asked.profile is not None:
        return Path(asked.profile).absolute()
    if crate.version is None:
        raise ProfileError(f"nobody said which version of {crate.name} it is")
    return profile_file(crate.name, crate.version)


def _applying(
    kinds: tuple[RuntimeKind, ...], operation: Operation | None, panic: Panic, peer: str
) -> tuple[RuntimeKind, ...]:
    """Without those that can say nothing of this operation, panic strategy and peer (docs/runtime.md)."""
    left_out: set[RuntimeKind] = set()
    if panic is Panic.ABORT:
        left_out.add(RuntimeKind.PANIC_IN_CALLBACK)
    if operation is not None and operation.kind is None:
        left_out |= {RuntimeKind.COPY_WHEN_IDLE, RuntimeKind.SCALAR_ZERO_ALLOC}
    if operation is not None and operation.kind is not Kind.STREAM:
        left_out.add(RuntimeKind.PARTIAL_WRITE)
    if operation is not None and operation.kind is not None:
        left_out.add(RuntimeKind.SUBTASK_AREAS)
        if peer == Peer.WASM.value:
            left_out.add(RuntimeKind.BLOCKING_CANCEL)
    return tuple(kind for kind in kinds if kind not in left_out)

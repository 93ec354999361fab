"""What is asked of runtimes to jobs: crates are compiled, and the implementors of the operation trait are found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
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
from proofmark.runtime_parts import TASK_SIDE, OperationPart, Part, TaskPart, why_not
from proofs.kinds import RuntimeKind

if TYPE_CHECKING:
    from proofmark.asked_runtimes import AskedRuntimes
    from smt_models.runtime.profile import Profile
    from smt_models.runtime.program import Program

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


def plan_runtime(asked: RuntimeSubject, say: Callable[[str], None], keep: Path | None = None) -> RuntimePlan:
    """Raises InputError: no such package, a crate that does not compile, a profile that names what is not there, an
    obligation that was named and applies to nothing.
    """
    jobs: list[RuntimeJob] = []
    warnings: list[str] = []
    left_out: dict[RuntimeKind, str] = {}
    for panic in asked.panics:
        verb = "reading" if isinstance(asked.source, GivenMir) else "compiling"
        say(f"{verb} {asked.path} (panic {panic.value})")
        crate = _crate(asked, panic)
        warnings += [f"{asked.path}: {warning}" for warning in crate.warnings]
        for job, not_here in _jobs(asked, crate, panic, keep):
            jobs += [job] if job.kinds else []
            left_out = {**not_here, **left_out}
    for kind, why in left_out.items():
        if not any(kind in job.kinds for job in jobs):
            found = f"nothing that {kind.value} is about: {why}"
            raise InputError(asked.path, WholeFile(), found, "obligations of what was asked for")
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


def _jobs(
    asked: RuntimeSubject, crate: CompiledCrate, panic: Panic, keep: Path | None
) -> Iterator[tuple[RuntimeJob, Mapping[RuntimeKind, str]]]:
    """One for each part, perhaps with nothing to prove; and why what was named says nothing of it."""
    from extract.mir.settings import settings_of
    from extract.rust.configuration import Configuration
    from extract.rust.crate import read_crate
    from smt_models.runtime.profile import ProfileError, check_profile
    from smt_models.runtime.profile_files import load_profile

    settings = settings_of(crate, panic, asked.toolchain)
    program = load_crate(crate, settings)
    try:
        profile_path = _profile_path(asked, crate)
        profile = load_profile(profile_path)
        check_profile(profile, program)
    except ProfileError as error:
        raise _unfit(
            asked.profile or asked.path, error, f"a profile that fits {crate.name} (`--profile FILE`)"
        ) from error
    directory = Path(crate.source_directory)
    files = read_crate(directory, Configuration.of(settings, crate.features or ())).files
    sources_sha256 = sha256_of_files(directory, files)
    _check_names(asked.operations, (*sorted(one.name for one in profile.operations), TASK_SIDE), profile_path)
    operations = _operations(asked, program, profile, profile_path)
    tasks = _tasks(asked, crate, program, profile_path)
    parts: tuple[tuple[Part, Path], ...] = (*operations, *tasks)
    for part, path in parts:
        reasons = {one: why_not(one, part, profile, panic) for one in asked.kinds or RuntimeKind}
        job = RuntimeJob(
            path=asked.path,
            source=None if isinstance(asked.source, GivenMir) else asked.source,
            crate=crate,
            panic=panic,
            settings=settings,
            sources_sha256=sources_sha256,
            profile=str(path),
            profile_sha256=_sha256_of_profile(path),
            part=part,
            kinds=tuple(kind for kind, why in reasons.items() if why is None),
            seconds=asked.seconds,
            megabytes=asked.megabytes,
            toolchain=asked.toolchain,
            controls=asked.controls,
            keep=None if keep is None else str(keep / f"{panic.value}-{part.folder}"),
        )
        yield job, {kind: why for kind, why in reasons.items() if why is not None and asked.kinds}


def _operations(
    asked: RuntimeSubject, program: Program, profile: Profile, path: Path
) -> Iterator[tuple[OperationPart, Path]]:
    """Every implementor of the operation trait, also one that the profile does not name."""
    found = sorted(of for of, trait in program.implementations if trait == profile.operation_trait)
    if not found:
        raise InputError(asked.path, WholeFile(), f"no implementor of {profile.operation_trait}", "at least one")
    known = {one.implementor: one.name for one in profile.operations}
    for implementor in found:
        if not asked.operations or known.get(implementor) in asked.operations:
            for peer in asked.peers:
                yield OperationPart(implementor, known.get(implementor), peer), path


def _tasks(
    asked: RuntimeSubject, crate: CompiledCrate, program: Program, operations: Path
) -> Iterator[tuple[TaskPart, Path]]:
    """For each generation of the C ABI of tasks that the crate has code for. Without a profile that fits nobody knows
    which there are: one part that says so.
    """
    from smt_models.runtime.profile import ProfileError
    from smt_models.runtime.profile_files import profile_file
    from smt_models.runtime.task_profile import TASK_PROFILES, check_task_profile, load_task_profile

    if asked.operations and TASK_SIDE not in asked.operations:
        return
    try:
        if asked.task_profile is not None:
            path = Path(asked.task_profile).absolute()
        elif crate.version is None:
            raise ProfileError(f"nobody said which version of {crate.name} it is")
        else:
            path = profile_file(crate.name, crate.version, TASK_PROFILES)
        profile = load_task_profile(path)
        check_task_profile(profile, program)
    except ProfileError as error:
        if asked.task_profile is not None:
            raise _unfit(asked.task_profile, error, f"a profile of the tasks of {crate.name}") from error
        how = "docs/task-profiles.md says how to write a profile of tasks, for `--task-profile FILE`"
        yield TaskPart(None, f"the tasks are not described: {error}; {how}"), operations
        return
    for generation in profile.generations:
        yield TaskPart(generation), path


def _unfit(where: str, error: Exception, expected: str) -> InputError:
    return InputError(where, WholeFile(), str(error), expected)


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


def _sha256_of_profile(path: Path) -> str:
    from smt_models.runtime.profile_files import read_profile

    return hashlib.sha256(canonical(read_profile(path))).hexdigest()

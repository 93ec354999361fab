"""What a compiled crate holds: its sources, and the parts of a runtime that are proved apart."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.canonical import canonical
from extract.errors import InputError, WholeFile
from extract.mir.compile import CompiledCrate
from proofmark.codec import encode
from proofmark.runtime_job import load_crate, sha256_of_files
from proofmark.runtime_parts import TASK_SIDE, OperationPart, Part, TaskPart

if TYPE_CHECKING:
    from proofmark.signed_store import SignedStore
    from smt_models.runtime.profile import Profile
    from smt_models.runtime.program import Program


@dataclass(frozen=True, slots=True)
class Wanted:
    """`path`: the subject as the user wrote it. `operations`: of the profile, or the task side; none named: all."""

    path: str
    operations: tuple[str, ...]
    peers: tuple[str, ...]
    profile: str | None
    task_profile: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """`files`: the sources that were read, with the hash of all. `parts`: each with the path of its profile."""

    files: tuple[str, ...]
    sources_sha256: str
    parts: tuple[tuple[Part, str], ...]


def contents_of(
    wanted: Wanted, crate: CompiledCrate, settings: tuple[str, ...], store: SignedStore | None
) -> tuple[Profile, Contents]:
    """The profile of the operations, and the contents: as an earlier run read them, if the MIR and every file that it
    read are the same. Raises InputError.
    """
    from smt_models.runtime.profile import ProfileError
    from smt_models.runtime.profile_files import load_profile

    try:
        path = _profile_path(wanted, crate)
        profile = load_profile(path)
    except ProfileError as error:
        raise _unfit_operations(wanted, crate, error) from error
    key = None if store is None else _key(wanted, crate, settings, path, store.engine)
    kept = None if store is None or key is None else store.load(Contents, key)
    if kept is not None and _is_still_there(crate, kept):
        return profile, kept
    contents = _read(wanted, crate, settings, profile, str(path))
    if store is not None and key is not None:
        with contextlib.suppress(OSError):  # then the next run reads it again
            store.store(key, contents)
    return profile, contents


def _key(wanted: Wanted, crate: CompiledCrate, settings: tuple[str, ...], profile: Path, engine: str) -> str | None:
    from smt_models.runtime.profile import ProfileError

    try:
        given = [sha256_of_profile(Path(path)) for path in (str(profile), wanted.task_profile) if path is not None]
    except ProfileError:
        return None  # whoever reads it says what is wrong
    about = [crate.name, crate.version, crate.mir_sha256, [*(crate.features or ())], [*settings], str(profile)]
    parts = ["proofmark-contents/1", engine, encode(wanted), about, given]
    return hashlib.sha256(canonical(parts)).hexdigest()


def _is_still_there(crate: CompiledCrate, kept: Contents) -> bool:
    try:
        return sha256_of_files(Path(crate.source_directory), kept.files) == kept.sources_sha256
    except OSError:
        return False


def _read(wanted: Wanted, crate: CompiledCrate, settings: tuple[str, ...], profile: Profile, path: str) -> Contents:
    from extract.rust.configuration import Configuration
    from extract.rust.crate import read_crate
    from smt_models.runtime.profile import ProfileError, check_profile

    directory = Path(crate.source_directory)
    files = read_crate(directory, Configuration.of(settings, crate.features or ())).files
    sources_sha256 = sha256_of_files(directory, files)
    program = load_crate(crate, settings, sources_sha256)
    try:
        check_profile(profile, program)
    except ProfileError as error:
        raise _unfit_operations(wanted, crate, error) from error
    _check_names(wanted.operations, (*sorted(one.name for one in profile.operations), TASK_SIDE), Path(path))
    parts: list[tuple[Part, str]] = [*_operations(wanted, program, profile, path)]
    parts += _tasks(wanted, crate, program, path)
    return Contents(tuple(files), sources_sha256, tuple(parts))


def _operations(wanted: Wanted, program: Program, profile: Profile, path: str) -> Iterator[tuple[OperationPart, str]]:
    """Every implementor of the operation trait, also one that the profile does not name."""
    found = sorted(of for of, trait in program.implementations if trait == profile.operation_trait)
    if not found:
        raise InputError(wanted.path, WholeFile(), f"no implementor of {profile.operation_trait}", "at least one")
    known = {one.implementor: one.name for one in profile.operations}
    for implementor in found:
        if not wanted.operations or known.get(implementor) in wanted.operations:
            for peer in wanted.peers:
                yield OperationPart(implementor, known.get(implementor), peer), path


def _tasks(wanted: Wanted, crate: CompiledCrate, program: Program, operations: str) -> Iterator[tuple[TaskPart, str]]:
    """For each generation of the C ABI of tasks that the crate has code for. Without a profile that fits nobody knows
    which there are: one part that says so.
    """
    from smt_models.runtime.profile import ProfileError
    from smt_models.runtime.profile_files import profile_file
    from smt_models.runtime.task_profile import TASK_PROFILES, check_task_profile, load_task_profile

    if wanted.operations and TASK_SIDE not in wanted.operations:
        return
    try:
        if wanted.task_profile is not None:
            path = Path(wanted.task_profile).absolute()
        elif crate.version is None:
            raise ProfileError(f"nobody said which version of {crate.name} it is")
        else:
            path = profile_file(crate.name, crate.version, TASK_PROFILES)
        profile = load_task_profile(path)
        check_task_profile(profile, program)
    except ProfileError as error:
        if wanted.task_profile is not None:
            raise _unfit(wanted.task_profile, error, f"a profile of the tasks of {crate.name}") from error
        how = "docs/task-profiles.md says how to write a profile of tasks, for `--task-profile FILE`"
        yield TaskPart(None, f"the tasks are not described: {error}; {how}"), operations
        return
    for generation in profile.generations:
        yield TaskPart(generation), str(path)


def _unfit(where: str, error: Exception, expected: str) -> InputError:
    return InputError(where, WholeFile(), str(error), expected)


def _unfit_operations(wanted: Wanted, crate: CompiledCrate, error: Exception) -> InputError:
    return _unfit(wanted.profile or wanted.path, error, f"a profile that fits {crate.name} (`--profile FILE`)")


def _check_names(wanted: tuple[str, ...], named: tuple[str, ...], profile: Path) -> None:
    for name in wanted:
        if name not in named:
            raise InputError(str(profile), WholeFile(), f"no operation {name}", f"one of {', '.join(named)}")


def _profile_path(wanted: Wanted, crate: CompiledCrate) -> Path:
    """The one that was asked for, else that of the package's version. Raises ProfileError."""
    from smt_models.runtime.profile import ProfileError
    from smt_models.runtime.profile_files import profile_file

    if wanted.profile is not None:
        return Path(wanted.profile).absolute()
    if crate.version is None:
        raise ProfileError(f"nobody said which version of {crate.name} it is")
    return profile_file(crate.name, crate.version)


def sha256_of_profile(path: Path) -> str:
    from smt_models.runtime.profile_files import read_profile

    return hashlib.sha256(canonical(read_profile(path))).hexdigest()

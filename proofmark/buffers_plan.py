"""What is asked of a crate's buffers to jobs: it is compiled, and what owns a block of the allocator is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.run import Expected
from extract.errors import InputError, WholeFile
from extract.mir.compile import Panic
from proofmark.buffers_job import MEGABYTES, BuffersJob
from proofmark.runtime_plan import GivenMir, RuntimeSubject, compiled
from proofmark.statics_job import load
from proofs.kinds import LENDING_KINDS, PoolKind
from smt_models.buffers.supposed import Elements


@dataclass(frozen=True, slots=True)
class BuffersSubject:
    """What is asked of one crate. `buffers`: by name; none: all. `kinds`: none: those that apply."""

    crate: RuntimeSubject
    buffers: tuple[str, ...] = ()
    kinds: tuple[PoolKind, ...] = ()


def _asked(
    kinds: tuple[PoolKind, ...], supposed: tuple[Elements, ...]
) -> Iterator[tuple[Elements, tuple[PoolKind, ...]]]:
    """What is asked under each: some of it is asked only where elements are counted, if they can be."""
    for one in supposed:
        apart = Elements.COUNTED in supposed
        those = tuple(kind for kind in kinds if not apart or (kind in LENDING_KINDS) == (one is Elements.COUNTED))
        if those or not kinds:
            yield one, those


@dataclass(frozen=True, slots=True)
class BuffersPlan:
    jobs: tuple[BuffersJob, ...]
    expected: tuple[Expected, ...]
    warnings: tuple[str, ...]


def plan_buffers(asked: BuffersSubject, say: Callable[[str], None]) -> BuffersPlan:
    """Raises InputError: no such crate, one that does not compile, buffers that are not there, or none at all."""
    from extract.mir.settings import settings_of
    from smt_models.buffers.hypothesis import hypotheses_of
    from smt_models.buffers.subject import buffers_of, outside_of

    subject = asked.crate
    say(f"{'reading' if isinstance(subject.source, GivenMir) else 'compiling'} {subject.path}")
    (crate,) = compiled(subject, (Panic.ABORT,))
    crate = replace(crate, mir_path=str(Path(crate.mir_path).resolve()))
    settings = settings_of(crate, Panic.ABORT, subject.toolchain)
    loaded = load(crate, settings)
    buffers = buffers_of(loaded)
    names = tuple(one.name for one in buffers)
    if not names:
        what = "a type whose Drop gives a block back, or a cabi_realloc"
        raise InputError(subject.path, WholeFile(), "no buffer", what)
    for name in asked.buffers:
        if name not in names:
            raise InputError(subject.path, WholeFile(), f"no buffer {name}", f"one of {', '.join(names)}")
    jobs = tuple(
        BuffersJob(
            path=subject.path,
            source=None if isinstance(subject.source, GivenMir) else subject.source,
            crate=crate,
            settings=settings,
            buffer=one.name,
            kinds=kinds,
            seconds=subject.seconds,
            megabytes=min(subject.megabytes, MEGABYTES),
            default_features=subject.default_features,
            toolchain=subject.toolchain,
            elements=elements,
        )
        for one in buffers
        if not asked.buffers or one.name in asked.buffers
        for elements, kinds in _asked(asked.kinds, hypotheses_of(loaded, one))
    )
    expected = tuple(Expected(job.path, kind.value, one) for job in jobs for kind, one in job.expected)
    lost = (f"{one} takes or gives back blocks, and is part of no buffer" for one in outside_of(loaded, buffers))
    return BuffersPlan(jobs, expected, tuple(f"{subject.path}: {one}" for one in (*crate.warnings, *lost)))

"""Provers that stand in for the real one where a test is about what surrounds it. Picklable by reference."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from extract.errors import ByteOffset, InputError
from proofmark.job import Job, Outcome
from proofmark.jobs import AnyJob
from proofmark.worker import Done, prove
from proofs.verdicts import (
    ClosedSet,
    FunctionId,
    Kind,
    NotConfirmed,
    Proved,
    Reach,
    Refuted,
    Result,
    Subject,
    Unknown,
    Verdict,
)

PROVED = Proved(ClosedSet((FunctionId(0, 1),), None, None, (), ((0, ((0, 3), (7, 7))),)), ())
REFUTED = Refuted(Reach((), ("export f",), None, NotConfirmed("not tried")))


def outcome(job: Job, kind: Kind, verdict: Verdict, sha256: str = "0" * 64) -> Outcome:
    subject = Subject(job.path, Path(job.path).name, 0, sha256)
    certificate = b"{}\n" if isinstance(verdict, Proved) else None
    return Outcome(Result(subject, kind, "every entry", verdict, 0.5), certificate)


def proves(job: AnyJob) -> Done:
    assert isinstance(job, Job)
    return Done(tuple(outcome(job, kind, PROVED) for kind in job.kinds))


def by_name(job: AnyJob) -> Done:
    """What happens is written in the file's name: `slow`, `dies`, `dies-once`, `faults`, `bad`, `unknown`."""
    assert isinstance(job, Job)
    name = Path(job.path).name
    if name.startswith("slow"):
        time.sleep(0.4)
    if name.startswith("dies-once"):
        mark = Path(job.path)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif name.startswith("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("faults"):
        raise ZeroDivisionError("a slip\nof ours")
    if name.startswith("bad"):
        raise InputError(job.path, ByteOffset(8), "a slip", "none")
    verdict = Unknown("too hard") if name.startswith("unknown") else PROVED
    return Done(tuple(outcome(job, kind, verdict) for kind in job.kinds))


def with_mark(module: bytes, mark: bytes) -> bytes:
    """The module with a custom section of this name behind it, which says how `marked` is to behave."""
    content = bytes([len(mark)]) + mark
    return module + bytes([0, len(content)]) + content


def marked(job: AnyJob) -> Done:
    """The real prover, on modules that are marked: slow, ending its worker, or lying about what it has proved."""
    assert isinstance(job, Job)
    data = Path(job.path).read_bytes()
    if data.endswith(b"slow"):
        time.sleep(2.0)
    if data.endswith(b"poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    done = prove(job)
    if data.endswith(b"liar"):
        return Done(tuple(_about_other_bytes(one) for one in done.outcomes))
    if data.endswith(b"forger"):
        return Done(tuple(replace(one, certificate=b"{}\n") for one in done.outcomes))
    return done


def _about_other_bytes(one: Outcome) -> Outcome:
    subject = replace(one.result.subject, sha256="f" * 64)
    return replace(one, result=replace(one.result, subject=subject))


def waits(job: AnyJob) -> Done:
    """Longer than any test, for files named `wait…`; leaves a mark once it has begun."""
    assert isinstance(job, Job)
    if Path(job.path).name.startswith("wait"):
        Path(f"{job.path}.started").touch()
        time.sleep(120)
    words = {Kind.REALLOC_NO_GROW: "every realloc"}
    outcomes = []
    for kind in job.kinds:
        one = outcome(job, kind, Unknown("not tried"))
        outcomes.append(replace(one, result=replace(one.result, instance=words.get(kind, "every entry"))))
    return Done(tuple(outcomes))

"""`proofmark check --deep`: the model made again from the subject, which must be the certificate's, byte for byte.

This asks the extractor, which plain checks do not: it shows that the certificate's model is what the extractor makes of
this subject, and not that the extractor is right.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from extract.errors import InputError
from proofmark.asked_runtimes import AskedRuntimes
from proofs.recheck.compact import MAGIC
from proofs.recheck.shared import Reference, read_shared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from artifacts.canonical import Json
    from extract.mir.compile import CompiledCrate
    from proofmark.buffers_job import BuffersJob
    from proofmark.runtime_job import RuntimeJob
    from proofmark.runtime_plan import RuntimeSubject
    from proofmark.statics_job import StaticsJob
    from proofs.runtime.again import Again
    from smt_models.buffers.model import BufferModel
    from smt_models.static_pools.model import StaticPools

OF_POOLS = ("pool", "host", "hypothesis", "roles", "cells", "fixed", "idle", "left_out")
OF_STATICS = ("static", "width", "statics", "functions", "cells", "contents", "trusted", "sized", "counted", "owners")
OF_BUFFERS = ("buffer", "about", "width", "functions", "readers", "cells", "trusted")
OF_RUNTIMES = ("trusted", "covered", "uncovered")
SHOWN = 80


@dataclass(frozen=True, slots=True)
class Same:
    how: str


@dataclass(frozen=True, slots=True)
class Different:
    reason: str


@dataclass(frozen=True, slots=True)
class NotMade:
    reason: str


class _Job(Protocol):
    @property
    def crate(self) -> CompiledCrate: ...


_OfJob = TypeVar("_OfJob", bound=_Job)


@dataclass(frozen=True, slots=True)
class _Planned(Generic[_OfJob]):
    """What can be made of the crates given. `problems`: of those of which nothing can, as they may be about the other
    certificates.
    """

    jobs: tuple[_OfJob, ...]
    problems: tuple[InputError, ...]

    def of(self, sha256: str) -> tuple[_OfJob, ...] | Different:
        """Those from this MIR. Raises InputError."""
        found = tuple(job for job in self.jobs if job.crate.mir_sha256 == sha256)
        if found:
            return found
        if self.problems:
            raise self.problems[0]
        others = ", ".join(sorted({job.crate.mir_sha256 for job in self.jobs}))
        return Different(f"the crate given has another MIR: SHA-256 {others}")


def _planned(asked: Iterable[RuntimeSubject], plan: Callable[[RuntimeSubject], tuple[_OfJob, ...]]) -> _Planned[_OfJob]:
    jobs: list[_OfJob] = []
    problems: list[InputError] = []
    for one in asked:
        try:
            jobs += plan(one)
        except InputError as error:
            problems.append(error)
    return _Planned(tuple(jobs), tuple(problems))


class Deep:
    """Keeps models that it made, for certificates that share them. `runtimes`: the crates that may be meant."""

    def __init__(self, runtimes: AskedRuntimes) -> None:
        self._runtimes = runtimes
        self._jobs: dict[str, _Planned[RuntimeJob]] = {}
        self._statics_jobs: _Planned[StaticsJob] | None = None
        self._buffer_jobs: _Planned[BuffersJob] | None = None
        self._made: dict[tuple[str, tuple[str, ...], bool], Again] = {}
        self._statics_made: dict[tuple[str, tuple[str, ...]], tuple[StaticPools, ...]] = {}
        self._buffers_made: dict[tuple[str, str, str], BufferModel] = {}

    def look(self, certificate: Path, subject: Path) -> Same | Different | NotMade:
        """Of a certificate that the checker accepts about this subject."""
        raw = certificate.read_bytes()
        if raw.startswith(MAGIC):
            return Same("no model stands between it and the subject's bytes")
        document = json.loads(raw)
        match document["evidence"]["kind"]:
            case "pool-invariant":
                return self._pool(document, certificate.parent, subject)
            case "invariant":
                return self._runtime(document, certificate.parent)
            case "statics-invariant":
                return self._statics(document, certificate.parent)
            case "buffer-invariant":
                return self._buffer(document, certificate.parent)
            case "closed-set" | "needed-by":
                return Same("no model stands between it and the subject's bytes")
            case other:
                return NotMade(f"nothing is known of how evidence of the kind {other} is made")

    def _pool(self, document: Mapping[str, Any], beside: Path, subject: Path) -> Same | Different | NotMade:
        from artifacts.pool_certificate import invariant_json
        from extract.subject import read_subject
        from proofs.pools.again import evidence_again
        from smt_models.pools.calls import NoModel

        said = document["evidence"]
        try:
            file = read_subject(str(subject))
            if file.sha256 != document["subject"]["sha256"]:
                return NotMade("the subject changed while it was read")
            made = evidence_again(file, said)
        except InputError as error:
            return NotMade(str(error))
        except (NoModel, LookupError) as error:
            return Different(f"the module gives no model: {error.args[0]}")
        return _compared(said, invariant_json(made), made.model, OF_POOLS, beside)

    def _statics(self, document: Mapping[str, Any], beside: Path) -> Same | Different | NotMade:
        from artifacts.statics_certificate import invariant_json
        from proofmark.statics_job import load
        from proofs.static_pools.judge import evidence_of
        from smt_models.static_pools.model import models_of

        if not self._runtimes.subjects:
            return NotMade("the model of statics is made from their crate: give --package, --crate, or --mir and --src")
        said = document["evidence"]
        try:
            jobs = self._statics_planned().of(document["subject"]["sha256"])
            if isinstance(jobs, Different):
                return jobs
            job = next((one for one in jobs if said["static"] in one.pools), None)
            if job is None:
                return Different(f"the crate given has no static {said['static']}")
            key = (job.crate.mir_sha256, job.statics)
            if key not in self._statics_made:
                self._statics_made[key] = models_of(load(job.crate, job.settings), job.statics)
        except InputError as error:
            return NotMade(str(error))
        except LookupError as error:
            return Different(f"the crate gives no model: {error.args[0]}")
        for model in self._statics_made[key]:
            made = evidence_of(model, said["static"], "", ())
            result = _compared(said, invariant_json(made), made.model, OF_STATICS, beside)
            if isinstance(result, Same):
                break
        return result

    def _statics_planned(self) -> _Planned[StaticsJob]:
        """Raises InputError."""
        from proofmark.runtime_plan import asked_subjects
        from proofmark.statics_plan import StaticsSubject, plan_statics

        if self._statics_jobs is None:
            asked = asked_subjects(self._runtimes)
            self._statics_jobs = _planned(asked, lambda one: plan_statics(StaticsSubject(one), _say_nothing).jobs)
        return self._statics_jobs

    def _buffer(self, document: Mapping[str, Any], beside: Path) -> Same | Different | NotMade:
        from artifacts.buffer_certificate import invariant_json
        from proofmark.statics_job import load
        from proofs.buffers.judge import evidence_of
        from smt_models.buffers.model import model_of
        from smt_models.buffers.subject import buffers_of
        from smt_models.buffers.supposed import Elements

        if not self._runtimes.subjects:
            return NotMade("the model of a buffer is made from its crate: give --package, --crate, or --mir and --src")
        said = document["evidence"]
        try:
            jobs = self._buffers_planned().of(document["subject"]["sha256"])
            if isinstance(jobs, Different):
                return jobs
            key = (jobs[0].crate.mir_sha256, said["buffer"], said["elements"])
            if key not in self._buffers_made:
                subject = load(jobs[0].crate, jobs[0].settings)
                buffer = next((one for one in buffers_of(subject) if one.name == said["buffer"]), None)
                if buffer is None:
                    return Different(f"the crate given has no buffer {said['buffer']}")
                self._buffers_made[key] = model_of(subject, buffer, Elements(said["elements"]))
        except InputError as error:
            return NotMade(str(error))
        except LookupError as error:
            return Different(f"the crate gives no model: {error.args[0]}")
        made = evidence_of(self._buffers_made[key], "", ())
        return _compared(said, invariant_json(made), made.model, OF_BUFFERS, beside)

    def _buffers_planned(self) -> _Planned[BuffersJob]:
        """Raises InputError."""
        from proofmark.buffers_plan import BuffersSubject, plan_buffers
        from proofmark.runtime_plan import asked_subjects

        if self._buffer_jobs is None:
            asked = asked_subjects(self._runtimes)
            self._buffer_jobs = _planned(asked, lambda one: plan_buffers(BuffersSubject(one), _say_nothing).jobs)
        return self._buffer_jobs

    def _runtime(self, document: Mapping[str, Any], beside: Path) -> Same | Different | NotMade:
        from artifacts.runtime_certificate import invariant_json
        from smt_models.runtime.explore import NoFixpoint
        from smt_models.runtime.followed import PARTIAL_WRITE
        from smt_models.runtime.outcomes import NotModelled

        if not self._runtimes.subjects:
            return NotMade("the model of a runtime is made from its crate: give --package, --crate, or --mir and --src")
        try:
            job = self._job(document)
            if isinstance(job, Different):
                return job
            evidence = document["evidence"]
            follows = PARTIAL_WRITE in evidence["excluded"]  # only the model that follows an element has it
            made = self._again(job, tuple(evidence["hypotheses"]), follows)
        except (InputError, NoFixpoint, NotModelled) as error:
            return NotMade(str(error))
        listed = {about for one in document["assumptions"] if one["id"] == "build" for about in one["about"]}
        for sentence in made.build:
            if not self._runtimes.mirs and sentence not in listed:
                return Different(f"the certificate does not say how its subject was built: {sentence}")
        again = made.evidence
        found = _compared(evidence, invariant_json(again), again.model, OF_RUNTIMES, beside)
        if isinstance(found, Different) and not made.certain:
            return NotMade(f"{found.reason}; but how numbers are related was not decided in time: give more --seconds")
        return found

    def _job(self, document: Mapping[str, Any]) -> RuntimeJob | Different:
        """Of what the certificate is about, if that is what is at hand. Raises InputError."""
        subject, instance = document["subject"], document["instance"]
        jobs = self._runtimes_planned(subject["build"]["panic"]).of(subject["sha256"])
        if isinstance(jobs, Different):
            return jobs
        job = next((job for job in jobs if job.instance == instance), None)
        if job is None:
            return Different(f"the crate given has no {instance}")
        for what, here in (("sources", job.sources_sha256), ("profile", job.profile_sha256)):
            if here != subject["build"][f"{what}_sha256"]:
                return Different(f"the {what} at hand are not those of the certificate: SHA-256 {here}")
        return job

    def _runtimes_planned(self, panic: str) -> _Planned[RuntimeJob]:
        """Raises InputError."""
        from proofmark.runtime_plan import asked_subjects, plan_runtime

        if panic not in self._jobs:
            asked = asked_subjects(replace(self._runtimes, panics=(panic,)))
            self._jobs[panic] = _planned(asked, lambda one: plan_runtime(one, _say_nothing).jobs)
        return self._jobs[panic]

    def _again(self, job: RuntimeJob, hypotheses: tuple[str, ...], follows: bool) -> Again:
        """Raises InputError, NoFixpoint, NotModelled."""
        from proofmark.run_models import part_of
        from proofmark.runtime_job import spending_of
        from proofs.runtime.again import made_again

        key = (job.instance, hypotheses, follows)
        if key not in self._made:
            self._made[key] = made_again(part_of(job), hypotheses, follows, spending_of(job))
        return self._made[key]


def _say_nothing(_: str) -> None: ...


def _compared(said: Mapping[str, Any], made: Json, model: str, keys: tuple[str, ...], beside: Path) -> Same | Different:
    assert isinstance(made, dict)
    if said["model"] != made["model"]:
        reference = Reference("model", said["model"]["bytes"], said["model"]["sha256"])
        return Different(f"the subject gives another model: {first_difference(read_shared(reference, beside), model)}")
    for key in keys:
        if said[key] != made[key]:
            return Different(f"the subject gives other {key}: {_shown(json.dumps(made[key]))}")
    return Same("its model was made again from the subject, with the same bytes")


def first_difference(certified: str, made: str) -> str:
    """The first line that differs, with the comment before it, which says of what step it is."""
    step = "before all steps"
    for number, (one, other) in enumerate(zip_longest(certified.splitlines(), made.splitlines(), fillvalue=""), 1):
        if one != other:
            at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
            start = max(0, at - SHOWN // 2)
            return f"line {number} ({step}): {_shown(one[start:])} in the certificate, {_shown(other[start:])} here"
        if one.startswith("; ") and not one.startswith("; members of "):
            step = one.removeprefix("; ")
    return "the last lines end otherwise"


def _shown(text: str) -> str:
    return f"'{text[:SHOWN]}{'...' if len(text) > SHOWN else ''}'" if text else "nothing"

"""Proofs about a crate's statics and buffers without what is known of one function of the library, from the crate
itself, if it is the one that the certificate is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from artifacts.explore.json_reading import Node
from extract.errors import InputError, WholeFile
from proofmark import buffers_job, statics_job
from proofmark.buffers_plan import BuffersSubject, plan_buffers
from proofmark.run_models import ProgramAt, source_of
from proofmark.runtime_plan import RuntimeSubject
from proofmark.statics_plan import StaticsSubject, plan_statics
from proofs.ablation.left import Clock
from proofs.ablation.library import Verdicts, buffer_without, statics_without
from smt_models.buffers.supposed import Elements

if TYPE_CHECKING:
    from smt_models.static_pools.subject import Subject


Decide = Callable[[str], Verdicts]
"""What comes of all obligations of one instance without the function that is named."""


class Crate:
    """Keeps what was read and decided: the proofs of one instance rest on much the same."""

    def __init__(self, program: ProgramAt, clock: Clock) -> None:
        self._program = program
        self._clock = clock
        self._instances: dict[tuple[str, str], Decide] = {}
        self._verdicts: dict[tuple[str, str, str], Verdicts] = {}

    def without(self, certificate: Node, function: str) -> Verdicts:
        """Of all obligations of the certificate's instance. Raises InputError: no program at hand, or another one."""
        subject, evidence = certificate.child("subject"), certificate.child("evidence")
        instance = (subject.child("sha256").text(), certificate.child("instance").text())
        if instance not in self._instances:
            read = self._buffer if evidence.has("buffer") else self._static
            self._instances[instance] = read(subject, evidence)
        if (*instance, function) not in self._verdicts:
            self._verdicts[*instance, function] = self._instances[instance](function)
        return self._verdicts[*instance, function]

    def _static(self, subject: Node, evidence: Node) -> Decide:
        name = evidence.child("static").text()
        jobs = plan_statics(StaticsSubject(self._asked(subject), (name,)), _say_nothing).jobs
        job = next(job for job in jobs if name in job.pools)
        loaded, kinds = _loaded(job, subject), statics_job.KINDS
        return lambda function: statics_without(loaded, job.statics, name, kinds, function, self._clock)

    def _buffer(self, subject: Node, evidence: Node) -> Decide:
        name = evidence.child("buffer").text()
        job, *_ = plan_buffers(BuffersSubject(self._asked(subject), (name,)), _say_nothing).jobs
        loaded, elements = _loaded(job, subject), Elements(evidence.child("elements").text())
        kinds = buffers_job.kinds_of(elements)
        return lambda function: buffer_without(loaded, name, elements, kinds, function, self._clock)

    def _asked(self, subject: Node) -> RuntimeSubject:
        source = source_of(subject, self._program)
        return RuntimeSubject(self._program.package or str(self._program.sources), source)


def _loaded(job: statics_job.StaticsJob | buffers_job.BuffersJob, subject: Node) -> Subject:
    """Raises InputError."""
    if job.crate.mir_sha256 != subject.child("sha256").value:
        raise InputError(job.path, WholeFile(), "another MIR than that of the run", "the same program")
    return statics_job.load(job.crate, job.settings)


def _say_nothing(_: str) -> None: ...

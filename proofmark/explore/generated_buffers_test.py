"""A counterexample about a buffer of a crate as a Rust project with a test: the crate, an allocator that watches its
blocks, and the calls.
"""

from __future__ import annotations

from pathlib import Path

from artifacts.explore.json_reading import Node
from extract.errors import InputError, WholeFile
from proofmark.buffers_job import KINDS, BuffersJob
from proofmark.buffers_plan import BuffersSubject, plan_buffers
from proofmark.explore.generated_calls_test import buildable, job_of, recorded_calls, write_project
from proofmark.run_models import ProgramAt, source_of
from proofmark.runtime_plan import RuntimeSubject
from proofmark.statics_job import load
from proofs.buffers.arguments import NotWritable
from proofs.buffers.judge import judge
from proofs.buffers.program import program_text
from proofs.kinds import PoolKind
from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.verdicts import NotConfirmed
from smt_models.buffers.model import BufferModel, model_of
from smt_models.buffers.subject import buffers_of
from smt_models.static_pools.subject import Subject


class _Found(Exception):
    """The search came to the recorded calls."""

    def __init__(self, wide: BufferModel, route: Route) -> None:
        super().__init__()
        self.wide, self.route = wide, route


def write_buffers_test(result: Node, trace: Path, program: ProgramAt, folder: Path) -> str:
    """The project, in a folder that is made; and what to do with it. The calls are searched anew, with numbers of the
    machine's width, and have to be those recorded. Raises InputError.
    """
    job = _job(result, program)
    subject = load(job.crate, job.settings)
    recorded = recorded_calls(trace)
    try:
        found = _again(job, subject, PoolKind(result.child("obligation").text()), recorded)
        text = program_text(subject, found.wide, found.route, is_test=True)
    except LookupError as error:
        raise InputError(job.path, WholeFile(), f"no model: {error.args[0]}", "the crate of the run") from error
    except NotWritable as error:
        raise InputError(str(trace), WholeFile(), str(error), "calls that a test can make") from error
    crate = buildable(job.source, job.crate, job.default_features, job.toolchain)
    return write_project(text, crate, folder)


def _job(result: Node, program: ProgramAt) -> BuffersJob:
    """Raises InputError: no program at hand, or another one."""
    path = program.package or str(program.sources)
    source = source_of(result.child("subject"), program)
    plan = plan_buffers(BuffersSubject(RuntimeSubject(path, source)), lambda _: None)
    return job_of(result, plan.jobs, path)


def _again(job: BuffersJob, subject: Subject, kind: PoolKind, recorded: list[str]) -> _Found:
    """Raises LookupError: no model; InputError: the search went another way."""

    def confirm(wide: BufferModel, route: Route, of: PoolKind) -> NotConfirmed:
        calls = [wide.paths[one.step].step.call for one in route.calls]
        if of is kind and len(calls) == len(recorded) and all(map(str.startswith, recorded, calls)):
            raise _Found(wide, route)
        return NotConfirmed("another counterexample is looked for")

    model = model_of(subject, next(one for one in buffers_of(subject) if one.name == job.buffer), job.elements)
    try:
        judge(model, KINDS, Budget(job.seconds, job.megabytes), confirm)
    except _Found as found:
        return found
    what = "calls that the search did not come to again"
    raise InputError(job.path, WholeFile(), what, "those of this version, in words of 64 bits too")

"""A counterexample about statics of a crate as a Rust project with a test: the crate, and the calls."""

from __future__ import annotations

from pathlib import Path

from artifacts.explore.json_reading import Node
from extract.errors import InputError, WholeFile
from proofmark.explore.generated_calls_test import buildable, job_of, recorded_calls, write_project
from proofmark.run_models import ProgramAt, source_of
from proofmark.runtime_plan import RuntimeSubject
from proofmark.statics_job import KINDS, StaticsJob, load
from proofmark.statics_plan import StaticsSubject, plan_statics
from proofs.pools.bounded import Route
from proofs.runtime.engine import Budget
from proofs.static_pools.calls import written
from proofs.static_pools.judge import judge
from proofs.static_pools.replay import program_text
from proofs.verdicts import NotConfirmed
from smt_models.static_pools.model import StaticPools, model_of
from smt_models.static_pools.subject import Subject


class _Found(Exception):
    """The search came to the recorded calls."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route


def write_statics_test(result: Node, trace: Path, program: ProgramAt, folder: Path) -> str:
    """The project, in a folder that is made; and what to do with it. The calls are searched anew, and have to
    be those recorded. Raises InputError.
    """
    job = _job(result, program)
    subject = load(job.crate, job.settings)
    try:
        model = model_of(subject, job.statics)
    except LookupError as error:
        raise InputError(job.path, WholeFile(), f"no model: {error.args[0]}", "the crate of the run") from error
    recorded = recorded_calls(trace)
    route = _again(job, subject, model, recorded)
    if route is None:
        raise InputError(
            str(trace), WholeFile(), "calls that the search did not come to again", "those of this version"
        )
    text = program_text(subject, model, route, is_test=True)
    if isinstance(text, NotConfirmed):
        raise InputError(str(trace), WholeFile(), text.why, "calls that a test can make")
    crate = buildable(job.source, job.crate, job.default_features, job.toolchain)
    return write_project(text, crate, folder)


def _job(result: Node, program: ProgramAt) -> StaticsJob:
    """Raises InputError: no program at hand, or another one."""
    path = program.package or str(program.sources)
    source = source_of(result.child("subject"), program)
    plan = plan_statics(StaticsSubject(RuntimeSubject(path, source)), lambda _: None)
    return job_of(result, plan.jobs, path)


def _again(job: StaticsJob, subject: Subject, model: StaticPools, recorded: list[str]) -> Route | None:
    """The route of the recorded calls: the search goes the same way, whatever a run of the crate says."""

    def confirm(route: Route) -> NotConfirmed:
        if [written(subject, model.calls[one.step], one.arguments) for one in route.calls] == recorded:
            raise _Found(route)
        return NotConfirmed("another counterexample is looked for")

    try:
        judge(subject, model, job.pools, KINDS, Budget(job.seconds, job.megabytes), confirm)
    except _Found as found:
        return found.route
    return None

"""`proofmark least`: for which size, budget or alignment of a pool would an obligation hold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.names import visible
from artifacts.run import Run
from artifacts.runtime_trace import trace_text
from artifacts.sentences import SENTENCE_LIMIT
from extract.errors import InputError
from proofmark import console, reports
from proofmark.errors import UsageError
from proofmark.job import Outcome
from proofmark.least import (
    Answer,
    Decided,
    Holds,
    HoldsForNone,
    NothingToVary,
    NotKnown,
    Varied,
    least,
    needed,
    varied_of,
)
from proofmark.pool_job import PoolJob, prove_pool
from proofmark.version import VERSION
from proofs.kinds import PoolKind
from proofs.verdicts import Refuted, Violation

KNOWN, BAD, OPEN = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """Without files the pools of the manifest. Without kinds those that are refuted."""

    files: tuple[str, ...]
    pools: tuple[str, ...]
    kinds: tuple[PoolKind, ...]
    manifest: Path | None
    seconds: int | None
    out: Path | None
    quiet: bool


def run(asked: Asked) -> int:
    """Raises UsageError, InputError."""
    status = KNOWN
    proved: list[Outcome] = []
    refuted: list[Outcome] = []
    jobs, refused = _jobs(asked)
    for job in jobs:
        try:
            for kind, varied, answer in _answers(job, asked):
                status = max(status, OPEN if isinstance(answer, NotKnown) else KNOWN)
                for kept, decided in ((proved, proved_of(answer)), (refuted, refuted_of(answer))):
                    kept += [] if decided is None else [decided.outcome]
                for line in _lines(job, kind, varied, answer):
                    console.out(f"{line}\n")
        except InputError as error:
            refused = (*refused, error)
    for one in refused:
        console.err(f"error: {one}")
    if asked.out is not None:
        _write(asked.out / "proved", proved)
        _write(asked.out / "refuted", refuted)
    return BAD if refused else status


def _write(directory: Path, outcomes: list[Outcome]) -> None:
    """As a run of its own: `check` and `explore` take it."""
    reports.prepare(directory)
    results = tuple(one.result for one in outcomes)
    reports.write(directory, Run(VERSION, "complete", results, (), (), (), Path.cwd()), outcomes, ("json",))


def _jobs(asked: Asked) -> tuple[tuple[PoolJob, ...], tuple[InputError, ...]]:
    if asked.files:
        if asked.manifest is not None:
            raise UsageError("--manifest and FILE exclude each other")
        from proofmark.pool_plan import plan_pools

        say = (lambda _: None) if asked.quiet else console.err
        plan = plan_pools(asked.files, asked.pools, asked.kinds, (10.0, asked.seconds), say)
        return plan.jobs, plan.refused
    if asked.pools:
        raise UsageError("--pool needs a FILE; without one the manifest says the pools")
    from proofmark.manifest import NAME, read_manifest

    manifest = read_manifest(asked.manifest or Path(NAME), None)
    if not manifest.pools:
        raise UsageError("the manifest names no pools; expected [[subject.pools]], or FILE and --pool")
    wanted = (replace(job, kinds=asked.kinds or job.kinds) for job in manifest.pools)
    return tuple(replace(job, seconds=asked.seconds or job.seconds) for job in wanted), ()


def _answers(job: PoolJob, asked: Asked) -> Iterator[tuple[PoolKind, Varied | None, Answer]]:
    job, behind = _looked_at(job)

    def decide(one: PoolJob) -> Outcome:
        (outcome,) = prove_pool(one, as_said=True)
        if not asked.quiet:
            word = type(outcome.result.verdict).__name__.lower()
            console.err(f"  {outcome.result.kind.value}, {one.instance}, {_said(one)}: {word}")
        return outcome

    for outcome in prove_pool(job):
        kind = outcome.result.kind
        assert isinstance(kind, PoolKind)
        if not asked.kinds and not isinstance(outcome.result.verdict, Refuted):
            continue
        varied = varied_of(job.pool, kind, behind)
        if isinstance(varied, Varied):
            yield kind, varied, least(job, outcome, varied, decide)
        else:
            refuted = Decided(0, outcome) if isinstance(outcome.result.verdict, Refuted) else None
            yield kind, None, NothingToVary(varied, refuted)


def _said(job: PoolJob) -> str:
    pool = job.pool
    parts = (("alignment", pool.alignment), ("budget", pool.budget))
    return ", ".join((f"{pool.size} bytes", *(f"{name} {value}" for name, value in parts if value is not None)))


def _looked_at(job: PoolJob) -> tuple[PoolJob, tuple[int, str]]:
    """With the roles that the module has for the pool; and the first thing behind it: a table, a cell, the end of
    memory. Raises InputError.
    """
    from extract.subject import read_subject
    from extract.wasm.initial import initial_state
    from extract.wasm.read import read_world
    from proofmark.pool_roles import with_roles
    from smt_models.pools.calls import NoModel, calls_of
    from smt_models.wasm.program import program_of

    file = read_subject(job.path)
    module = read_world(file).instances[0].module
    job = replace(job, pool=with_roles(job.path, job.pool, module))
    pool = job.pool
    pages = module.memories[0].minimum if module.memories else 0
    found = [(pages << 16, "the memory that the module begins with ends"), (pool.end, "nothing is known behind it")]
    found = found[: 1 if pages << 16 >= pool.end else 2]
    found += [(one.base, f"the table {one.name} begins") for one in pool.tables if one.base >= pool.end]
    try:
        calls = calls_of(program_of(file.data, module, file.path), initial_state(file.data, module, file.path), pool)
        cells = [cell.address for cell in calls.layout.cells if cell.address >= pool.end]
        found += [(min(cells), "a call keeps something for later calls")] if cells else []
    except (NoModel, LookupError):
        pass  # then nothing is decided either, and its verdict says why
    return job, min(found)


# In words


def _lines(job: PoolJob, kind: PoolKind, varied: Varied | None, answer: Answer) -> Iterator[str]:
    yield f"{kind.value}, {visible(job.path)}, {visible(job.instance)}: {_sentence(varied, answer)}"
    if varied is not None:
        yield f"  varied: the {varied.name} that is said of the pool, {_range(varied)}; the module stays as it is"
    if answer_proved := proved_of(answer):
        yield f"  proved for {answer_proved.value}: its certificate was checked"
    if answer_refuted := refuted_of(answer):
        value = "" if varied is None else f" for {answer_refuted.value}"
        yield f"  refuted{value}: shown by the module itself, called so"
        match answer_refuted.outcome.result.verdict:
            case Refuted(Violation(trace, _)):
                need = None if varied is None or trace.pool is None else needed(varied, trace.pool)
                if varied is not None and need is not None:
                    yield f"  these calls need a {varied.name} of {need}"
                yield from (f"    {line}" for line in trace_text(trace).splitlines())
            case _:
                pass


def _sentence(varied: Varied | None, answer: Answer) -> str:
    match answer, varied:
        case Holds(proved, refuted), Varied(name, given):
            if refuted is None:
                return f"holds for any {name}" if name != "alignment" else f"holds for alignment {given}"
            said = f"up to alignment {proved.value}" if name == "alignment" else f"from {name} {proved.value}"
            return f"{'holds' if proved.value == given else 'would hold'} {said}; {given} was given"
        case HoldsForNone(), Varied("alignment"):
            return "for no alignment"
        case HoldsForNone(refuted), Varied(name):
            return f"for no {name} up to {refuted.value}"
        case NotKnown(why), _:
            return f"not known: {visible(why, SENTENCE_LIMIT)}"
        case NothingToVary(why, refuted), _:
            return f"{'refuted whatever is said' if refuted else 'nothing to vary'}: {why}"
        case _:
            raise AssertionError("an answer of what was not varied")


def _range(varied: Varied) -> str:
    if varied.name == "alignment":
        return f"from {varied.given} down to 1"
    return f"up to {varied.most} bytes ({varied.until})"


def proved_of(answer: Answer) -> Decided | None:
    return answer.proved if isinstance(answer, Holds | NotKnown) else None


def refuted_of(answer: Answer) -> Decided | None:
    return answer.refuted

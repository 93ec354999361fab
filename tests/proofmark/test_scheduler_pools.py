"""Jobs on worker processes: stable order, nothing lost, nothing green that was not proved."""

import io
import multiprocessing
from pathlib import Path

import pytest
from fake_provers import by_name

from artifacts.run import exit_status, verdict_word
from proofmark.job import Job
from proofmark.plan import expected_of
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs
from proofmark.scheduler import Backend, InProcess, Processes, attempts
from proofmark.worker import Done, Lost
from proofs.verdicts import Kind


def jobs_named(*names: str, under: Path = Path()) -> tuple[Job, ...]:
    return tuple(Job(str(under / name), (Kind.MODULE_NO_GROW,)) for name in names)


def finish(jobs: tuple[Job, ...], backend: Backend) -> Finished:
    return run_jobs(jobs, expected_of(jobs), by_name, backend, Progress(io.StringIO(), len(jobs)))


@pytest.mark.parametrize("backend", [InProcess(), Processes(3)])
def test_results_stand_in_the_order_of_the_jobs(backend: Backend) -> None:
    jobs = jobs_named("slow-z", "b", "slow-c", "a", "d")
    finished = finish(jobs, backend)
    assert [result.subject.path for result in finished.run.results] == ["slow-z", "b", "slow-c", "a", "d"]
    assert exit_status(finished.run) == 0


def test_a_job_that_kills_its_worker_is_missing_and_takes_nothing_with_it() -> None:
    jobs = jobs_named("a", "slow-b", "dies", "c", "slow-d", "e", "f", "g")
    finished = finish(jobs, Processes(2))
    assert [result.subject.path for result in finished.run.results] == ["a", "slow-b", "c", "slow-d", "e", "f", "g"]
    assert [wanted.subject_path for wanted in finished.run.missing] == ["dies"]
    assert finished.run.run_state == "incomplete"
    assert exit_status(finished.run) == 3
    assert any("dies" in warning and "lost" in warning for warning in finished.warnings)


def test_only_the_job_that_kills_is_lost_where_every_second_one_does() -> None:
    jobs = jobs_named("dies-1", "a", "dies-2", "b", "dies-3")
    got = dict(attempts(jobs, by_name, Processes(2)))
    assert [type(got[number]) for number in range(5)] == [Lost, Done, Lost, Done, Lost]


def test_a_worker_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    jobs = jobs_named("dies-once", "a", "b", under=tmp_path)
    finished = finish(jobs, Processes(2))
    assert len(finished.run.results) == 3
    assert exit_status(finished.run) == 0


@pytest.mark.parametrize("backend", [InProcess(), Processes(2)])
def test_faults_and_bad_input_leave_the_others_alone(backend: Backend) -> None:
    finished = finish(jobs_named("a", "faults", "bad", "unknown"), backend)
    assert [verdict_word(result.verdict) for result in finished.run.results] == ["proved", "unknown"]
    assert [fault.text for fault in finished.faults] == ["ZeroDivisionError: a slip of ours"]
    assert "by_name" in finished.faults[0].traceback
    assert finished.run.errors == ("bad:byte 0x8: found a slip; expected none",)
    assert exit_status(finished.run) == 4


def test_workers_end_when_the_run_is_cut_short() -> None:
    before = set(multiprocessing.active_children())
    running = attempts(jobs_named("a", "slow-1", "slow-2", "slow-3", "slow-4"), by_name, Processes(2))
    next(running)
    running.close()
    assert set(multiprocessing.active_children()) <= before


def test_no_job_is_no_success() -> None:
    assert exit_status(finish((), InProcess()).run) == 3

"""A Dask cluster of two workers, one of which is ended in the middle of a run."""

import importlib.util
import io
import json
import os
import shutil
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fake_provers import marked, with_mark

from artifacts.run import exit_status
from proofmark import cluster as cluster_module
from proofmark.cli import main
from proofmark.cluster import Remote
from proofmark.errors import UsageError
from proofmark.job import Job
from proofmark.plan import expected_of
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs
from proofmark.scheduler import Cluster, attempts
from proofmark.worker import Lost
from proofs.verdicts import Kind

PRESENT = importlib.util.find_spec("distributed") is not None
if not PRESENT and os.environ.get("CI") != "true":
    warnings.warn("distributed is not installed: the cluster is NOT tested", UserWarning, stacklevel=1)

needs_cluster = pytest.mark.skipif(
    not PRESENT and os.environ.get("CI") != "true", reason="NOT TESTED: the package distributed is missing"
)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import dask
    import distributed

    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[2]}{os.pathsep}{Path(__file__).parent}")
    options = {"distributed.scheduler.allowed-failures": 1, "distributed.nanny.pre-spawn-environ": {}}
    with (
        dask.config.set(options),
        warnings.catch_warnings(),
        distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as running,
    ):
        warnings.simplefilter("ignore")
        yield running


POOL = (Path(__file__).parents[2] / "examples" / "static_pool_c.wasm").read_bytes()


def jobs_of(directory: Path, contents: list[bytes]) -> tuple[Job, ...]:
    for number, content in enumerate(contents):
        (directory / f"{number}.wasm").write_bytes(with_mark(POOL, content))
    return tuple(Job(str(directory / f"{n}.wasm"), (Kind.MODULE_NO_GROW,)) for n in range(len(contents)))


def finish(jobs: tuple[Job, ...], local: Any) -> Finished:
    backend = Cluster(local.scheduler_address)
    return run_jobs(jobs, expected_of(jobs), marked, backend, Progress(io.StringIO(), len(jobs)))


def end_a_worker_soon(local: Any) -> threading.Thread:
    def end() -> None:
        time.sleep(1.0)
        os.kill(next(iter(local.workers.values())).pid, signal.SIGKILL)

    thread = threading.Thread(target=end)
    thread.start()
    return thread


@needs_cluster
def test_a_worker_ended_in_mid_run_costs_nothing(local: Any, tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, [b"slow"] * 4 + [b"quick"] * 4)
    killer = end_a_worker_soon(local)
    finished = finish(jobs, local)
    killer.join()
    assert [result.subject.path for result in finished.run.results] == [job.path for job in jobs]
    assert exit_status(finished.run) == 0


@needs_cluster
def test_what_ends_every_worker_is_missing_and_never_green(local: Any, tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, [b"quick", b"poison", b"slow", b"liar", b"quick", b"forger"])
    finished = finish(jobs, local)
    assert [result.subject.path for result in finished.run.results] == [jobs[n].path for n in (0, 2, 4)]
    assert [wanted.subject_path for wanted in finished.run.missing] == [jobs[n].path for n in (1, 3, 5)]
    assert finished.run.run_state == "incomplete"
    assert exit_status(finished.run) == 3
    assert any("another file" in warning for warning in finished.warnings)
    assert any("does not accept the certificate" in warning for warning in finished.warnings)


@needs_cluster
def test_relative_paths_come_back_as_written(local: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_of(tmp_path, [b"quick"])
    monkeypatch.chdir(tmp_path)
    finished = finish((Job("0.wasm", (Kind.MODULE_NO_GROW,)), Job("gone.wasm", (Kind.MODULE_NO_GROW,))), local)
    assert [result.subject.path for result in finished.run.results] == ["0.wasm"]


@needs_cluster
def test_the_command_line_on_a_cluster(local: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("static_pool_rust.wasm", "growing_c.wasm"):
        shutil.copy(Path(__file__).parents[2] / "examples" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    files = ["static_pool_rust.wasm", "growing_c.wasm", "gone.wasm"]
    options = ["--scheduler", local.scheduler_address, "--replay-seconds", "0", "--no-cache", "--out", "out"]
    result = CliRunner().invoke(main, ["prove", *files, *options])
    assert result.exit_code == 2, result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    verdicts = {(each["subject"]["path"], each["verdict"]) for each in report["results"]}
    assert verdicts == {("static_pool_rust.wasm", "proved"), ("growing_c.wasm", "refuted")}
    assert "error: gone.wasm:file" in result.stderr
    certificates = [str(path) for path in (tmp_path / "out" / "certificates").iterdir()]
    assert CliRunner().invoke(main, ["check", *certificates]).exit_code == 0


@needs_cluster
def test_a_cluster_without_workers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    monkeypatch.setattr(cluster_module, "_PATIENCE_SECONDS", 1.0)
    jobs = jobs_of(tmp_path, [b"quick"])
    nobody = distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0")  # type: ignore[no-untyped-call]
    with nobody as empty:
        ((_, answer),) = attempts(jobs, marked, Cluster(empty.scheduler_address))
    assert isinstance(answer, Lost)
    assert "no worker" in answer.why


@needs_cluster
def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 1)
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        list(attempts((), marked, Cluster("tcp://127.0.0.1:1")))


def test_a_worker_of_another_version_may_not_answer() -> None:
    assert isinstance(Remote(marked, "0.0.1")(Job("x", ())), Lost)


def test_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'proofmark\[cluster\]'"):
        list(attempts((), marked, Cluster("tcp://127.0.0.1:1")))

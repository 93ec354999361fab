"""Several processes find in a module what one finds, and fail where one fails."""

from __future__ import annotations

import os
import random
import signal

import pytest

from proofs.recheck import cores
from proofs.recheck.cores import events_on_cores
from proofs.recheck.faults import Malformed
from proofs.recheck.scan import Body, events_by_group

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the runner of these tests has threads
CODE = (b"\x00\x20\x00\x10\x05\x0b", b"\x00\x40\x00\x1a\x0b", b"\x01\x02\x7f\xd2\x03\x1a\x0b", b"\x00\x0b")


@pytest.fixture(autouse=True)
def _small_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "BYTES_EACH", 1)


def _bodies(count: int, seed: int = 1) -> tuple[bytes, list[Body], list[int]]:
    chosen = random.Random(seed)
    data, bodies = b"", []
    for _ in range(count):
        body = chosen.choice(CODE)
        bodies.append((len(data), len(data) + len(body)))
        data += body
    return data, bodies, [chosen.randrange(3) for _ in bodies]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 1000])
@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_as_many_as_there_are_find_the_same(count: int, most: int) -> None:
    given = _bodies(count, seed=count)
    assert events_on_cores(*given, most) == events_by_group(*given)


@pytest.mark.parametrize("wrong", [0, 499, 999])
def test_what_is_wrong_is_said_whoever_meets_it(wrong: int) -> None:
    data, bodies, groups = _bodies(1000)
    start, _ = bodies[wrong]
    changed = data[:start] + b"\x00\xff" + data[start + 2 :]
    said = []
    for most in (1, 4):
        with pytest.raises(Malformed) as fault:
            events_on_cores(changed, bodies, groups, most)
        said.append(str(fault.value))
    assert said[0] == said[1]


def test_a_process_without_an_answer_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    given = _bodies(1000)
    expected = events_by_group(*given)
    here = os.getpid()

    def killed(*piece: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return events_by_group(*piece)  # type: ignore[arg-type]

    monkeypatch.setattr(cores, "events_by_group", killed)
    assert events_on_cores(*given, 3) == expected


def test_no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", none)
    given = _bodies(1000)
    assert events_on_cores(*given, 3) == events_by_group(*given)


def test_processes_and_pipes_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    started, fork = [], os.fork

    def noted() -> int:
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", noted)
    events_on_cores(*_bodies(1000), 5)
    assert len(started) == 4
    for process in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
    assert not before or len(os.listdir("/proc/self/fd")) == before

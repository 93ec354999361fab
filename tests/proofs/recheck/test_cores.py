"""Several processes find in a module what one finds, and fail where one fails."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from certificate_text import assemble, assume, certificate, closed_set, write

from proofs.recheck import Accepted, Rejected, ahead, cores, recheck
from proofs.recheck.cores import Work, events_on_cores
from proofs.recheck.faults import Malformed, Refused
from proofs.recheck.scan import Body, events_by_group

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the runner of these tests has threads
CODE = (b"\x00\x20\x00\x10\x05\x0b", b"\x00\x40\x00\x1a\x0b", b"\x01\x02\x7f\xd2\x03\x1a\x0b", b"\x00\x0b")


@pytest.fixture(autouse=True)
def _small_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "BYTES_EACH", 1)


def _as_many(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(cores, "cores", lambda: most)


def _work(count: int, seed: int = 1) -> Work:
    chosen = random.Random(seed)
    data, bodies = b"", list[Body]()
    for _ in range(count):
        body = chosen.choice(CODE)
        bodies.append((len(data), len(data) + len(body)))
        data += body
    return Work(data, bodies, [chosen.randrange(3) for _ in bodies])


def _alone(work: Work) -> dict[int, set[bytes]]:
    return events_by_group(work.data, work.bodies, work.groups)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 1000])
@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_as_many_as_there_are_find_the_same(monkeypatch: pytest.MonkeyPatch, count: int, most: int) -> None:
    _as_many(monkeypatch, most)
    work = _work(count, seed=count)
    assert events_on_cores(work) == _alone(work)


@pytest.mark.parametrize("wrong", [0, 499, 999])
def test_what_is_wrong_is_said_whoever_meets_it(monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
    work = _work(1000)
    start, _ = work.bodies[wrong]
    changed = replace(work, data=work.data[:start] + b"\x00\xff" + work.data[start + 2 :])
    said = []
    for most in (1, 4):
        _as_many(monkeypatch, most)
        with pytest.raises(Malformed) as fault:
            events_on_cores(changed)
        said.append(str(fault.value))
    assert said[0] == said[1]


def test_a_process_without_an_answer_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    work = _work(1000)
    expected = _alone(work)
    here = os.getpid()

    def killed(data: bytes, bodies: Sequence[Body], groups: Sequence[int]) -> dict[int, set[bytes]]:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)  # it has taken a piece, which nobody else takes
        return events_by_group(data, bodies, groups)

    monkeypatch.setattr(cores, "events_by_group", killed)
    _as_many(monkeypatch, 3)
    assert events_on_cores(work) == expected


def test_a_piece_is_taken_when_the_last_is_gone_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else who comes first takes all of them."""
    done: list[str] = []

    def noted(data: bytes, bodies: Sequence[Body], groups: Sequence[int]) -> dict[int, set[bytes]]:
        done.append("gone over")
        return events_by_group(data, bodies, groups)

    def taken(pieces: Sequence[slice]) -> Iterator[slice]:
        for piece in pieces:
            done.append("taken")
            yield piece

    monkeypatch.setattr(cores, "events_by_group", noted)
    work = _work(1000)
    pieces = work.pieces()
    assert [place for piece in pieces for place in range(1000)[piece]] == list(range(1000))
    assert work.of(taken(pieces)) == _alone(work)
    assert done == ["taken", "gone over"] * len(pieces)
    assert len(pieces) == cores.PIECES


def test_no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", none)
    work = _work(1000)
    _as_many(monkeypatch, 3)
    assert events_on_cores(work) == _alone(work)


def test_processes_and_pipes_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    started, fork = [], os.fork

    def noted() -> int:
        started.append(fork())
        return started[-1]

    monkeypatch.setattr(os, "fork", noted)
    _as_many(monkeypatch, 5)
    events_on_cores(_work(1000))
    assert len(started) == 4
    for process in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
    assert not before or len(os.listdir("/proc/self/fd")) == before


def _module(tmp_path: Path, body: str = "call $second", members: str = "1-2") -> tuple[Path, bytes]:
    """With imports, and things before the code that take long to read; two functions in the closed set, one outside."""
    text = f"""(module (import "env" "host" (func $host)) (memory 1 1)
      (global i32 (i32.const 7)) (func $first (export "cabi_realloc") {body}) (func $second call $host)
      (func (export "other") memory.size drop))"""
    path = assemble(tmp_path, text)
    document = certificate(
        path, "realloc-no-grow", closed_set([[0, 1]], [[0, members]]), assume("host-function env.host")
    )
    return path, write(document)


def test_helpers_that_begin_before_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, document = _module(tmp_path)
    started = []
    begin = cores.Helpers

    def noted(find: Callable[[], Work], count: int) -> cores.Helpers:
        started.append(find())
        return begin(find, count)

    monkeypatch.setattr(ahead, "Helpers", noted)
    _as_many(monkeypatch, 3)
    assert isinstance(recheck(document, path), Accepted)
    (found,) = started
    assert len(found.bodies) == 3
    assert list(found.groups) == [0, 0, 1]


@pytest.mark.parametrize("members", ["0-2", "1-4", "1-4294967295"])
def test_helpers_make_nothing_of_members_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: str
) -> None:
    path, document = _module(tmp_path, members=members)
    refused = []
    begin = cores.Helpers

    def noted(find: Callable[[], Work], count: int) -> cores.Helpers:
        with pytest.raises(Refused) as error:
            find()
        refused.append(str(error.value))
        return begin(find, count)

    monkeypatch.setattr(ahead, "Helpers", noted)
    _as_many(monkeypatch, 3)
    assert isinstance(recheck(document, path), Rejected)
    assert refused == ["certificate, evidence.members: no body"]


@pytest.mark.parametrize("body", ["memory.size memory.grow drop", "call 3"])
def test_what_helpers_that_begin_before_meet_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    path, document = _module(tmp_path, body)
    _as_many(monkeypatch, 3)
    by_many = recheck(document, path)
    _as_many(monkeypatch, 1)
    assert isinstance(by_many, Rejected)
    assert recheck(document, path) == by_many


def test_a_module_cut_anywhere_has_the_answer_that_it_has_without_helpers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, document = _module(tmp_path)
    whole, said, rejected = path.read_bytes(), json.loads(document), 0
    for end in range(8, len(whole)):
        path.write_bytes(whole[:end])
        said["subject"] |= {"bytes": end, "sha256": hashlib.sha256(whole[:end]).hexdigest()}
        answers = []
        for most in (1, 2):
            _as_many(monkeypatch, most)
            answers.append(recheck(write(said), path))
        assert answers[0] == answers[1]
        rejected += isinstance(answers[0], Rejected)
    assert rejected > len(whole) // 2  # not where what is cut off are the names

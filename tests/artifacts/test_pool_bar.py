"""Pools as bars: to scale, in rows, in words, whatever the blocks; and traces whose pool is not as the format says."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from explore_pilot import drive
from explore_samples import heading

from artifacts.explore.exports.pool_svg import pool_svg
from artifacts.explore.json_reading import Node
from artifacts.explore.model import Exploration, Listing, TraceView
from artifacts.explore.pool_bar import bars, free_bytes, marks, moment_words, scale_of, shared_bytes, spans, told
from artifacts.explore.pool_drawing import pool_drawing
from artifacts.explore.trace_reading import read_trace
from artifacts.itf import itf
from extract.errors import InputError
from proofs.pool_run import LiveBlock, NamedCell, PoolMoment, PoolRun, block_name
from proofs.pool_steps import step_of
from proofs.pool_verdicts import PoolFact
from proofs.runtime.trace import RuntimeTrace, TraceEvent
from smt_models.system.model import Actor

POOL = PoolFact("ARENA", 0x1000, 100, None, 8, None)


def run_of(*moments: PoolMoment) -> PoolRun:
    return PoolRun(POOL, (NamedCell("USED", 0x800, 4), NamedCell("0x804", 0x804, 8)), moments)


def block(call: int, at: int, size: int) -> LiveBlock:
    return LiveBlock(block_name(call), POOL.base + at, size, call)


def trace_of(run: PoolRun) -> RuntimeTrace:
    steps = []
    for number, after in enumerate(run.moments[1:], 1):
        broken = None if after.broken is None else TraceEvent("violation", "it overlaps", None)
        steps.append(step_of(number, Actor.HOST, f"take({number})", run, broken))
    return RuntimeTrace("disjoint", "a block that overlaps a live one", None, (), tuple(steps), run)


TWICE = run_of(
    PoolMoment((), (0, 1 << 63)),
    PoolMoment((block(1, 0, 20),), (20, 1 << 63), 0x1000),
    PoolMoment((block(1, 0, 20), block(2, 20, 30)), (50, 1 << 63), 0x1014),
    PoolMoment((block(1, 0, 20), block(2, 20, 30), block(3, 40, 80)), (50, 7), 0x1028, (0x1028, 80)),
)


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(itf(trace_of(TWICE))))
    return read


def view(given: dict[str, Any]) -> TraceView:
    return read_trace(Node("t", "", given), heading("pool", obligation="disjoint"), Listing())


def test_a_run_comes_back_from_its_trace() -> None:
    assert view(document()).pool == TWICE


def test_a_pool_at_80_by_24() -> None:
    exploration = Exploration("pool", (view(document()),))
    assert drive(exploration, "end")[:-1] == LAST.splitlines()
    assert drive(exploration, "end", "left", "left")[8:11] == EARLIER.splitlines()
    assert drive(exploration, "home")[-2] == "#pool/step/0"
    assert "  ✗ C: 0x1028 to 0x1078, 80 bytes, by call 3; overlaps B; 20 bytes beyond the" in drive(
        exploration, "end", "2"
    )
    assert any("violation: it overlaps" in line for line in drive(exploration, "end", "tab", "tab"))
    for size in ((40, 12), (200, 60)):
        drive(exploration, "end", size=size)


LAST = """\
✗ refuted disjoint  1/1  some.mir
because
step  call                       returns     blocks         metadata
 start
    1 take(1)                    → 0x1000    A: 20 bytes    Δ USED: 0 → 20
    2 take(2)                    → 0x1014    B: 30 bytes    Δ USED: 20 → 50
▶   3 take(3)                    → 0x1028    ✗ C: 80 by… +1 Δ 0x804: 9223372…

 3 blocks live, 130 bytes; 0 of 100 bytes free; 10 bytes shared
 0x1000                                                     0x1064
 │AAAAAAAAAAAABBBBBBBBBBBBBBBBBBB································│
 │                         CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC│CCCCCCCCCCCCC
                           !!!!!!
                           ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗ ✗✗✗✗✗✗✗✗✗✗✗✗✗
[1 metadata] 2 blocks  3 events
Δ 0x804         9223372036854775808 (0x8000000000000000) → 7
  USED   0x800  50 (0x32)





#pool/step/3
"""
EARLIER = """\
 1 block live, 20 bytes; 80 of 100 bytes free
 0x1000                                                     0x1064
 │AAAAAAAAAAAA···················································│
"""


def test_words_of_what_is_broken_elsewhere() -> None:
    null = PoolMoment((), (0, 0), 0, (0, 48))
    assert told(run_of(null), null) == ["✗ here: 0x0 to 0x30, 48 bytes"]
    far = PoolMoment((block(1, 1 << 20, 4),), (0, 0), 0, (POOL.base + (1 << 20), 4))
    assert told(run_of(far), far) == ["✗ A: 0x101000 to 0x101004, 4 bytes, by call 1; outside the pool"]
    assert bars(run_of(far), 30)[0][1].endswith("│▶")
    assert [mark.is_broken for mark in marks(far, scale_of(run_of(far), 30))] == [True]


@pytest.mark.parametrize("seed", range(60))
def test_bars_hold_what_a_plain_count_of_bytes_says(seed: int) -> None:
    """Free and shared bytes byte for byte; every block is drawn where it is, and rows hold what does not overlap."""
    chosen = random.Random(seed)
    blocks = tuple(
        block(number, chosen.randrange(-30, 130), chosen.randrange(1, 60))
        for number in range(1, chosen.randrange(2, 8))
    )
    moment = PoolMoment(blocks, (0, 0))
    run = run_of(moment)
    held = [set(range(one.at, one.at + one.size)) for one in blocks]
    pool = set(range(POOL.base, POOL.base + POOL.size))
    assert free_bytes(run, moment) == len(pool - set().union(*held))
    shared = {byte for byte in set().union(*held) if sum(byte in one for one in held) > 1}
    assert {byte for first, end in shared_bytes(moment) for byte in range(first, end)} == shared
    assert ("shared" in moment_words(run, moment)) == bool(shared)
    for columns in (20, 78, 1000):
        scale = scale_of(run, columns)
        assert scale.width == columns
        drawn = spans(moment, scale)
        for one in drawn:
            assert 0 <= one.start < one.stop <= columns
            beyond = one.block.at + one.block.size > POOL.base + POOL.size
            assert (one.stop > scale.left + scale.pool) == beyond
            assert (one.start < scale.left) == (one.block.at < POOL.base)
            others = [other for other in drawn if other is not one and other.row == one.row]
            assert not any({*held[blocks.index(one.block)]} & held[blocks.index(other.block)] for other in others)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pool: pool.update(format="proofmark-pool-run/2"), "proofmark-pool-run/1, which this version reads"),
        (lambda pool: pool["moments"].pop(), "a list of 4"),
        (lambda pool: pool["moments"][1]["values"].pop(), "a list of 2"),
        (lambda pool: pool["moments"][1]["values"].__setitem__(0, "-1"), "digits"),
        (lambda pool: pool["moments"][1]["blocks"][0].update(at=-1), "a number from 0"),
        (lambda pool: pool["pool"].update(size=0), "more than 0 bytes"),
    ],
)
def test_what_is_wrong_in_a_pool_is_said_with_its_place(change: Any, said: str) -> None:
    given = document()
    change(given["#meta"]["pool"])
    with pytest.raises(InputError) as caught:
        view(given)
    assert said in str(caught.value)
    assert "#meta.pool" in str(caught.value)


def test_a_pool_of_no_known_size_has_no_bar() -> None:
    pool = PoolFact("TABLE", 0, 0, None, None, None)
    run = PoolRun(pool, (NamedCell("USED", None, 0),), (PoolMoment((), (1,)), PoolMoment((), (2,))), True)
    read = view(json.loads(json.dumps(itf(trace_of(run)))))
    assert read.pool == run
    assert bars(run, 78) == ((), ())
    assert "Δ USED    1 → 2" in drive(Exploration("pool", (read,)), "end")


def test_five_hundred_calls_are_drawn_once() -> None:
    """A step is then one moment: bars are not made again for each."""
    moments = (
        PoolMoment(tuple(block(call, call % 90, 4) for call in range(at, at + 8)), (at, 0)) for at in range(1, 502)
    )
    run = run_of(PoolMoment((), (0, 0)), *moments)
    started = time.perf_counter()
    assert len(bars(run, 78)) == 502
    assert len(pool_drawing(run)["moments"]) == 502
    assert pool_svg(view(json.loads(json.dumps(itf(trace_of(run))))), run).count("<path") == 502
    assert time.perf_counter() - started < 10


def test_an_older_trace_is_read_without_its_pool() -> None:
    given = document()
    del given["#meta"]["pool"]
    read = view(given)
    assert read.pool is None
    assert [step.action for step in read.steps] == ["take(1)", "take(2)", "take(3)"]

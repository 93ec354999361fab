"""examples/pools: right allocators are proved and their twins refuted by a run, as corpus.toml says by hand.

One in three of tests/pool_verdicts.toml always, all with PROOFMARK_ALL_MODULES=1, the slow rest, which takes most of
an hour, with PROOFMARK_POOL_CORPUS=1.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import browser as real
import pytest
from explore_corpus import assert_opens, view_of
from explore_pilot import drive
from explore_samples import written
from generated_tests import assert_passes, assert_shows, written_of
from playwright.sync_api import Browser
from pool_corpus import HOSTS, MODULES, PoolModule, model_of_file, read_module, verdicts_of
from pool_corpus import Host as HostName

from artifacts.explore.model import Exploration
from artifacts.explore.page import page
from artifacts.explore.pool_bar import cell_rows, moment_words
from extract.subject import read_subject
from proofs.pool_verdicts import Replayed
from proofs.pools.judge import LIVES
from proofs.pools.replay import Played, replay, tried
from proofs.runtime.trace import RuntimeTrace
from proofs.verdicts import Proved, Refuted, Verdict, Violation

_TABLE = tomllib.loads((Path(__file__).parent / "pool_verdicts.toml").read_text(encoding="utf-8"))
DECIDED: dict[HostName, list[str]] = {host: _TABLE[host] for host in HOSTS}
CASES: list[tuple[str, HostName]] = [(f"{name}.wasm", host) for host in HOSTS for name in DECIDED[host]]
OTHERS: list[tuple[str, HostName]] = [(file, host) for host in HOSTS for file in MODULES if (file, host) not in CASES]
SOME = 1 if os.environ.get("PROOFMARK_ALL_MODULES") == "1" else 3
"""One in so many, but all that this asks for."""


def verdicts(file: str, host: HostName, seconds: int = 240) -> dict[str, Verdict]:
    module = read_module(MODULES[file])
    return verdicts_of(module, host, module.obligations, seconds)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with real.launched() as one:
        yield one


def assert_shown(trace: RuntimeTrace, directory: Path, browser: Browser) -> None:
    """In the terminal and in the browser: its last call, the pool as a bar, and what is broken."""
    assert_opens(trace)
    view = view_of(trace)
    assert view.pool is not None
    assert view.pool.moments[-1].broken is not None or trace.obligation in ("zero-size", "exhaustion-traps")
    exploration = Exploration("pool", (view,))
    lines = drive(exploration, "end")
    assert any(line.startswith(f"▶{len(trace.steps):>4} ") and "✗" in line for line in lines)
    assert any(line.count("│") == 2 for line in lines)
    address = written(directory / f"{trace.obligation}.html", page(exploration))
    with real.opened(browser, address) as one:
        one.keyboard.press("End")
        pool = one.get_by_role("region", name="Pool", exact=True)
        said = pool.get_by_role("img").get_attribute("aria-label")
        assert said is not None
        assert moment_words(view.pool, view.pool.moments[-1]) in said
        assert pool.locator("svg rect.block").count() == len(view.pool.moments[-1].blocks)
        assert one.locator(".lanes .broken").count() >= 1
        changed = one.get_by_role("region", name="Metadata").locator("td.change").count()
        assert changed == sum(row.is_changed for row in cell_rows(view.pool, len(trace.steps)))


def assert_tested(trace: RuntimeTrace, module: PoolModule, directory: Path) -> None:
    """The test that is made of it fails on this module, and passes on the one that it was made wrong from."""
    made = written_of(trace, module.path, directory)
    assert_shows(made, module.path, f"breaks {trace.obligation}")
    right = None if module.twin_of is None else read_module(MODULES[module.twin_of])
    if right is not None and (right.pool, right.others) == (module.pool, module.others):
        assert_passes(made, right.path)


@pytest.mark.parametrize(("file", "host"), CASES[::SOME])
def test_what_is_true_is_proved_and_what_is_not_is_refuted_by_a_run(
    file: str, host: HostName, tmp_path: Path, browser: Browser
) -> None:
    module = read_module(MODULES[file])
    for kind, one in verdicts(file, host).items():
        if kind in module.refuted[host]:
            assert isinstance(one, Refuted), (kind, one)
            assert isinstance(one.trace, Violation)
            assert isinstance(one.trace.confirmation, Replayed)
            assert_shown(one.trace.trace, tmp_path, browser)
            assert_tested(one.trace.trace, module, tmp_path)
        elif kind not in module.follows[host]:
            assert isinstance(one, Proved), (kind, one)


@pytest.mark.parametrize("host", HOSTS)
def test_a_counterexample_has_no_call_that_it_breaks_without(host: HostName) -> None:
    """Trials find longer ones: two blocks, one given up whatever its place is then, and another are enough."""
    one = verdicts("slot_bitmap_clears_the_others.wasm", host)["disjoint"]
    assert isinstance(one, Refuted)
    assert isinstance(one.trace, Violation)
    names = [step.action.partition("(")[0] for step in one.trace.trace.steps]
    assert names == ["take", "take", "release", "take"]


@pytest.mark.parametrize(("file", "host"), OTHERS if os.environ.get("PROOFMARK_POOL_CORPUS") == "1" else [])
def test_of_the_rest_nothing_is_said_that_is_not_so(file: str, host: HostName) -> None:
    module = read_module(MODULES[file])
    for kind, one in verdicts(file, host, 60).items():
        assert not (isinstance(one, Proved) and kind in module.refuted[host]), kind
        assert not (isinstance(one, Refuted) and kind not in module.refuted[host] | module.follows[host]), kind


def test_the_table_is_of_modules_that_there_are() -> None:
    assert {file for file, _ in CASES} <= MODULES.keys()
    assert len(set(CASES)) == len(CASES)
    assert len(CASES) + len(OTHERS) == len(MODULES) * len(HOSTS)


@pytest.mark.parametrize(
    ("file", "host", "kind"),
    [
        ("budget_growth_not_recorded", "conforming", "within-budget"),
        ("budget_trusts_the_size", "any", "within-budget"),
        ("ring_slots_counters_of_8_bits", "conforming", "disjoint"),
    ],
)
def test_what_takes_many_calls_is_found_by_calling(file: str, host: HostName, kind: str) -> None:
    """Blocks that grow when all room is taken; counters that wrap after 256 calls."""
    subject = read_subject(str(read_module(MODULES[f"{file}.wasm"]).path))
    model = model_of_file(f"{file}.wasm", host)
    (route,) = tried(subject.path, subject.sha256, model, (kind,), LIVES[1], 60.0)
    assert isinstance(replay(subject.path, subject.sha256, model, route, 20.0), Played)

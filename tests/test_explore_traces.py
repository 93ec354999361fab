"""Every counterexample that the other tests found, opened in both programs: the terminal's, by its pilot, and the page
in a real browser. As `.ci/run` does it:

    PROOFMARK_KEEP_TRACES=DIR pytest; PROOFMARK_TRACES=DIR pytest tests/test_explore_traces.py
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import browser as real
import pytest
from explore_corpus import view_of_file
from explore_pilot import HEIGHT, WIDTH, screen, settled
from explore_samples import written

from artifacts.explore.model import Exploration, TraceView
from artifacts.explore.page import page
from proofmark.explore.terminal.app import Explorer
from proofmark.explore.terminal.panels import PANELS, POOL_PANELS

DIRECTORY = os.environ.get("PROOFMARK_TRACES", "")
pytestmark = pytest.mark.skipif(not DIRECTORY, reason="NOT TESTED: no traces: see PROOFMARK_TRACES")
FILES = sorted(Path(DIRECTORY).glob("*.itf.json")) if DIRECTORY else []
AT_ONCE = 20


def _batches() -> list[tuple[TraceView, ...]]:
    names = [path.name.removesuffix(".itf.json") for path in FILES]
    views = [
        view_of_file(path.read_text(), name.rpartition("-")[0], name) for path, name in zip(FILES, names, strict=True)
    ]
    return [tuple(views[at : at + AT_ONCE]) for at in range(0, len(views), AT_ONCE)]


def test_there_are_some() -> None:
    assert FILES, f"no trace in {DIRECTORY}"
    for path in FILES:
        assert json.loads(path.read_text())["states"]


@pytest.mark.parametrize("batch", _batches(), ids=lambda batch: batch[0].heading.key)
def test_they_open_in_the_terminal_program(batch: tuple[TraceView, ...]) -> None:
    """One after the other: its first step, its last, and a panel there, not always the same."""

    async def run() -> None:
        app = Explorer(Exploration("traces", batch))
        async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
            for at, view in enumerate(batch):
                await settled(app, pilot)
                lines = screen(app)
                assert lines[0].startswith(f"✗ refuted {view.heading.obligation}  {at + 1}/{len(batch)}")
                assert any(line.startswith("▶   1 ") for line in lines), lines
                await pilot.press("end")
                panels = PANELS if view.pool is None else POOL_PANELS
                await pilot.press(str(1 + at % len(panels)))
                lines = screen(app)
                assert all(len(line) <= WIDTH for line in lines)
                assert any(line.startswith(f"▶{len(view.steps):>4} ") and "✗" in line for line in lines), lines
                await pilot.press("n")

    asyncio.run(run())


def test_they_open_on_the_page(tmp_path: Path) -> None:
    with real.launched() as browser:
        for number, batch in enumerate(_batches()):
            address = written(tmp_path / f"{number}.html", page(Exploration("traces", batch)))
            with real.opened(browser, address) as one:
                for view in batch:
                    assert f"refuted {view.heading.obligation}" in one.locator("h2").inner_text()
                    one.keyboard.press("End")
                    assert one.locator(f"#step-{len(view.steps)}").get_attribute("aria-current") == "step"
                    assert one.locator(".lanes .broken").count() >= 1
                    one.keyboard.press("n")

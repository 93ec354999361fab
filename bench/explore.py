"""`python -m bench.explore`: how long a step and a search take over a trace of 500 steps and a graph of 100,000
functions: in the terminal program as processor time; on the page as processor time of its thread, and, besides, as
time to the next frame, which other processes of the machine make longer.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from textual.pilot import Pilot

    from artifacts.explore.model import Exploration

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

STEPS, FUNCTIONS, NECK = 500, 100_000, 20
TIMES, FEW = 20, 6


def main() -> None:
    print(f"\nexplore: {STEPS} steps, {FUNCTIONS} functions; milliseconds, median and worst of at most {TIMES}:")
    for what, times in (*_terminal(), *_page()):
        print(f"  {what:<62} {statistics.median(times):6.1f} {max(times):6.1f}")


def _terminal() -> Iterator[tuple[str, list[float]]]:
    """The processor time of a key, up to the screen as it then is: the pilot itself waits besides."""
    from explore_samples import heading, large_calls, long_trace

    from artifacts.explore.model import Exploration

    graphs = (large_calls(FUNCTIONS), replace(large_calls(FUNCTIONS, NECK), heading=heading("neck")))
    views = Exploration("bench", (long_trace(STEPS), *graphs))
    yield from asyncio.run(_driven(views))


async def _driven(exploration: Exploration) -> list[tuple[str, list[float]]]:
    from proofmark.collector import collect_seldom
    from proofmark.explore.terminal.app import Explorer

    collect_seldom()  # as the command does
    app = Explorer(exploration, is_alone=True)
    async with app.run_test(size=(80, 24)) as pilot:
        found = [("a key that does nothing", await _pressed(pilot, "f12"))]
        found.append(("step of a trace", await _pressed(pilot, "right")))
        found.append(("event of a step", await _pressed(pilot, "down")))
        await pilot.press("slash", "c", "o", "u", "n")
        found.append(("a key of a search in the trace", await _pressed(pilot, "t", ("backspace",))))
        for graph, function in (("graph", FUNCTIONS - 1), ("graph with a neck", FUNCTIONS - 1 - NECK)):
            await _settled(pilot, "escape", "n")
            found += [(f"{what}: {graph}", times) for what, times in await _of_graph(pilot, function)]
    return [(f"terminal: {what}", times) for what, times in found]


async def _of_graph(pilot: Pilot[None], function: int) -> list[tuple[str, list[float]]]:
    """`function`: with many callers, and on every way to the goal."""
    found = [("another root", await _pressed(pilot, "right")), ("and back", await _pressed(pilot, "left"))]
    found += await _asked(pilot, "without one root more", [("down",)] * TIMES)
    await _settled(pilot, "home", "space", *("down", "space") * (TIMES - 1))  # all are back
    await pilot.press("slash", *f"function_{function}")
    found.append(("a key of a search", await _pressed(pilot, "backspace", (str(function)[-1],))))
    await _settled(pilot, "enter", "tab", "tab", "tab", "end")
    found += await _asked(pilot, "without one call more", [("up",)] * TIMES)
    neck = ("home", "down", "space")
    back = [(*neck, "end", *("up",) * number, "space", "home", "down") for number in range(FEW)]
    found += await _asked(pilot, "with a call again that all ways take", back)
    return found


async def _settled(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def _pressed(pilot: Pilot[None], key: str, before: tuple[str, ...] = ("f12",)) -> list[float]:
    found = []
    for _ in range(TIMES):
        await pilot.press(*before)
        begun = time.process_time()
        await pilot.press(key)
        found.append((time.process_time() - begun) * 1000)
    return found


async def _asked(pilot: Pilot[None], what: str, before: list[tuple[str, ...]]) -> list[tuple[str, list[float]]]:
    """Something is taken away or put back: until that is answered at all, and until all of the answer is there."""
    from proofmark.explore.terminal.calls_screen import CallsScreen

    screen = pilot.app.screen
    assert isinstance(screen, CallsScreen)
    first, whole = [], []
    for keys in before:
        await _settled(pilot, *keys)
        asked = screen.asked
        begun = time.process_time()
        press = asyncio.ensure_future(pilot.press("space"))
        while screen.asked is asked:
            await asyncio.sleep(0.001)
        first.append((time.process_time() - begun) * 1000)
        await press
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        whole.append((time.process_time() - begun) * 1000)
    return [(what, first), (f"{what}, to the whole answer", whole)]


def _page() -> Iterator[tuple[str, list[float]]]:
    """From the key to the next frame that is drawn, within the browser."""
    from browser import launched
    from explore_samples import heading, large_calls, long_trace, written

    from artifacts.explore.model import Exploration
    from artifacts.explore.page import page, served_page

    graphs = {"graph": large_calls(FUNCTIONS), "graph with a neck": large_calls(FUNCTIONS, NECK)}
    with tempfile.TemporaryDirectory() as folder, launched() as browser:

        def opened(name: str, data: bytes) -> Page:
            one = browser.new_page()
            one.goto(written(Path(folder) / f"{name}.html", data))
            one.wait_for_selector("html[data-ready]")
            return one

        trace = opened("trace", page(Exploration("bench", (long_trace(STEPS),))))
        yield from _timed("step of a trace", trace, _KEY, ["ArrowRight"])
        yield from _timed("search in the trace", trace, _SEARCH, [f"count 4{number}" for number in range(TIMES)])
        for name, view in graphs.items():
            one = opened(name, served_page(Exploration("bench", (replace(view, heading=heading(name)),))))
            yield from _timed(f"another root of the {name}", one, _KEY, ["ArrowRight"])
            yield from _timed(f"{name} without a root, or with it again", one, _CLICK, ["Roots"])
            yield from _timed(f"{name} without a call, or with it again", one, _CLICK, ["Function"])
            words = [f"function_999{number}" for number in range(TIMES)]
            yield from _timed(f"search in the {name}", one, _SEARCH, words)


def _timed(what: str, one: Page, script: str, arguments: list[str]) -> Iterator[tuple[str, list[float]]]:
    """The arguments in turn."""
    session = one.context.new_cdp_session(one)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def used() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in told if metric["name"] == "TaskDuration"))

    frames, processor = [], []
    for number in range(TIMES):
        begun = used()
        frames.append(one.evaluate(script, arguments[number % len(arguments)]))
        processor.append((used() - begun) * 1000)
    session.detach()
    yield f"page: {what}", processor
    yield f"page: {what}, to the frame", frames


_DONE = """await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - begun;"""
_KEY = f"""async (key) => {{
    const begun = performance.now();
    document.dispatchEvent(new KeyboardEvent('keydown', {{ key }}));
    {_DONE}
}}"""
_CLICK = f"""async (panel) => {{
    const begun = performance.now();
    document.querySelector(`[aria-label=${{panel}}] input`).click();
    {_DONE}
}}"""
_SEARCH = f"""async (words) => {{
    const search = document.getElementById('search'), begun = performance.now();
    search.value = words;
    search.dispatchEvent(new Event('input'));
    {_DONE}
}}"""


if __name__ == "__main__":
    main()

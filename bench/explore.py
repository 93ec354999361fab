"""`python -m bench.explore`: how long a step and a search take over a trace of 500 steps and a graph of 100,000
functions: in the terminal program as processor time, on the page as time to the next frame.
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

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

STEPS, FUNCTIONS, NECK = 500, 100_000, 20
TIMES = 20


def main() -> None:
    print(f"\nexplore: {STEPS} steps, {FUNCTIONS} functions; milliseconds, median and worst of {TIMES}:")
    for what, times in (*_terminal(), *_page()):
        print(f"  {what:<52} {statistics.median(times):6.1f} {max(times):6.1f}")


def _terminal() -> Iterator[tuple[str, list[float]]]:
    """The processor time of a key, up to the screen as it then is: the pilot itself waits besides."""
    from explore_samples import heading, large_calls, long_trace

    from artifacts.explore.model import Exploration

    graphs = (large_calls(FUNCTIONS), replace(large_calls(FUNCTIONS, NECK), heading=heading("neck")))
    views = Exploration("bench", (long_trace(STEPS), *graphs))
    yield from asyncio.run(_driven(views))


async def _driven(exploration: object) -> list[tuple[str, list[float]]]:
    from textual.pilot import Pilot

    from proofmark.collector import collect_seldom
    from proofmark.explore.terminal.app import Explorer

    async def pressed(
        pilot: Pilot[None], keys: tuple[str, ...], waits: Explorer | None = None, between: str = "f12"
    ) -> list[float]:
        found = []
        for number in range(TIMES):
            await pilot.press(between)
            begun = time.process_time()
            await pilot.press(keys[number % len(keys)])
            if waits is not None:
                await waits.workers.wait_for_complete()
                await pilot.pause()
            found.append((time.process_time() - begun) * 1000)
        return found

    collect_seldom()  # as the command does
    app = Explorer(exploration, is_alone=True)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        measured = [("terminal: a key that does nothing", await pressed(pilot, ("f12",)))]
        measured.append(("terminal: step of a trace", await pressed(pilot, ("right",))))
        measured.append(("terminal: event of a step", await pressed(pilot, ("down", "up"))))
        await pilot.press("slash", "c", "o", "u", "n")
        measured.append(("terminal: a key of a search in the trace", await pressed(pilot, ("t", "backspace"))))
        for graph in ("graph", "graph with a neck"):
            await pilot.press("escape", "n")
            await app.workers.wait_for_complete()
            await pilot.pause()
            measured.append((f"terminal: another root of the {graph}", await pressed(pilot, ("right", "left"))))
            await pilot.press("home")
            measured.append((f"terminal: {graph} without one root more", await pressed(pilot, ("space",), app, "down")))
            await pilot.press("end", "tab", "tab", "tab", "home", "down")
            measured.append((f"terminal: {graph} without one call more", await pressed(pilot, ("space",), app, "down")))
            await pilot.press("slash", *"function_9999")
            measured.append((f"terminal: a key of a search in the {graph}", await pressed(pilot, ("9", "backspace"))))
        return measured


def _page() -> Iterator[tuple[str, list[float]]]:
    """From the key to the next frame that is drawn, within the browser."""
    from browser import launched
    from explore_samples import large_calls, long_trace, written

    from artifacts.explore.model import Exploration
    from artifacts.explore.page import page, served_page

    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        trace, calls = Exploration("bench", (long_trace(STEPS),)), Exploration("bench", (large_calls(FUNCTIONS),))
        one = browser.new_page()
        one.goto(written(Path(folder) / "trace.html", page(trace)))
        one.wait_for_selector("html[data-ready]")
        yield "page: step of a trace", one.evaluate(_STEP, TIMES)
        yield "page: search in the trace", one.evaluate(_SEARCH, [TIMES, "count 4"])
        one.goto(written(Path(folder) / "calls.html", served_page(calls)))
        one.wait_for_selector("html[data-ready]")
        yield "page: another root", one.evaluate(_STEP, TIMES)
        yield "page: without a root, or with it again", one.evaluate(_WITHOUT, TIMES)
        yield "page: search in the graph", one.evaluate(_SEARCH, [TIMES, "function_999"])


_FRAME = "const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));"
_STEP = f"""async (times) => {{ {_FRAME}
    const found = [];
    for (let number = 0; number < times; number++) {{
        const begun = performance.now();
        document.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowRight' }}));
        await frame();
        found.push(performance.now() - begun);
    }}
    return found;
}}"""
_WITHOUT = f"""async (times) => {{ {_FRAME}
    const found = [];
    for (let number = 0; number < times; number++) {{
        const begun = performance.now();
        document.querySelector('[aria-label=Roots] input').click();
        await frame();
        found.push(performance.now() - begun);
    }}
    return found;
}}"""
_SEARCH = f"""async ([times, words]) => {{ {_FRAME}
    const found = [], search = document.getElementById('search');
    for (let number = 0; number < times; number++) {{
        const begun = performance.now();
        search.value = words + number;
        search.dispatchEvent(new Event('input'));
        await frame();
        found.push(performance.now() - begun);
    }}
    return found;
}}"""


if __name__ == "__main__":
    main()

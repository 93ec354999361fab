"""The terminal program, driven by its own pilot: keys in, lines of the screen out."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from textual.pilot import Pilot

from artifacts.explore.model import Exploration
from proofmark.explore.terminal.app import Explorer

WIDTH, HEIGHT = 80, 24


def screen(app: Explorer) -> list[str]:
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def settled(app: Explorer, pilot: Pilot[None]) -> None:
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


def drive(exploration: Exploration, *keys: str, at: str = "", size: tuple[int, int] = (WIDTH, HEIGHT)) -> list[str]:
    """The screen after these keys. In a thread of its own: in that of a test a browser's loop may be running."""

    async def run() -> list[str]:
        app = Explorer(exploration, at)
        async with app.run_test(size=size) as pilot:
            await settled(app, pilot)
            await pilot.press(*keys)
            await settled(app, pilot)
            lines = screen(app)
            assert len(lines) == size[1]
            assert all(len(line) <= size[0] for line in lines)
            return lines

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()

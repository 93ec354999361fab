"""The page in a real browser, straight from disk: steps, search, addresses, what-if, and nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import browser as real
import pytest
from explore_samples import heading, hostile, large_calls, long_trace, random_calls, written
from playwright.sync_api import Browser

from artifacts.explore.call_questions import Calls, Without
from artifacts.explore.model import Exploration, Section, TextView, View
from artifacts.explore.page import LIMIT, page

PROOF = TextView(heading("proof", "proved"), (Section("Assumptions", (("the host is kind", "H3"),)),))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with real.launched() as one:
        yield one


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A long trace, twenty small graphs, a proof."""
    views: tuple[View, ...] = (long_trace(500), *map(random_calls, range(20)), PROOF)
    path = tmp_path_factory.mktemp("page") / "all.html"
    return written(path, page(Exploration("samples", views)))


def test_steps_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    with real.opened(browser, address) as one:
        assert one.title() == "proofmark: refuted memory"
        assert one.locator("tr[aria-current=step]").get_attribute("id") == "step-1"
        one.keyboard.press("ArrowRight")
        assert one.url.endswith("#long/step/2")
        assert one.locator("tr[aria-current=step]").get_attribute("id") == "step-2"
        assert "drop" in one.locator("#where-now").inner_text()
        changes = one.get_by_role("region", name="What this step changes").inner_text()
        assert "st\tCOPYING\tIDLE" in changes
        assert "stream.read: rule 2" in one.get_by_role("region", name="Rule of the host").inner_text()
        one.keyboard.press("ArrowUp")
        assert one.url.endswith("#long/step/2/entry/0")
        one.keyboard.press("End")
        assert one.locator("#next").is_disabled()
        assert "step 500 of 500" in one.locator("#said").inner_text()
        one.keyboard.press("Home")
        assert one.locator("#back").is_disabled()
        one.go_back()
        one.wait_for_url("**#long/step/500")
        one.wait_for_selector("#step-500[aria-current=step]")


def test_focus_stays_where_it_was(browser: Browser, address: str) -> None:
    with real.opened(browser, f"{address}#long/step/1") as one:
        event = one.get_by_role("region", name="What happens in this step").get_by_role("button").nth(1)
        event.focus()
        one.keyboard.press("Enter")
        assert one.url.endswith("entry/1")
        assert (
            one.evaluate("document.activeElement.textContent").startswith("hoststream.read")
            or one.evaluate("document.activeElement.closest('section').getAttribute('aria-label')")
            == "What happens in this step"
        )


def test_search_leads_to_the_place(browser: Browser, address: str) -> None:
    with real.opened(browser, address) as one:
        one.keyboard.press("/")
        one.keyboard.type("count 41 42")
        assert one.locator("#hits li").count() == 1
        one.locator("#hits a").click()
        one.wait_for_selector("#step-42[aria-current=step]")
        assert one.url.endswith("#long/step/42")
        one.keyboard.press("n")
        assert "#calls-0" in one.url
        one.keyboard.press("?")
        assert one.locator("#help").is_visible()


def test_memory_is_told_in_words_too(browser: Browser, address: str) -> None:
    with real.opened(browser, f"{address}#long/step/3") as one:
        memory = one.get_by_role("region", name="Memory")
        assert "lent, and the host may touch it, reached by lent.Some.0" in memory.inner_text()
        assert memory.locator("td.now").get_attribute("aria-label") == "lent, and the host may touch it"


def test_the_page_answers_as_the_terminal_program(browser: Browser, address: str) -> None:
    """Shortest paths, dominators and cuts of twenty graphs, with something taken away and without."""
    ask = """([at, text]) => {
        const view = proofmark.state.exploration.views[at];
        const calls = new proofmark.Calls(view, proofmark.readWithout(view, text));
        const left = calls.roots(), every = calls.onEveryPath(left);
        const shortest = left.map((root) => calls.shortest(view.roots[root][1]))
            .map((one) => [one.layers, Number(one.count)]);
        return [left, shortest, every.functions, every.calls, calls.smallestCut(left, every)];
    }"""
    with real.opened(browser, address) as one:
        for at in range(1, 21):
            view = random_calls(at - 1)
            call = next((caller, targets[0]) for caller, targets in enumerate(view.edges) if targets)
            for text, without in (
                ("", Without()),
                (f"r0+c{call[0]}-{call[1]}", Without(frozenset({0}), frozenset({call}))),
            ):
                calls = Calls(view, without)
                left = calls.roots()
                shortest = [calls.shortest(view.roots[number].function) for number in left]
                every, cut = calls.on_every_path(left), calls.smallest_cut(left)
                assert one.evaluate(ask, [at, text]) == [
                    list(left),
                    [[[list(layer) for layer in paths.layers], paths.count] for paths in shortest],
                    list(every.functions),
                    [list(pair) for pair in every.calls],
                    None if cut is None else [list(pair) for pair in cut],
                ]


def test_what_if(browser: Browser, address: str) -> None:
    with real.opened(browser, f"{address}#calls-3") as one:
        before = one.get_by_role("region", name="What if").inner_text()
        assert "roots reach memory.grow" in before
        for box in one.get_by_role("region", name="Roots").get_by_role("checkbox").all():
            box.check()
        assert "nothing reaches memory.grow any more" in one.get_by_role("region", name="What if").inner_text()
        shared = one.url
        assert "without/r0%2Br1%2Br2" in shared
        one.get_by_role("button", name="put all back").click()
        assert "without" not in one.url
        one.goto(shared)
        one.reload()
        one.wait_for_selector("html[data-ready]")
        assert "nothing reaches" in one.get_by_role("region", name="What if").inner_text()


def test_nothing_hostile_runs(browser: Browser, tmp_path: Path) -> None:
    address = written(tmp_path / "hostile.html", page(hostile()))
    with real.opened(browser, address) as one:
        for _ in range(3):
            assert one.locator("main img, main script").count() == 0
            assert "<script>alert(1)</script>" in one.locator("#main").inner_text()
            one.keyboard.press("n")


def test_a_large_graph_fits_and_says_what_is_left_out(browser: Browser, tmp_path: Path) -> None:
    data = page(Exploration("large", (large_calls(100_000),)))
    assert len(data) <= LIMIT
    with real.opened(browser, written(tmp_path / "large.html", data)) as one:
        assert "did not fit on this page" in one.locator("[role=note]").inner_text()
        one.keyboard.press("/")
        one.keyboard.type("module_3::")
        assert "hits" in one.locator("#hits").inner_text()


def test_narrow_and_dark(browser: Browser, address: str) -> None:
    """Nothing runs out of the window at the width of a telephone."""
    with real.opened(browser, address) as one:
        one.emulate_media(color_scheme="dark")
        one.set_viewport_size({"width": 400, "height": 800})
        assert one.evaluate("document.documentElement.scrollWidth") <= 400

"""Other ways on the page, in a real browser: asked of the server that serves it."""

from __future__ import annotations

import base64
import json
import random
import re
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browser as real
import pytest
from branch_run import Opened, cancels_twice
from explore_samples import written
from playwright.sync_api import Browser, Page, expect

from artifacts.explore.model import TraceView
from artifacts.explore.page import LIMIT, served_page
from proofmark.explore.answering import Answering, NoQuestion
from proofmark.explore.held import Held, Spend, held, page_with
from proofmark.explore.opening import branches_of, shown_at
from proofmark.explore.web import server

SLOW = 60_000
"""Milliseconds for an answer: a model is made for the first."""


@dataclass(frozen=True, slots=True)
class Served:
    run: Opened
    browser: Browser
    url: str
    gate: threading.Event
    """Open: answers are given."""

    def page(self, place: str) -> Page:
        one = self.browser.new_page()
        one.goto(f"{self.url}#{place}")
        one.wait_for_selector("html[data-ready]")
        return one


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    run = cancels_twice(tmp_path_factory.mktemp("runtime"))
    answering = Answering(run.exploration, run.branches)
    gate = threading.Event()
    gate.set()

    def answer(asked: Any) -> dict[str, Any]:
        gate.wait(30)
        return answering.answer(asked)

    one, url = server(served_page(run.exploration), answer, answering.doing)
    thread = threading.Thread(target=one.serve_forever, args=(0.01,))
    thread.start()
    with real.launched() as browser:
        yield Served(run, browser, url, gate)
    one.shutdown()
    thread.join()
    one.server_close()


def test_with_the_keyboard_alone(served: Served) -> None:
    """List what can be done, ask, go by the answer, roll back: the focus is never lost, and answers are told."""
    key = served.run.trace.heading.key
    with real.opened(served.browser, f"{served.url}#{key}/step/3", frozenset((f"{served.url}ask",))) as one:
        one.keyboard.press("b")
        ways = one.locator("#branches > div > ol > li")
        expect(ways.first).to_be_visible(timeout=SLOW)
        expect(one.locator("#branches h3")).to_be_focused()
        expect(one.locator("#said")).to_have_text(f"{ways.count()} ways")
        assert one.locator("#branch").get_attribute("aria-expanded") == "true"
        assert any("client cancel: ✗ cancel-once: " in text for text in ways.all_inner_texts())
        one.keyboard.press("ArrowDown")
        expect(one.get_by_role("button", name="can this still go wrong?")).to_be_focused()
        one.keyboard.press("Enter")
        answers = one.locator("#answers[aria-live=polite]")
        expect(answers).to_contain_text("cancel-once: reached after 1 step", timeout=SLOW)
        expect(answers).to_contain_text("other conditions cannot be reached from here")
        for _ in range(3):
            one.keyboard.press("ArrowDown")
        expect(answers.get_by_role("link").first).to_be_focused()
        one.keyboard.press("Enter")
        expect(one.locator(".reason")).to_contain_text("3 steps of the recorded run, then cancel", timeout=SLOW)
        assert f"#{key}/from/3/then/cancel." in one.url
        expect(one.locator("#step-4")).to_have_attribute("aria-current", "step")
        expect(one.locator("#branch")).to_be_focused()
        one.keyboard.press("ArrowLeft")
        assert one.url.endswith("/step/3")
        assert "/from/3/" in one.url
        one.get_by_role("link", name="back to what was recorded").click()
        expect(one.locator("h2")).to_contain_text("refuted")
        assert one.url.endswith(f"#{key}/step/3")


def test_who_waits_is_told_how_far_it_is(served: Served) -> None:
    one = served.page("")
    one.get_by_role("button", name="other ways").click()
    one.get_by_role("list", name="Questions").wait_for(timeout=SLOW)
    served.gate.clear()  # the next answer takes long
    try:
        one.get_by_role("button", name="can this still go wrong?").click()
        expect(one.locator(".waiting")).to_have_text(re.compile("the solver asked … asking the solver; [0-9]+ s"))
    finally:
        served.gate.set()
    expect(one.locator("#answers a").first).to_be_visible(timeout=SLOW)
    expect(one.locator(".waiting")).to_have_count(0)


def test_an_address_is_shared_by_page_and_terminal(served: Served) -> None:
    """What the page shows at the address of a way is what the terminal program and --at show."""
    answering = Answering(served.run.exploration, served.run.branches)
    key = served.run.trace.heading.key
    (_, address), *_ = answering.answer({"ask": "under", "at": f"{key}/from/3"})["lines"]
    shown = shown_at(served.run.exploration, served.run.branches, address)
    assert isinstance(shown, TraceView)
    with served.page(address) as one:
        expect(one.locator(".reason")).to_have_text(shown.heading.reason, timeout=SLOW)
        rows = one.locator(".lanes tbody tr").count()
        assert rows == len(shown.steps) + 1
        assert "/with/H2" in one.url
        one.keyboard.press("b")
        expect(one.locator("#branches h4")).to_be_visible(timeout=SLOW)
        link = one.locator("#branches > div > ol a").first.get_attribute("href") or ""
        assert link.startswith(f"#{key}/from/3/then/")
        assert "/with/H2/step/4" in link


def test_a_proof_is_walked_from_the_start(served: Served) -> None:
    with served.page(served.run.proof.heading.key) as one:
        one.get_by_role("button", name="other ways").click()
        expect(one.locator("#branches > div > ol li")).to_have_count(1, timeout=SLOW)
        one.get_by_role("link", name="client open").click()
        expect(one.locator("h2")).to_contain_text("another way", timeout=SLOW)
        expect(one.locator("nav [aria-current=page]")).to_contain_text("memory")
        one.keyboard.press("b")
        expect(one.locator("#branches h3")).to_have_text("What can be done after step 1")
        one.keyboard.press("Escape")
        expect(one.locator("#branches")).to_be_hidden()
        expect(one.locator("#branch")).to_be_focused()


def test_what_cannot_be_shown_is_said(served: Served) -> None:
    trace = served.run.trace
    with served.page(f"{trace.heading.key}/from/2/then/poll.00000000/step/3") as one:
        expect(one.get_by_role("alert")).to_contain_text("no action poll.00000000", timeout=SLOW)
        one.get_by_role("link", name="back to what was recorded").click()
        expect(one.locator("#step-2")).to_have_attribute("aria-current", "step")
        one.keyboard.press("End")
        one.keyboard.press("b")
        expect(one.locator("#branches .broken")).to_contain_text("nothing comes after a violation", timeout=SLOW)


@pytest.fixture(scope="module")
def known(served: Served) -> Held:
    """Asked of models that nobody has asked before: else other runs are found, and how many have room is another."""
    branches = branches_of(served.run.asked)
    assert branches is not None
    return held(served.run.exploration, Answering(served.run.exploration, branches), Spend(600, steps=2, bytes=33_000))


def test_a_file_holds_what_was_answered(served: Served, known: Held, tmp_path: Path) -> None:
    """Each step's ways, whether they can go wrong, and the runs that show it: offline, and what it lacks it says."""
    trace = served.run.trace
    data = page_with(served.run.exploration, known)
    assert len(data) < LIMIT
    address = written(tmp_path / "held.html", data)
    with real.opened(served.browser, f"{address}#{trace.heading.key}/step/2") as one:
        one.keyboard.press("b")
        polls = one.locator("#branches > div > ol > li", has_text="client poll")
        expect(polls.first).to_contain_text("then cancel-once: reached after 1 step")
        expect(polls.last).to_contain_text("then cancel-once: no, not from here")
        one.get_by_role("button", name="does it still happen when H2 holds?").click()
        one.locator("#answers").get_by_role("link", name="under H2, cancel-once").click()
        expect(one.locator(".reason")).to_contain_text("from the start: open, new, poll, cancel under H2; it violates")
        one.go_back()
        expect(one.locator("h2")).to_contain_text("refuted")
        one.keyboard.press("b")
        polls.first.get_by_role("link").click()
        expect(one.locator("h2")).to_contain_text("another way")
        one.keyboard.press("Home")
        one.keyboard.press("n")
        one.keyboard.press("b")
        expect(one.locator("#branches .broken")).to_contain_text("proofmark explore RUN --web --at")


def test_a_file_without_answers_says_where_they_are(served: Served, tmp_path: Path) -> None:
    known = held(served.run.exploration, Answering(served.run.exploration, served.run.branches), Spend(-1))
    assert not known.answers
    address = written(tmp_path / "bare.html", page_with(served.run.exploration, known))
    place = f"{served.run.trace.heading.key}/from/3/then/cancel.00000000/step/4"
    with real.opened(served.browser, f"{address}#{place}") as one:
        expect(one.get_by_role("alert")).to_contain_text("This file does not hold the answer")
        expect(one.get_by_role("alert")).to_contain_text(f"--at '{place.removesuffix('/step/4')}'")


def test_a_file_holds_what_there_is_room_for(served: Served, known: Held, tmp_path: Path) -> None:
    """Ways of several steps, near ones first, and how far that is."""
    trace = served.run.trace
    assert "all of up to 1 step from each step that was recorded; the page was full" in known.told
    data, bare = (page_with(served.run.exploration, one) for one in (known, Held({})))
    assert 18_000 < len(data) - len(bare) < 26_000
    address = written(tmp_path / "deeper.html", data)
    places = [at.removeprefix("wrong ") for at, answer in known.answers.items() if "wrong" in at and "lines" in answer]
    last = next(at for at in reversed(places) if f"ways {at}" not in known.answers)
    before = next(at for at in places if last.startswith(f"{at}~"))
    assert last.startswith(trace.heading.key)
    with real.opened(served.browser, f"{address}#{before}") as one:
        expect(one.locator("h2")).to_contain_text("another way")
        expect(one.locator("body")).to_contain_text("the page was full")
        one.keyboard.press("End")
        one.keyboard.press("b")
        one.locator(f"#branches > div > ol > li a[href^='#{last}']").click()
        expect(one.locator(".reason")).to_contain_text(re.compile(r"then \w+, \w+|from the start: \w+, \w+"))
        one.keyboard.press("b")
        expect(one.locator("#branches .broken")).to_contain_text("This file does not hold the answer")
        one.get_by_role("button", name="can this still go wrong?").click()
        expect(one.locator("#answers")).to_contain_text("cancel-once")


def test_what_does_not_fit_is_left_out(served: Served) -> None:
    """What cannot be packed: random words, an answer with more than a page has room for."""
    words = random.Random(1).randbytes(600_000).hex()
    views = served.run.exploration.views
    known = Held({f"ways {view.heading.key}/from/0": {"why": f"{view.heading.key}{words}"} for view in views}, "all")
    data = page_with(served.run.exploration, known)
    assert LIMIT / 2 < len(data) < LIMIT
    script = re.search(r'id="data">([^<]+)<', data.decode())
    assert script is not None
    shown = json.loads(zlib.decompress(base64.b64decode(script[1]), -15))
    assert list(shown["held"]) == [f"ways {views[0].heading.key}/from/0"]
    assert shown["notes"][-2:] == ["all", "of 2 answers about other ways the last 1 do not fit"]


def test_what_is_no_question_is_refused(served: Served) -> None:
    answering = Answering(served.run.exploration, served.run.branches)
    key = served.run.trace.heading.key
    none: tuple[Any, ...] = (None, [], {"ask": "ways"}, {"ask": 1, "at": key}, {"ask": "ways", "at": key, "more": 1})
    for asked in none:
        with pytest.raises(NoQuestion):
            answering.answer(asked)
    for ask, at in (("all", key), ("ways", "nothing")):
        with pytest.raises(NoQuestion):
            answering.answer({"ask": ask, "at": at})
    assert "60 are followed" in answering.answer({"ask": "ways", "at": f"{key}/then/{'~'.join(['a.b'] * 61)}"})["why"]
    assert "a run's results" in Answering(served.run.exploration, None).answer({"ask": "ways", "at": key})["why"]

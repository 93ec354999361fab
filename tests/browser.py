"""A real browser for tests of pages: Debian's, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright


def chromium() -> str:
    """The path of the browser; without one, fail where all tools must be there, and skip elsewhere."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.environ.get("CI") == "true":
        pytest.fail("no chromium: CI must have it")
    pytest.skip("NOT TESTED: no chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, address: str, asks: frozenset[str] = frozenset()) -> Iterator[Page]:
    """A page that is ready; whatever its script or its policy complains of, and every request but its own and those
    that it `asks`, by address, fails.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    try:
        page.goto(address)
        page.wait_for_selector("html[data-ready]", timeout=10_000)
        yield page
        assert not complaints
        assert {url.partition("#")[0] for url in requests} - asks == {address.partition("#")[0]}
    finally:
        page.close()

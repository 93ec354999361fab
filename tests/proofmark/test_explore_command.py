"""`proofmark explore` by the real command line: every kind of thing it opens, and what it says of what it cannot."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import browser as real
import pytest
from click.testing import CliRunner, Result
from example_tools import EXAMPLES
from explore_pilot import drive

from artifacts.explore.addresses import Address, written_address
from artifacts.explore.model import CallView, Life, TextView, TraceView
from proofmark.cli import main
from proofmark.explore.answering import NoQuestion
from proofmark.explore.opening import Asked, opened
from proofmark.explore.web import Answers, server

PACKAGE = "wit-bindgen@0.48.1"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def runtime_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a published crate with several counterexamples."""
    if shutil.which("cargo") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no cargo: CI must have it")
        pytest.skip("NOT TESTED: no cargo")
    out = tmp_path_factory.mktemp("runtime") / "out"
    asked = ("--package", PACKAGE, "--panic", "abort", "--peer", "wasm", "--operation", "future-read")
    done = run("prove", *asked, "--out", out)
    if "error: " in done.output and any(word in done.output for word in ("network", "download", "resolve host")):
        if os.environ.get("CI") == "true":
            pytest.fail(done.output)
        pytest.skip(f"NOT TESTED: no registry: {done.output}")
    assert done.exit_code == 1, done.output
    return out


def test_a_run_on_a_runtime(runtime_run: Path, tmp_path: Path) -> None:
    """Every counterexample opens with its states, its lines of Rust and its blocks; every proof with its invariant."""
    exploration = opened(Asked(runtime_run))
    traces = [view for view in exploration.views if isinstance(view, TraceView)]
    assert {view.heading.obligation for view in traces} >= {"cross-task", "waker-unregistered", "scalar-zero-alloc"}
    for view in traces:
        assert view.words
        assert not view.listing.missing
        for step in view.steps:
            for where in (entry.where for entry in step.entries if entry.where is not None):
                assert view.listing.mir[where.function][where.block]
    left = next(view for view in traces if view.heading.obligation == "waker-unregistered")
    assert left.blocks[0].lives[3:5] == (Life.TOUCHED, Life.TOUCHED)
    assert left.blocks[0].lives[5] is Life.DEAD
    proofs = [view for view in exploration.views if isinstance(view, TextView) and view.heading.verdict == "proved"]
    for proof in proofs:
        lines = next(section for section in proof.sections if section.title == "The invariant").items
        assert any("st = COPYING" in line for line, _ in lines)
    page = tmp_path / "run.html"
    assert run("explore", runtime_run, "--html", page).exit_code == 0
    assert page.stat().st_size < 1_000_000
    assert str(Path.home()) not in page.read_text()


def test_a_trace_and_a_certificate_of_a_run(runtime_run: Path, tmp_path: Path) -> None:
    trace = next((runtime_run / "traces").iterdir())
    (view,) = opened(Asked(trace)).views
    assert isinstance(view, TraceView)
    assert view.listing.rust
    alone = shutil.copy(trace, tmp_path)
    (view,) = opened(Asked(Path(alone))).views
    assert isinstance(view, TraceView)
    assert len(view.listing.missing) == 2
    certificate = next((runtime_run / "certificates").glob("*.memory.*.cert.json"))
    (proof,) = opened(Asked(certificate)).views
    assert isinstance(proof, TextView)
    assert [one.title for one in proof.sections[-2:]] == ["The invariant", "Without one thing at a time"]


def test_a_report_alone(runtime_run: Path, tmp_path: Path) -> None:
    """Its steps, without states; what is not there is said."""
    alone = shutil.copy(runtime_run / "report.json", tmp_path)
    views = opened(Asked(Path(alone))).views
    trace = next(view for view in views if isinstance(view, TraceView))
    assert [step.action for step in trace.steps][:2] == ["open", "new"]
    assert not trace.words
    proof = next(view for view in views if isinstance(view, TextView) and view.heading.verdict == "proved")
    assert "not at hand" in proof.sections[-1].note


def test_every_trace_of_a_run_opens_in_the_browser(runtime_run: Path, tmp_path: Path) -> None:
    """Its last step stands on the page, with the line of Rust and the block of MIR where it breaks."""
    page = tmp_path / "run.html"
    assert run("explore", runtime_run, "--html", page).exit_code == 0
    traces = [view for view in opened(Asked(runtime_run)).views if isinstance(view, TraceView)]
    with real.launched() as browser:
        for view in traces:
            last = len(view.steps)
            address = f"{page.as_uri()}#{written_address(Address(view.heading.key, {'step': str(last)}))}"
            with real.opened(browser, address) as one:
                assert one.locator("tr[aria-current=step]").get_attribute("id") == f"step-{last}"
                program = one.get_by_role("region", name="Program")
                assert program.locator("tr.here").count() == 1
                assert "bb" in program.locator("pre").inner_text()
                assert one.locator(".lanes .broken").count() == 1


def test_every_trace_of_a_run_opens_in_the_terminal(runtime_run: Path) -> None:
    exploration = opened(Asked(runtime_run))
    for view in exploration.views:
        if isinstance(view, TraceView):
            lines = drive(exploration, "end", "3", at=written_address(Address(view.heading.key)))
            assert any(line.startswith(f"▶   {len(view.steps)} ") for line in lines)
            assert any(line.startswith("▶") and "│" not in line for line in lines[12:-2])


def test_exports_of_a_run(runtime_run: Path, tmp_path: Path) -> None:
    """The place decides what is exported; a proof has no picture."""
    views = opened(Asked(runtime_run)).views
    for form, begins in (("mermaid", "sequenceDiagram"), ("svg", "<svg"), ("markdown", "### ")):
        done = run("explore", runtime_run, "--export", form, "--output", tmp_path / form)
        assert done.exit_code == 0, done.output
        assert (tmp_path / form).read_text().startswith(begins)
    proof = next(view.heading.key for view in views if view.heading.verdict == "proved")
    assert "Assumptions" not in run("explore", runtime_run, "--at", proof, "--export", "markdown").output
    for output in ((), ("--output", tmp_path / "test")):
        done = run("explore", runtime_run, "--at", proof, "--export", "test", *output)
        assert done.exit_code == 2
        assert ("is no recorded counterexample" if output else "--output DIR") in done.output
    done = run("explore", runtime_run, "--at", proof, "--export", "svg")
    assert done.exit_code == 2
    assert "--export markdown" in done.output


def test_a_run_on_a_pool(tmp_path: Path) -> None:
    """Its calls in order, and what its proofs say of exports and cells."""
    module = EXAMPLES / "static_pool_c.wasm"
    asked = ("--pool", "pool=1040:4096", "--obligation", "zero-size", "--obligation", "range-in-bounds")
    done = run("prove", module, *asked, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    for view in opened(Asked(tmp_path / "out")).views:
        assert isinstance(view, TextView)
        titles = {section.title for section in view.sections}
        assert {"The pool", "What the exports do", "Cells that calls leave for later calls", "The invariant"} <= titles


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.wasm")), ids=lambda path: path.stem)
def test_every_example_opens(path: Path) -> None:
    for view in opened(Asked(path, replay_seconds=0)).views:
        assert (view.heading.verdict == "refuted") == isinstance(view, CallView)
        assert view.heading.reason


def test_a_report_whose_module_is_gone_has_its_paths(tmp_path: Path) -> None:
    module = shutil.copy(EXAMPLES / "dlmalloc_rust.wasm", tmp_path)
    assert run("prove", module, "--out", tmp_path / "out", "--replay-seconds", "0").exit_code == 1
    whole = opened(Asked(tmp_path / "out")).views[0]
    Path(module).unlink()
    part = opened(Asked(tmp_path / "out")).views[0]
    found = opened(Asked(tmp_path / "out", subjects=(EXAMPLES / "dlmalloc_rust.wasm",))).views[0]
    assert isinstance(part, CallView)
    assert isinstance(whole, CallView)
    assert len(part.names) < len(whole.names)
    assert found == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("/nowhere",), "No such file"),
        ((str(EXAMPLES),), "a directory without report.json"),
        ((str(EXAMPLES / "build.toml"),), r"expected `\0asm`"),
        ((str(EXAMPLES / "dlmalloc_rust.wasm"), "--at", "nothing/step/2"), "no place nothing; expected one of dlm"),
        ((str(EXAMPLES / "dlmalloc_rust.wasm"), "--root", "a"), "a"),
    ],
)
def test_asked_wrongly(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run("explore", *arguments, "--replay-seconds", "0", "--html", tmp_path / "page.html")
    if "--root" not in arguments:
        assert done.exit_code == 2
        assert said in done.output
    assert "Traceback" not in done.output
    assert "fault in proofmark" not in done.output


def test_json_that_is_none_of_ours(tmp_path: Path) -> None:
    values: tuple[Any, ...] = (
        {},
        [],
        {"format": "proofmark-report/1"},
        {"format": "proofmark-certificate/2"},
        {"states": 1, "vars": 1},
    )
    for value in values:
        path = tmp_path / "x.json"
        path.write_text(json.dumps(value))
        done = run("explore", path, "--html", tmp_path / "page.html")
        assert done.exit_code == 2
        assert "expected" in done.output


def _get(url: str, path: str, host: str | None = None) -> http.client.HTTPResponse:
    return _sent(url, "GET", path, {"Host": host or urlsplit(url).netloc})[0]


def _sent(
    url: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    at = urlsplit(url)
    connection = http.client.HTTPConnection(str(at.hostname), at.port, timeout=10)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    said = response.read()
    connection.close()
    return response, said


@contextmanager
def _serving(answers: Answers) -> Iterator[str]:
    served, url = server(b"<!DOCTYPE html>page", answers)
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield url
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


def _echo(asked: Any) -> dict[str, Any]:
    match asked:
        case "what":
            raise NoQuestion("expected something else")
        case "fault":
            raise ZeroDivisionError
        case _:
            return {"asked": asked}


def test_only_the_page_itself_may_ask() -> None:
    """Not another site's page, no name that was made to lead here, and no form."""
    with _serving(_echo) as url:
        path = f"{urlsplit(url).path}ask"
        own = f"http://{urlsplit(url).netloc}"
        asks = {"Origin": own, "Content-Type": "application/json"}
        response, said = _sent(url, "POST", path, asks, b'{"a": 1}')
        assert (response.status, said) == (200, b'{"asked": {"a": 1}}')
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        for status, headers, body in (
            (403, {**asks, "Origin": "http://evil.example"}, b"1"),
            (403, {**asks, "Origin": "null"}, b"1"),
            (403, {"Content-Type": "application/json"}, b"1"),
            (404, {**asks, "Host": "evil.example"}, b"1"),
            (415, {**asks, "Content-Type": "text/plain"}, b"1"),
            (411, {**asks, "Content-Length": "-1"}, b""),
            (413, asks, b"[" + b"1" * 20_000),
            (400, asks, b"[" * 10_000),
            (400, asks, b"\xff"),
            (400, asks, b'"what"'),
            (500, asks, b'"fault"'),
        ):
            assert _sent(url, "POST", path, headers, body)[0].status == status
        assert _sent(url, "POST", path.replace("/ask", "x/ask"), asks, b"1")[0].status == 404
        assert _sent(url, "OPTIONS", path, {"Origin": own})[0].status == 501
        assert _get(url, path).status == 404


def test_a_busy_server_says_so() -> None:
    """Four questions at once: the fifth is told to come again, and the first is answered."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(asked: Any) -> dict[str, Any]:
        begun.set()
        go_on.wait(10)
        return {"asked": asked}

    with _serving(slow) as url:
        headers = {"Origin": f"http://{urlsplit(url).netloc}", "Content-Type": "application/json"}

        def ask(_: int) -> int:
            return _sent(url, "POST", f"{urlsplit(url).path}ask", headers, b"1")[0].status

        with ThreadPoolExecutor(5) as many:
            waiting = [many.submit(ask, number) for number in range(5)]
            begun.wait(10)
            refused = next(as_completed(waiting)).result()
            go_on.set()
            assert refused == 503
            assert sorted(one.result() for one in waiting) == [200, 200, 200, 200, 503]


def test_the_server_has_one_page() -> None:
    with _serving(_echo) as url:
        assert urlsplit(url).hostname == "127.0.0.1"
        path = urlsplit(url).path
        assert len(path) > 30
        response = _get(url, path)
        assert response.status == 200
        assert "default-src 'none'" in str(response.headers["Content-Security-Policy"])
        assert response.headers["Referrer-Policy"] == "no-referrer"
        for other in ("/", path + "x", path[:-1], "/favicon.ico", f"/..{path}"):
            assert _get(url, other).status == 404
        assert _get(url, path, "evil.example").status == 404  # a name that was made to lead here

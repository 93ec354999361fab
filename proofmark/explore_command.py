"""`proofmark explore`: counterexamples and proofs, in the terminal or on a page."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never

from artifacts.callpaths import Picture
from artifacts.explore.addresses import is_branch, read_address, read_without
from artifacts.explore.call_questions import Calls
from artifacts.explore.exports.ways import ways
from artifacts.explore.model import CallView, Exploration, TextView, TraceView, View
from artifacts.explore.page import LIMIT, TooLarge, page, served_page
from artifacts.names import visible
from artifacts.sentences import count
from artifacts.svg import svg_of
from extract.errors import InputError, WholeFile
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.explore.opening import Asked, branches_of, opened, shown_at
from proofmark.files import write_atomically
from proofs.buffer_wording import is_of_a_buffer
from proofs.pool_run import PoolRun

if TYPE_CHECKING:
    from proofmark.explore.branches import Branches
    from proofmark.explore.held import Held

Export = Literal["mermaid", "svg", "markdown", "test"]


@dataclass(frozen=True, slots=True)
class Shown:
    """How to show it: `page`: a file to write, with `seconds` spent on other ways of at most `steps`; `web`: serve it;
    `address`: where to begin. `export`: the view there, in this form, to `output` or standard output.
    """

    page: Path | None
    web: bool
    address: str | None
    export: Export | None = None
    output: Path | None = None
    seconds: float | None = None
    steps: int | None = None


def run(asked: Asked, shown: Shown) -> int:
    """Raises UsageError, InputError."""
    if shown.output is not None and shown.export is None:
        raise UsageError("--output is of --export; a page is written by --html FILE")
    in_terminal = shown.page is None and not shown.web and shown.export is None
    if in_terminal and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("this is no interactive terminal; expected --html FILE, which writes a page, or --web")
    if shown.page is not None and is_branch(read_address(shown.address or "").place):
        raise UsageError(
            "--at: a file does not begin with another way; expected --web, --export or the terminal program"
        )
    if shown.steps is not None and shown.seconds is None:
        raise UsageError("--branch-steps is of --branches S")
    if shown.seconds is not None and shown.page is None:
        raise UsageError("--branches is of --html FILE; --web and the terminal program ask when they are asked")
    test = _folder_of_test(shown) if shown.export == "test" else None
    exploration = opened(asked)
    branches = branches_of(asked)
    view = shown_at(exploration, branches, shown.address)
    if shown.page is not None:
        _write(shown.page, exploration, shown.address, _held(exploration, branches, shown))
    if test is not None:
        console.out(_test(asked, branches, view, test))
    elif shown.export is not None and shown.export != "test":
        _export(_exported(view, shown.export, shown.address), shown.output)
    if shown.web:
        from proofmark.explore.answering import Answering
        from proofmark.explore.web import serve

        answering = Answering(exploration, branches)
        serve(served_page(exploration), answering.answer, answering.doing, shown.address)
    if in_terminal:
        from proofmark.explore.terminal.app import Explorer  # loads Textual

        program = Explorer(exploration, shown.address or "", branches, view, is_alone=True)
        program.run()
        return guard.FAULT if program.return_code else 0
    return 0


def _folder_of_test(shown: Shown) -> Path:
    """Where a test goes; asked before anything is read, which takes long."""
    if shown.output is None:
        raise UsageError("--export test: expected --output DIR, a folder to make")
    if is_branch(read_address(shown.address or "").place):
        raise UsageError("--export test: another way is not recorded; expected --at KEY of a counterexample")
    if shown.output.exists():
        raise InputError(str(shown.output), WholeFile(), "something that is there", "a folder to make")
    return shown.output


def _test(asked: Asked, branches: Branches | None, view: View, folder: Path) -> str:
    """What was written, and what to do with it."""
    trace = asked.path if asked.path.is_file() else asked.path / "traces" / f"{view.heading.key}.itf.json"
    result = None if branches is None else branches.results.get(view.heading.key)
    if isinstance(view, CallView):
        from proofmark.explore.generated_module_test import module_at, write_grow_test

        subjects = (*asked.subjects, asked.path) if result is None else asked.subjects
        return write_grow_test(view, module_at(view.heading, subjects, result), asked.replay_seconds, folder)
    if isinstance(view, TraceView) and branches is not None and result is not None and trace.is_file():
        match view.pool:
            case None if is_of_a_buffer(view.heading.instance):
                from proofmark.explore.generated_buffers_test import write_buffers_test

                return write_buffers_test(result, trace, branches.program, folder)
            case None:
                from proofmark.explore.generated_test import write_test

                return write_test(result, trace, branches.program, folder)
            case PoolRun(relative=False) as pool:
                from proofmark.explore.generated_module_test import module_at, write_pool_test

                return write_pool_test(
                    view.heading, pool, trace, module_at(view.heading, asked.subjects, result), folder
                )
            case _:
                from proofmark.explore.generated_statics_test import write_statics_test

                return write_statics_test(result, trace, branches.program, folder)
    found = f"{view.heading.key} is no recorded counterexample"
    raise UsageError(f"--export test: {found}; expected RUN, its TRACE or FILE, and --at KEY of one")


def _exported(view: View, form: Literal["mermaid", "svg", "markdown"], address: str | None) -> str:
    from artifacts.explore.exports.issue import issue
    from artifacts.explore.exports.lanes_svg import lanes_svg
    from artifacts.explore.exports.mermaid import flow, sequence
    from artifacts.explore.exports.pool_svg import pool_svg

    if form == "markdown":
        return issue(view)
    match view:
        case TraceView(pool=PoolRun() as pool) if form == "svg":
            return pool_svg(view, pool)
        case TraceView():
            return sequence(view) if form == "mermaid" else lanes_svg(view)
        case CallView():
            return flow(_ways(view, address)) if form == "mermaid" else svg_of(_ways(view, address))
        case TextView():
            raise UsageError(f"--export {form}: {view.heading.key} has no picture; expected --export markdown")
    assert_never(view)


def _ways(view: CallView, address: str | None) -> Picture:
    """Of the address's root, without what it takes away."""
    place = read_address(address or "")
    calls = Calls(view, read_without(view, place.place.get("without", "")))
    left = calls.roots()
    return ways(view, calls, place.number("root", 0, len(view.roots) - 1, left[0] if left else 0))


def _export(text: str, output: Path | None) -> None:
    if output is None or str(output) == "-":
        console.out(text)
        return
    try:
        write_atomically(output, text.encode())
    except OSError as error:
        raise UsageError(f"--output {output}: {error.strerror}; expected a file that can be written") from error


def _held(exploration: Exploration, branches: Branches | None, shown: Shown) -> Held | None:
    """Half of a page is for other ways, and what is left of the other half."""
    if shown.seconds is None:
        return None
    from proofmark.explore.answering import Answering
    from proofmark.explore.held import Spend, held

    room = max(LIMIT // 2, LIMIT - len(served_page(exploration)))
    known = held(exploration, Answering(exploration, branches), Spend(shown.seconds, shown.steps, room))
    asked = [answer for asked, answer in known.answers.items() if asked.startswith("ways ")]
    if not any("lines" in answer for answer in asked):
        raise UsageError(f"--branches: {asked[0]['why'] if asked else 'there is no step that they begin from'}")
    console.err(known.told)
    return known


def _write(path: Path, exploration: Exploration, address: str | None, known: Held | None) -> None:
    from proofmark.explore.held import page_with

    try:
        data = page(exploration) if known is None else page_with(exploration, known)
    except TooLarge as error:
        raise UsageError(f"--html: {error}; explore a single trace, certificate or module") from error
    try:
        write_atomically(path, data)
    except OSError as error:
        raise UsageError(f"--html {path}: {error.strerror}; expected a file that can be written") from error
    place = f"#{address.removeprefix('#')}" if address else ""
    results = count(len(exploration.views), "result")
    console.err(f"{visible(str(path))}{visible(place)}: {results}, {len(data)} bytes")

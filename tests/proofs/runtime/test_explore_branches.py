"""Other ways than the recorded one, through the example runtime with a fault: in the terminal and by address."""

from __future__ import annotations

import asyncio
import html
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from branch_run import Opened, cancels_twice
from click.testing import CliRunner
from example_runtime import RUNTIME
from explore_pilot import HEIGHT, WIDTH, screen, settled

from artifacts.explore.addresses import Address, written_address
from artifacts.explore.model import TraceView
from extract.errors import InputError
from proofmark.cli import main
from proofmark.explore.branches import place_of
from proofmark.explore.doing import Doing, Stopped
from proofmark.explore.opening import Asked, branches_of, opened, shown_at
from proofmark.explore.part import CannotBranch
from proofmark.explore.terminal.app import Explorer
from proofmark.explore.terminal.base import ViewScreen
from proofmark.explore.terminal.branch_screen import BranchScreen


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return cancels_twice(tmp_path_factory.mktemp("runtime"))


def test_what_nobody_said_of_the_program_is_told(run: Opened) -> None:
    """Of MIR text it is not known what made it."""
    facts = dict(run.trace.heading.facts)
    assert (facts["compiler"], facts["target"], facts["panic"]) == ("nobody said", "nobody said", "abort")


def test_every_step_of_the_recorded_run_is_one_of_those_that_are_possible(run: Opened) -> None:
    for step in range(len(run.trace.steps)):
        possible = run.branches.possible(run.trace, place_of(run.trace, {}, step))
        assert run.trace.steps[step].action in {one.action for one in possible}
    assert [one.breaks is not None for one in possible].count(True) >= 1
    with pytest.raises(CannotBranch, match="nothing comes after a violation"):
        run.branches.possible(run.trace, place_of(run.trace, {}, len(run.trace.steps)))


def test_questions_are_answered_with_places_that_show_it(run: Opened) -> None:
    """The answer to each leads to a run that is what it says."""
    lent = place_of(run.trace, {}, 3)
    wrong, rest = run.branches.goes_wrong(run.trace, lent)
    assert wrong.text == "cancel-once: reached after 1 step"
    assert rest.text.endswith("other conditions cannot be reached from here")
    assert wrong.place is not None
    shown = run.branches.at(run.trace, wrong.place)
    assert isinstance(shown, TraceView)
    assert "it violates cancel-once" in shown.heading.reason
    assert shown.steps[:3] == run.trace.steps[:3]
    way = run.branches.shortest(run.trace, lent)
    assert way.text == "a shortest way here has 3 steps"
    assert way.place is not None
    there = run.branches.at(run.trace, way.place)
    assert isinstance(there, TraceView)
    assert [one.action for one in there.steps] == ["open", "new", "poll"]
    same, under = run.branches.under(run.trace, lent)
    assert same.text == "these steps can be taken under H2, too"
    assert under.text == "under H2, cancel-once: reached after 4 steps"


def test_a_proof_is_walked_from_the_start(run: Opened) -> None:
    start = place_of(run.proof, {}, 0)
    assert [one.action for one in run.branches.possible(run.proof, start)] == ["open"]
    proved, broken, _ = run.branches.goes_wrong(run.proof, start)
    assert proved.text.startswith("memory: no, not from here (every state that can be was looked at")
    assert broken.text == "cancel-once: reached after 4 steps"


def test_an_address_shows_the_same_run_again(run: Opened) -> None:
    drop = next(one for one in run.branches.possible(run.trace, place_of(run.trace, {}, 3)) if one.action == "drop")
    place = place_of(run.trace, {}, 3).then(drop.name)
    address = written_address(Address(run.trace.heading.key, place.address(4)))
    first, again = (shown_at(run.exploration, branches_of(run.asked), address) for _ in range(2))
    assert first == again
    assert isinstance(first, TraceView)
    assert [one.action for one in first.steps] == ["open", "new", "poll", "drop"]
    assert not first.listing.missing
    assert first.steps[2].changes == run.trace.steps[2].changes


def test_what_is_exported_is_that_way_and_a_file_has_none(run: Opened) -> None:
    place = run.branches.shortest(run.trace, place_of(run.trace, {}, 2)).place
    assert place is not None
    address = written_address(Address(run.trace.heading.key, place))
    asked = ["explore", str(run.asked.path), "--src", str(run.asked.sources), "--at", address]
    done = CliRunner().invoke(main, [*asked, "--export", "markdown"])
    assert done.exit_code == 0, done.output
    assert "<code>another way</code>" in done.output
    assert "from the start" in html.unescape(done.output)
    done = CliRunner().invoke(main, [*asked, "--html", str(run.asked.path / "page.html")])
    assert done.exit_code == 2
    assert "begin with another way" in done.output


def test_a_file_with_other_ways_needs_the_program(run: Opened, tmp_path: Path) -> None:
    page = str(tmp_path / "page.html")
    for asked, said in (
        (["--html", page, "--branches", "5"], "--src DIR"),
        (["--branches", "5", "--export", "markdown"], "of --html"),
    ):
        done = CliRunner().invoke(main, ["explore", str(run.asked.path), *asked])
        assert done.exit_code == 2
        assert said in done.output


class _Leaves(Doing):
    """Who waits leaves after some states."""

    def look(self) -> None:
        super().look()
        if "3 looked at" in self.words():
            self.stop()


def test_who_leaves_ends_what_is_done_for_the_answer(run: Opened) -> None:
    branches = branches_of(run.asked)
    assert branches is not None
    branches.doing = _Leaves()
    with pytest.raises(Stopped):
        branches.possible(run.trace, place_of(run.trace, {}, 0))
    assert branches.doing.words().startswith("making the model, 4 looked at; ")
    asked = branches.asked()
    asked.stop()
    with pytest.raises(Stopped):
        branches.possible(run.trace, place_of(run.trace, {}, 0))


def test_the_terminal_program(run: Opened) -> None:
    """Ask, go there by the answer, come back; the address at the bottom is that of the way."""

    async def driven() -> None:
        app = Explorer(run.exploration, f"{run.trace.heading.key}/step/3", run.branches)
        async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
            await settled(app, pilot)

            async def pressed(*keys: str) -> list[str]:
                await pilot.press(*keys)
                await settled(app, pilot)
                return screen(app)

            listed = await pressed("b")
            assert any("client drop:" in line for line in listed)
            assert any("✗ cancel-once" in line for line in listed)
            answered = await pressed("end", "up", "up", "enter")
            assert any("cancel-once: reached after 1 step" in line for line in answered)
            shown = await pressed("enter")
            assert shown[1].startswith("3 steps of the recorded run, then cancel; it violates")
            assert isinstance(app.screen, ViewScreen)
            assert "/from/3/then/cancel." in app.screen.address
            back = await pressed("left")
            assert "▶   3 ● poll" in "\n".join(back)
            assert "/from/3/then/cancel." in app.screen.address
            await pressed("b")
            assert isinstance(app.screen, BranchScreen)
            app.screen._waits = True
            app.screen._tell()
            await pilot.pause()
            assert any("the solver; " in line and line.rstrip().endswith(" s") for line in screen(app))
            await pressed("escape", "escape", "escape", "n", "p")
            assert "/from/" not in app.screen.address

    asyncio.run(driven())
    run.branches.asked()  # the program has ended, and what it asked with it


def _without_sources(run: Opened, _: Path) -> tuple[Asked, str]:
    return Asked(run.asked.path), "--src DIR"


def _with_other_sources(run: Opened, folder: Path) -> tuple[Asked, str]:
    shutil.copytree(RUNTIME / "src", folder / "src")
    shutil.copy(RUNTIME / "Cargo.toml", folder)
    return Asked(run.asked.path, sources=folder), "another sources than that of the run"


def _with_another_trace(run: Opened, folder: Path) -> tuple[Asked, str]:
    shutil.copytree(run.asked.path, folder / "out")
    (trace,) = (folder / "out" / "traces").iterdir()
    document = json.loads(trace.read_text())
    document["states"][1]["st"] = "DONE"
    trace.write_text(json.dumps(document))
    return Asked(folder / "out", sources=run.asked.sources), "step 1, open, cannot be taken in this model"


@pytest.mark.parametrize("made", [_without_sources, _with_other_sources, _with_another_trace])
def test_what_is_not_of_the_run_is_refused(
    run: Opened, made: Callable[[Opened, Path], tuple[Asked, str]], tmp_path: Path
) -> None:
    asked, said = made(run, tmp_path)
    with pytest.raises(InputError, match=said):
        shown_at(opened(asked), branches_of(asked), f"{run.trace.heading.key}/from/2/then/poll.00000000")


def test_an_address_of_another_model_is_refused(run: Opened) -> None:
    for way, said in (("poll.00000000", "no action poll"), ("~".join(["a.b"] * 61), "61 actions")):
        with pytest.raises(InputError, match=said):
            shown_at(run.exploration, run.branches, f"{run.trace.heading.key}/from/2/then/{way}")
    with pytest.raises(InputError, match="no run behind it"):
        shown_at(run.exploration, None, f"{run.trace.heading.key}/from/2/then/poll.00000000")

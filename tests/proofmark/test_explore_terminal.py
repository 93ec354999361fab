"""The terminal program, driven by its own pilot at 80 columns and 24 lines, and what then stands on the screen."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner
from example_tools import EXAMPLES
from explore_pilot import HEIGHT, WIDTH, drive, settled
from explore_samples import heading, hostile, large_calls, long_trace, random_calls

from artifacts.explore.addresses import Address, read_address, read_without, written_address, written_without
from artifacts.explore.call_questions import Without
from artifacts.explore.model import Exploration, Section, TextView
from proofmark.cli import main
from proofmark.explore.opening import Asked, opened
from proofmark.explore.terminal.app import Explorer
from proofmark.explore.terminal.base import ViewScreen

PROOF = TextView(
    heading("proof", "proved"),
    (
        Section("Assumptions", (("the host is kind", "H3"),)),
        Section("The invariant", tuple((f"{'  ' * (n % 3)}word {n} = IDLE", "") for n in range(30)), "Holds."),
    ),
)
SAMPLES = Exploration("samples", (long_trace(6), random_calls(3), PROOF))


def test_a_trace_at_80_by_24() -> None:
    assert drive(SAMPLES, "right")[:-1] == TRACE.splitlines()


def test_a_graph_at_80_by_24() -> None:
    assert drive(SAMPLES, "n")[:-1] == GRAPH.splitlines()


def test_a_proof_at_80_by_24() -> None:
    assert drive(SAMPLES, "n", "n")[:-1] == PROVED.splitlines()


def test_steps_and_events() -> None:
    assert drive(SAMPLES, "end")[-2] == "#long/step/6"
    assert drive(SAMPLES, "end", "right", "left", "left")[-2] == "#long/step/4"
    assert drive(SAMPLES, "home", "left")[-2] == "#long/step/0"
    assert drive(SAMPLES, "up", "up")[-2] == "#long/step/1/entry/0"
    assert any(line.startswith("▶   3 ") for line in drive(SAMPLES, at="#long/step/3"))


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        ("1", "▶ host         host: stream.read: rule 1 → 1"),
        ("2", "  CABI read"),
        ("3", "  rt::<impl at src/a.rs:1:1: 1:9>::start bb3, src/a.rs:7"),
        ("4", "  no block of MIR is at hand for this event"),
        ("5", "  memory       lease: false → true"),
        ("6", "    │ ▓█▓█▓█│ from step 0"),
        ("7", "  lent.Some.0 = at block of src/a.rs:7"),
    ],
)
def test_panels(panel: str, said: str) -> None:
    assert said in drive(SAMPLES, panel)


def test_search_and_help() -> None:
    lines = drive(SAMPLES, "slash", *"count 3 4")
    assert any("1 hit" in line for line in lines)
    assert drive(SAMPLES, "slash", *"count 3 4", "enter")[-2] == "#long/step/4"
    assert drive(SAMPLES, "slash", *"nope", "enter", "escape")[-2] == "#long"
    assert any("take a root or a" in line for line in drive(SAMPLES, "question_mark"))
    assert drive(SAMPLES, "question_mark", "escape")[-2] == "#long"
    lines = drive(SAMPLES, "n", "n", "slash", *"word 29", "enter")
    assert lines[-2] == "#proof/section/1/item/29"


def test_what_if() -> None:
    lines = drive(SAMPLES, "n", "space")
    assert lines[2].startswith("without 1 thing: 2 of 3 roots reach memory.grow")
    assert lines[-2] == "#calls-3/without/r0"
    assert (
        drive(SAMPLES, at="calls-3/without/r0%2Br1%2Br2")[2] == "without 3 things: nothing reaches memory.grow any more"
    )
    assert drive(SAMPLES, "n", "space", "space")[-2] == "#calls-3"
    lines = drive(SAMPLES, "n", "space", "down", "space", "up", "space")  # quicker than the answers
    assert lines[2].startswith("without 1 thing: 2 of 3 roots reach memory.grow")
    assert lines[-2] == "#calls-3/without/r1"
    assert "looking" not in "".join(lines)
    lines = drive(SAMPLES, "n", "right", "tab", "down", "enter")
    assert "function/" in lines[-2]
    assert "root/1" in lines[-2]


def test_roots_are_taken_away_one_after_the_other() -> None:
    lines = drive(Exploration("large", (large_calls(100),)), "right", *("space", "down") * 3)
    assert lines[-2] == "#large/root/1/function/1/without/r1%2Br2%2Br3"


def test_what_follows_from_earlier_answers() -> None:
    """A call is put back on which all ways depend, with something else taken away meanwhile."""
    large = Exploration("large", (large_calls(400, 5),))
    to_neck = ("slash", *"function_394", "enter", "tab", "tab", "tab", "home", "down")
    other = ("space", "down", "space", "home", "down", "space")
    lines = drive(large, *to_neck, *other)
    assert lines[2].startswith("without 1 thing: 20 of 20 roots")
    anew = drive(large, *to_neck, at=lines[-2])
    assert lines[2:] == anew[2:]


def test_larger_and_smaller_windows() -> None:
    for size in ((40, 12), (200, 60)):
        for view in SAMPLES.views:
            drive(SAMPLES, "right", at=view.heading.key, size=size)


def test_nothing_hostile_reaches_the_terminal() -> None:
    for keys in ((), ("n",), ("n", "n"), ("6",), ("7",)):
        text = "".join(drive(hostile(), *keys))
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert text.isprintable()


@pytest.mark.parametrize("name", ["dlmalloc_rust", "table_open_grows", "component_linked_grows", "component_vestigial"])
def test_examples_open(name: str) -> None:
    exploration = opened(Asked(EXAMPLES / f"{name}.wasm", replay_seconds=0))
    for view in exploration.views:
        assert view.heading.obligation in drive(exploration, at=view.heading.key)[0]


def test_a_large_graph_is_whole() -> None:
    lines = drive(Exploration("large", (large_calls(5_000),)), "slash", *"function_4998", "enter")
    assert "function/4998" in lines[-2]


def test_no_terminal_is_told_of_the_page() -> None:
    done = CliRunner().invoke(main, ["explore", str(EXAMPLES / "alloc.wasm")])
    assert done.exit_code == 2
    assert "--html FILE" in done.output


def test_a_screen_has_its_address() -> None:
    async def run() -> None:
        app = Explorer(SAMPLES, "long/step/2/entry/1")
        async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
            await settled(app, pilot)
            assert isinstance(app.screen, ViewScreen)
            assert app.screen.address == "long/step/2/entry/1"
            await pilot.press("y")
            assert app.clipboard == "#long/step/2/entry/1"

    asyncio.run(run())


@pytest.mark.parametrize("text", ["a b/c%d", "a%2Fb/step/2", "key", "é/without/r0+c1-2"])
def test_addresses_come_back(text: str) -> None:
    made = Address(text, {"step": "3", "without": "r0+c1-2", "empty": ""})
    read = read_address(f"#{written_address(made)}")
    assert read == Address(text, {"step": "3", "without": "r0+c1-2"})


def test_what_is_taken_away_is_read_strictly() -> None:
    view = random_calls(0)
    call = next((at, targets[0]) for at, targets in enumerate(view.edges) if targets)
    without = Without(frozenset({1}), frozenset({call}))
    assert read_without(view, written_without(without)) == without
    for odd in ("r99", "c1", "c0-0-0", "x1", "r", "c-", "r²", "r1-1", "+", "c9999999999-1"):
        assert read_without(view, odd) == Without()


TRACE = """\
✗ refuted memory  1/3  some.mir
because
step  client      operation   task        waitable s… host        memory
 start
    1 ● poll      start +1                            stream.… +1 Δ lease… +2
▶   2 ● drop      start +1                            stream.… +1 Δ lease… +1
    3 ● poll      start +1                            stream.… +1 Δ lease… +1
    4 ● drop      start +1                            stream.… +1 Δ lease… +1
    5 ● poll      start +1                            stream.… +1 Δ lease… +1
    6 ● drop      start +1                            stream.… +1 Δ lease… +1

[1 events] 2 rule  3 Rust  4 MIR  5 changes  6 memory  7 state
  operation    call: rt::start
▶ host         host: stream.read: rule 2 → 2








#long/step/2
"""
GRAPH = """\
✗ refuted memory  2/3  some.mir
because
3 of 3 roots reach memory.grow
┏━ roots ━━━━━━━━━━━━━━━━┓╭─ shortest ──────────────╮╭─ to memory.grow ────────╮
┃● 2 away: export 12     ┃│1 shortest path          ││on every path:           │
┃● 2 away: export 9      ┃│0 f12                    ││  f11                    │
┃● 3 away: export 0      ┃│1 f11                    ││calls on every path:     │
┃                        ┃│⇒ memory.grow            ││  none                   │
┃                        ┃│                         ││a smallest cut:          │
┃                        ┃│                         ││  f0 → f8                │
┃                        ┃│                         ││  f9 → f11               │
┃                        ┃│                         ││  f12 → f11              │
┃                        ┃│                         ││                         │
┗━━━━━━━━━━━━━━━━━━━━━━━━┛╰─────────────────────────╯╰─────────────────────────╯
╭─ f12 ────────────────────────────────────────────────────────────────────────╮
│1 byte of code; 1 call from the one that holds memory.grow                    │
│→ f11                                                                         │
│← f3                                                                          │
│← f10                                                                         │
│                                                                              │
│                                                                              │
╰──────────────────────────────────────────────────────────────────────────────╯
#calls-3
"""
PROVED = """\
✓ proved memory  3/3  some.mir
because
 ▼ Assumptions (1)

   · the host is kind (H3)
 ▶ The invariant (30)
 ▶ About this result















#proof
"""

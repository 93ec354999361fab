"""A step of a trace in a few words for each lane: what stands in the swim lanes, whatever draws them."""

from __future__ import annotations

from collections.abc import Iterator

from artifacts.explore.lanes import lane_of_actor
from artifacts.explore.leases import VIOLATION
from artifacts.explore.model import BlockLife, Entry, Lane, Life, ShownStep, TraceView
from artifacts.explore.pool_bar import broken_block
from artifacts.names import shortened
from artifacts.sentences import count
from proofs.pool_run import PoolRun
from proofs.pool_steps import CELL

_WIDTH = 60
_CALLS = 3
SIGNS = {
    Life.ABSENT: " ",
    Life.OWNED: "█",
    Life.LENT: "▒",
    Life.TOUCHED: "▓",
    Life.DEAD: "†",
    Life.VIOLATED: "✗",
}
"""How a block's life is drawn, without colour; docs/explore.md has the legend."""


CALLS = ("call", "returns", "blocks", "metadata")
"""What stands in place of lanes where a trace is one of calls to a pool's owner."""


def columns_of(view: TraceView) -> tuple[str, ...]:
    return tuple(lane.value for lane in Lane) if view.pool is None else CALLS


def cells_of(view: TraceView, step: ShownStep) -> tuple[tuple[str, ...], ...]:
    """For each of the columns what happens in it, then what it changes: lines that begin with `Δ`."""
    return lane_cells(view, step) if view.pool is None else call_cells(view.pool, view, step)


def call_cells(run: PoolRun, view: TraceView, step: ShownStep) -> tuple[tuple[str, ...], ...]:
    before, after = run.moments[step.number - 1], run.moments[step.number]
    broken = broken_block(after)
    made = [one for one in after.blocks if one.call == step.number]
    blocks = [f"{'✗ ' if one is broken else ''}{one.name}: {count(one.size, 'byte')}" for one in made]
    blocks += [f"{one.name} given up" for one in before.blocks if one not in after.blocks]
    returned = [] if after.returned is None else [f"→ {after.returned:#x}"]
    wrong = [f"✗ {entry.text}" for entry in step.entries if entry.kind == VIOLATION]
    changes = [
        f"Δ {view.words[one.word].name.removeprefix(CELL)}: {one.before} → {one.after}"
        for one in step.changes
        if view.words[one.word].name.startswith(CELL)
    ]
    return (step.action,), tuple(returned), (*blocks, *wrong), tuple(changes)


def lane_cells(view: TraceView, step: ShownStep) -> tuple[tuple[str, ...], ...]:
    """For each lane what happens in it, then what it changes: lines that begin with `Δ`."""
    cells: dict[Lane, list[str]] = {lane: [] for lane in Lane}
    cells[lane_of_actor(step.actor)].append(f"● {shortened(step.action, _WIDTH)}")
    for lane in Lane:
        cells[lane] += _happens([entry for entry in step.entries if entry.lane is lane])
    for change in step.changes:
        word = view.words[change.word]
        text = f"Δ {word.name}: {change.before} → {change.after}"
        cells[word.lane].append(shortened(text, _WIDTH))
    return tuple(tuple(cells[lane]) for lane in Lane)


def _happens(entries: list[Entry]) -> Iterator[str]:
    calls = [entry.text.rpartition("::")[2] for entry in entries if entry.kind == "call"]
    if calls:
        more = f" … {len(calls)} calls" if len(calls) > _CALLS else ""
        yield shortened(f"{' · '.join(calls[:_CALLS])}{more}", _WIDTH)
    for entry in entries:
        if entry.kind == VIOLATION:
            yield f"✗ {shortened(entry.text, _WIDTH)}"
        elif entry.kind != "call":
            yield shortened(f"{entry.text}{f' → {entry.code}' if entry.code else ''}", _WIDTH)


def life_line(block: BlockLife) -> str:
    """A block's life over the states, a sign for each."""
    return "".join(SIGNS[life] for life in block.lives)


def life_words(block: BlockLife, state: int) -> str:
    """What a block is in a state, in words."""
    by = f", reached by {', '.join(block.reached_by[state])}" if block.reached_by[state] else ""
    return f"{block.name}: {block.lives[state].value}{by}"


def state_of(view: TraceView, step: int) -> tuple[str, ...]:
    """The values of all words after a step; step 0 is the start."""
    values = list(view.start)
    for one in view.steps[:step]:
        for change in one.changes:
            values[change.word] = change.after
    return tuple(values)

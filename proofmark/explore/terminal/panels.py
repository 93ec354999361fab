"""What stands below the swim lanes: one step of a trace, seen in several ways, as plain lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from artifacts.explore.leases import VIOLATION, says_something
from artifacts.explore.listing import source_line
from artifacts.explore.model import Entry, Lane, ShownStep, TraceView
from artifacts.explore.pool_bar import cell_rows, moment_words, pool_words, told
from artifacts.explore.summaries import SIGNS, life_words, state_of


@dataclass(frozen=True, slots=True)
class At:
    """A place in a trace: after `step` steps, with an event of the last of them chosen."""

    view: TraceView
    step: int
    chosen: int | None

    @property
    def last(self) -> ShownStep | None:
        return self.view.steps[self.step - 1] if self.step else None

    @property
    def entry(self) -> Entry | None:
        return None if self.last is None or self.chosen is None else self.last.entries[self.chosen]


def default_entry(step: ShownStep) -> int | None:
    """What is broken, else the first that uses a rule of the host, else the first."""
    if not step.entries:
        return None
    numbers = range(len(step.entries))
    broken = (number for number in numbers if step.entries[number].kind == VIOLATION)
    ruled = (number for number in numbers if step.entries[number].rule)
    return next(broken, next(ruled, 0))


def events(at: At) -> Iterator[str]:
    if at.last is None:
        yield "  the initial state: nothing has happened"
        return
    for number, entry in enumerate(at.last.entries):
        mark = "▶" if number == at.chosen else " "
        sign = "✗ " if entry.kind == VIOLATION else ""
        code = f" → {entry.code}" if entry.code else ""
        yield f"{mark} {entry.lane.value:<12} {sign}{entry.kind}: {entry.text}{code}"
    if not at.last.entries:
        yield "  the step has no event: it only changes the state"


def rule(at: At) -> Iterator[str]:
    """The host's rule in its own words, and every step that uses it."""
    entry = at.entry
    if entry is None or not entry.rule:
        yield "  this event uses no rule of the host"
        return
    yield f"  {entry.rule}"
    yield f"  {entry.citation}"
    if entry.code:
        yield f"  the guest hears {entry.code}"
    steps = dict.fromkeys(step.number for step in at.view.steps for one in step.entries if one.rule == entry.rule)
    yield f"  used in step {', '.join(map(str, steps))}; host-rules/1, docs/host-model.md"


def program(at: At) -> Iterator[str]:
    """The line of Rust among its neighbours."""
    where = at.entry.where if at.entry else None
    place = source_line(where) if where else None
    if where is None or place is None:
        yield "  no body runs here"
        return
    yield f"  {where.function} bb{where.block}, {where.source}"
    excerpts = at.view.listing.rust.get(place[0], ())
    for one in excerpts:
        if one.first <= place[1] < one.first + len(one.lines):
            for number, line in enumerate(one.lines, one.first):
                yield f"{'▶' if number == place[1] else ' '} {number:>5} {line}"
            return
    yield from (f"  {reason}" for reason in at.view.listing.missing)


def blocks(at: At) -> Iterator[str]:
    """The block of MIR."""
    where = at.entry.where if at.entry else None
    lines = at.view.listing.mir.get(where.function, {}).get(where.block, ()) if where else ()
    yield from (f"  {line}" for line in lines)
    if not lines:
        yield "  no block of MIR is at hand for this event"


def changes(at: At) -> Iterator[str]:
    changed = at.last.changes if at.last else ()
    for lane in Lane:
        for change in changed:
            word = at.view.words[change.word]
            if word.lane is lane:
                yield f"  {lane.value:<12} {word.name}: {change.before} → {change.after}"
    if not changed:
        yield "  no word of the state changes"


_COLUMNS = 60


def memory(at: At) -> Iterator[str]:
    """A sign for each state, the present one marked below."""
    first = max(0, at.step - _COLUMNS // 2) if len(at.view.steps) >= _COLUMNS else 0
    for block in at.view.blocks:
        yield f"  {block.name}"
        yield f"    │{''.join(SIGNS[life] for life in block.lives[first : first + _COLUMNS])}│ from step {first}"
        yield f"     {' ' * (at.step - first)}▲ {life_words(block, at.step).removeprefix(f'{block.name}: ')}"
    if not at.view.blocks:
        yield "  the state has no block of memory"
        return
    yield f"  legend: {'; '.join(f'{sign} {life.value}' for life, sign in SIGNS.items() if sign.strip())}"


def state(at: At) -> Iterator[str]:
    values = state_of(at.view, at.step)
    if not values:
        yield "  the trace has no states"
    for word, value in zip(at.view.words, values, strict=True):
        means = says_something(word, values)
        yield f"  {word.name} = {value}" if means else f"  ({word.name} = {value} says nothing here)"


PANELS: tuple[tuple[str, Callable[[At], Iterator[str]]], ...] = (
    ("events", events),
    ("rule", rule),
    ("Rust", program),
    ("MIR", blocks),
    ("changes", changes),
    ("memory", memory),
    ("state", state),
)
"""By the digit that shows them, from 1."""


def pool_cells(at: At) -> Iterator[str]:
    """The metadata: `Δ` marks what the last call changed."""
    run = at.view.pool
    rows = cell_rows(run, at.step) if run is not None else ()
    name = max((len(one.name) for one in rows), default=0)
    place = max((len(one.address) for one in rows), default=0)
    for one in rows:
        value = f"{one.before} → {one.after}" if one.is_changed else one.after
        address = "" if one.address == one.name else one.address
        yield f"{'Δ' if one.is_changed else ' '} {one.name:<{name}}  {address:<{place}}  {value}"
    if not rows:
        yield "  no call leaves anything in memory for a later one"


def pool_blocks(at: At) -> Iterator[str]:
    run = at.view.pool
    if run is None:
        return
    moment = run.moments[at.step]
    yield f"  {pool_words(run)}"
    yield f"  {moment_words(run, moment)}"
    yield from (f"  {line}" for line in told(run, moment))
    yield "  legend: a letter is a block, · free, ! shared by blocks, + several blocks in"
    yield "  one column, ◀▶ reaches further, ✗ broken"


POOL_PANELS: tuple[tuple[str, Callable[[At], Iterator[str]]], ...] = (
    ("metadata", pool_cells),
    ("blocks", pool_blocks),
    ("events", events),
)
"""Of a trace of calls to a pool's owner."""

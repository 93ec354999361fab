"""A trace in the Informal Trace Format (ADR 15 of Apalache) as a view: ours with all that happened, any other's with
its states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from artifacts.explore.json_reading import Node
from artifacts.explore.lanes import lane_of_event, lane_of_word
from artifacts.explore.leases import block_lives
from artifacts.explore.model import Change, Entry, Heading, Listing, ShownStep, ShownWord, TraceView
from artifacts.explore.pool_reading import read_pool
from artifacts.explore.summaries import state_of
from artifacts.itf import ACTION
from artifacts.names import visible
from proofs.pool_steps import CELL
from proofs.runtime.trace import Made
from smt_models.runtime.outcomes import Where

TEXT = 600
"""Longest text of an entry, in characters."""
_IMPL = re.compile(r"<impl at [^>]*>::")
_BOOLEANS = {True: "true", False: "false"}
_LARGE = 1 << 16
_LONGEST = 100_000
"""Most states."""


def read_trace(document: Node, heading: Heading, listing: Listing) -> TraceView:
    """Raises InputError: no ITF, or not as the format says."""
    states = list(document.child("states").items())
    if not states or len(states) > _LONGEST:
        raise document.child("states").fail(f"1 to {_LONGEST} states")
    names = _names(document)
    rows = _rows(states, names)
    words = _words(names, rows)
    steps = tuple(_step(number, states[number], rows[number - 1], rows[number]) for number in range(1, len(states)))
    blocks = block_lives(words, rows, steps)
    pool = read_pool(document, len(states))
    return TraceView(heading, violated_at(document), words, rows[0], steps, blocks, listing, pool, _made(document))


def gone_on(recorded: TraceView, kept: int, further: TraceView, heading: Heading) -> TraceView:
    """The first steps of a run, and others after them; `further` begins in the state that those end in."""
    if not further.steps:
        further = replace(further, words=recorded.words, start=state_of(recorded, kept))
    names = [word.name for word in further.words]
    rows: list[tuple[str, ...]] = []
    for at in range(kept):
        values = {word.name: value for word, value in zip(recorded.words, state_of(recorded, at), strict=True)}
        rows.append(tuple(values.get(name, at_first) for name, at_first in zip(names, further.start, strict=True)))
    rows += [state_of(further, at) for at in range(len(further.steps) + 1)]
    steps = tuple(
        replace(step, number=number, changes=_changed(rows[number - 1], rows[number]))
        for number, step in enumerate((*recorded.steps[:kept], *further.steps), 1)
    )
    words = _words(names, rows)
    blocks = block_lives(words, rows, steps)
    return TraceView(heading, further.where, words, rows[0], steps, blocks, further.listing, made=recorded.made)


def violated_at(document: Node) -> Where | None:
    meta = document.child("#meta")
    return _where(meta.child("where")) if meta.has("where") else None


def _made(document: Node) -> Made | None:
    meta = document.child("#meta")
    if not isinstance(meta.value, Mapping) or not meta.has("model"):
        return None
    model = meta.child("model")
    return Made(_most(model, "turns"), _most(model, "steps"), model.child("counts_kept").boolean())


def _most(model: Node, key: str) -> int | None:
    if not model.has(key):
        return None
    if (most := model.child(key).number()) < 1:
        raise model.child(key).fail("a number above 0, or null")
    return most


def places(view: TraceView) -> tuple[Where, ...]:
    """Every place in the program that the trace speaks of, once."""
    found = dict.fromkeys(entry.where for step in view.steps for entry in step.entries if entry.where is not None)
    if view.where is not None:
        found[view.where] = None
    return tuple(found)


def _names(document: Node) -> list[str]:
    params = [one.text() for one in document.child("params").items()] if document.has("params") else []
    names = [*params, *(one.text() for one in document.child("vars").items())]
    return [name for name in dict.fromkeys(names) if name != ACTION]


def _rows(states: list[Node], names: list[str]) -> list[tuple[str, ...]]:
    """Every word of every state as text; constants stand in the first state only."""
    rows: list[tuple[str, ...]] = []
    for state in states:
        row = []
        for number, name in enumerate(names):
            value = state.child(name)
            if not isinstance(state.value, Mapping) or name not in state.value:
                if not rows:
                    raise value.fail("a value of every variable in the first state")
                row.append(rows[-1][number])
            else:
                row.append(_value(value))
        rows.append(tuple(row))
    return rows


def _value(node: Node) -> str:
    """A value of the format for people; collections as their JSON."""
    match node.value:
        case bool() as value:
            return _BOOLEANS[value]
        case int() as value:
            return _number(value)
        case str() as value:
            return visible(value)
        case {"#bigint": str(digits)}:
            return visible(digits)
        case _:
            return visible(str(node.value), TEXT)


def _number(value: int) -> str:
    """Codes have their meaning in their bits."""
    return str(value) if value < _LARGE else f"0x{value:08x}"


def _words(names: list[str], rows: list[tuple[str, ...]]) -> tuple[ShownWord, ...]:
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(ShownWord(visible(name), lane_of_word(name), tuple(_within(name, numbers, rows))) for name in names)


def _within(name: str, numbers: Mapping[str, int], rows: list[tuple[str, ...]]) -> list[tuple[int, str]]:
    """`lent.Some.0` says something only while `lent` is `Some`, `operation.op` only while `operation` is not gone
    (written as an empty value).
    """
    if name.startswith(CELL):
        return []
    parts = name.split(".")
    found = []
    for length in range(1, len(parts)):
        holder = numbers.get(".".join(parts[:length]))
        if holder is None:
            continue
        values = {row[holder] for row in rows}
        if parts[length][:1].isupper():
            found.append((holder, parts[length]))
        elif "gone" in values:
            found.append((holder, ""))
    return found


def _step(number: int, state: Node, before: tuple[str, ...], after: tuple[str, ...]) -> ShownStep:
    meta = state.child("#meta")
    actor = _text(meta, "actor")
    action = _text(state, ACTION) or f"step {number}"
    events = meta.child("events").items() if meta.has("events") else ()
    entries = tuple(_entry(event, actor) for event in events)
    return ShownStep(number, visible(actor), visible(action), entries, _changed(before, after))


def _changed(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Change, ...]:
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(Change(word, old, new) for word, (old, new) in pairs if old != new)


def _text(node: Node, key: str) -> str:
    return node.child(key).text() if node.has(key) else ""


def _entry(event: Node, actor: str) -> Entry:
    kind, text, where = event.child("kind").text(), event.child("text").text(), _where(event.child("where"))
    code = _number(event.child("code").number()) if event.has("code") else ""
    rule = text if kind == "host" else ""
    lane = lane_of_event(kind, text, actor, where is not None)
    shown = visible(_IMPL.sub("", text), TEXT)
    return Entry(lane, visible(kind), shown, visible(rule, TEXT), visible(_text(event, "citation")), code, where)


def _where(node: Node) -> Where | None:
    if node.value is None:
        return None
    function, source = node.child("function").text(), node.child("source").text()
    return Where(visible(function, TEXT), node.child("block").number(), visible(source, TEXT))

"""Crates as embedded code is written: each is proved in what it does, and refuted when one thing in it is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_proved, assert_refuted, verdicts_of_source

FOLDER = Path(__file__).parent / "natural_pools"
INDEX, RANGE, DISJOINT = "index-in-bounds", "range-in-bounds", "disjoint"
RIGHT: dict[str, dict[str, tuple[str, ...]]] = {
    "bitmap": {"MEMORY": (INDEX, RANGE, DISJOINT)},
    "log": {"LOG": (INDEX,)},
    "mailbox": {"MAILBOX": (RANGE,)},
    "queue": {"BYTES": (INDEX,), "EVENTS": (INDEX,)},
    "registers": {"DESC": (INDEX, RANGE), "STATES": (INDEX,)},
    "slab": {"SLAB": (INDEX,)},
    "uart": {"RX": (INDEX,), "TX": (INDEX, RANGE)},
    "view": {"A": (RANGE,)},
}
BROKEN = (
    ("bitmap", "used | 1 << index", "used", "MEMORY", DISJOINT),
    ("log", "= (log.write + text.len()) % SIZE", "= (log.write + text.len()) % (SIZE + 1)", "LOG", INDEX),
    ("mailbox", "message.len() > N", "message.len() > N + 1", "MAILBOX", RANGE),
    ("mailbox", "get() = message.len()", "get() = message.len() + 1", "MAILBOX", RANGE),
    ("queue", "at + 1 == N { 0 }", "at == N { 0 }", "BYTES", INDEX),
    ("slab", "if index as usize >= N", "if index as usize > N + 1", "SLAB", INDEX),
    ("uart", "[head & MASK].store", "[head & SIZE].store", "RX", INDEX),
    ("uart", "tail + 1 == 6", "tail == 6", "TX", RANGE),
    ("view", "u8, 6)", "u8, 7)", "A", RANGE),
    ("view", "i < 4", "i <= 4", "A", RANGE),
)


def _source(name: str) -> str:
    return (FOLDER / f"{name}.rs").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_proved(name: str, tmp_path: Path) -> None:
    found = verdicts_of_source(_source(name), tmp_path)
    for pool, kinds in RIGHT[name].items():
        assert_proved(found, pool, kinds)


@pytest.mark.parametrize(("name", "right", "broken", "pool", "kind"), BROKEN)
def test_its_twin_is_refuted(name: str, right: str, broken: str, pool: str, kind: str, tmp_path: Path) -> None:
    source = _source(name)
    assert source.count(right) == 1
    found = verdicts_of_source(source.replace(right, broken), tmp_path)
    assert_refuted(found[pool, kind].verdict)

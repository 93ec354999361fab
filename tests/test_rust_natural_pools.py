"""Crates as embedded code is written: each is proved in what it does, and refuted when one thing in it is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_index_refuted_by_a_run, assert_proved, assert_refuted, verdicts_of_source

FOLDER = Path(__file__).parent / "natural_pools"
INDEX, RANGE, DISJOINT = "index-in-bounds", "range-in-bounds", "disjoint"
RIGHT: dict[str, dict[str, tuple[str, ...]]] = {
    "arenas": {"ARENAS": (RANGE, DISJOINT)},
    "bitmap": {"MEMORY": (INDEX, RANGE, DISJOINT)},
    "bump": {"ARENA": (RANGE, DISJOINT)},
    "channels": {"COUNTS": (INDEX,)},
    "checksum": {"TABLE": (INDEX,)},
    "commands": {"LINE": (INDEX,), "REGISTERS": (INDEX,)},
    "cursor": {"PIXELS": (INDEX,), "RING": (INDEX,)},
    "deadlines": {"HEAP": (INDEX,)},
    "events": {"LOG": (INDEX, RANGE)},
    "frames": {"FRAME": (INDEX,)},
    "generations": {"TABLE": (INDEX,)},
    "handed": {"FIRST": (RANGE, DISJOINT), "OTHER": (RANGE, DISJOINT)},
    "histogram": {"COUNTS": (INDEX,)},
    "intake": {"RING": (INDEX,)},
    "interned": {"TABLE": (INDEX,)},
    "letters": {"COUNTS": (INDEX,), "ENDS": (INDEX,), "TEXT": (INDEX,)},
    "log": {"LOG": (INDEX,)},
    "mailbox": {"MAILBOX": (RANGE,)},
    "metrics": {"COUNTS": (INDEX,), "LATENCY": (INDEX,)},
    "names": {"NAMES": (INDEX,)},
    "packets": {"QUEUE": (INDEX,)},
    "pieces": {"RING": (RANGE,)},
    "queue": {"BYTES": (INDEX,), "EVENTS": (INDEX,)},
    "refcell": {"SAMPLES": (INDEX,)},
    "registers": {"DESC": (INDEX, RANGE), "STATES": (INDEX,)},
    "samples": {"PEAKS": (INDEX,), "ROWS": (INDEX,), "SAMPLES": (INDEX,)},
    "sectors": {"CACHE": (INDEX,)},
    "sender": {"RX": (RANGE,), "TX": (RANGE,)},
    "sizes": {"POOLS": (INDEX, RANGE)},
    "slab": {"SLAB": (INDEX,)},
    "slip": {"FRAME": (INDEX,)},
    "spare": {"MEMORY": (INDEX, RANGE, DISJOINT)},
    "timers": {"STATE": (INDEX,)},
    "uart": {"RX": (INDEX,), "TX": (INDEX, RANGE)},
    "view": {"A": (RANGE,)},
    "wheel": {"WHEEL": (INDEX,)},
}
BROKEN = (
    ("arenas", "256 - *used", "257 - *used", "ARENAS", RANGE),
    ("arenas", "*used += size;\n        Some((ARENAS.large", "Some((ARENAS.large", "ARENAS", DISJOINT),
    ("bitmap", "used | 1 << index", "used", "MEMORY", DISJOINT),
    ("bump", "(used, used + size,", "(used, used,", "ARENA", DISJOINT),
    ("channels", "u32; 16] = [0; 16]", "u32; 15] = [0; 15]", "COUNTS", INDEX),
    ("commands", "at < 8", "at <= 8", "REGISTERS", INDEX),
    ("commands", "line.len() <= 4", "line.len() <= 5", "LINE", INDEX),
    ("cursor", "at == SIZE {\n            at", "at > SIZE {\n            at", "RING", INDEX),
    ("cursor", "row == 2", "row == 3", "PIXELS", INDEX),
    ("cursor", "column < 4", "column < 5", "PIXELS", INDEX),
    ("deadlines", "heap.len == 0", "heap.len > CAPACITY", "HEAP", INDEX),
    ("events", "i.head + 1 == CAPACITY", "i.head == CAPACITY", "LOG", RANGE),
    ("events", "(i.head + i.len) %", "(i.head + i.len) & !0 |", "LOG", INDEX),
    ("frames", "LEN + 4 > SIZE", "LEN + 4 > SIZE + 1", "FRAME", INDEX),
    ("frames", "SIZE - LEN < 2", "SIZE - LEN < 1", "FRAME", INDEX),
    ("frames", "n <= LEN", "n <= SIZE", "FRAME", INDEX),
    ("frames", "n..LEN, 0", "n..LEN, 1", "FRAME", INDEX),
    ("frames", ".min(SIZE)", ".min(SIZE + 1)", "FRAME", INDEX),
    ("generations", "as usize) < N", "as usize) <= N", "TABLE", INDEX),
    ("handed", "i >= 4", "i > 4", "FIRST", RANGE),
    ("handed", "NEXT = i + 1", "NEXT = i", "FIRST", DISJOINT),
    ("handed", "i == 4", "i == 5", "OTHER", RANGE),
    ("histogram", "*value >> 5", "*value >> 4", "COUNTS", INDEX),
    ("histogram", "at < BINS", "at <= BINS", "COUNTS", INDEX),
    ("histogram", "BINS: usize = 8", "BINS: usize = 7", "COUNTS", INDEX),
    ("intake", "(at + 1) % SIZE", "(at + 1) % (SIZE + 1)", "RING", INDEX),
    ("intake", "(at + 1) % SIZE", "at + 1", "RING", INDEX),
    ("interned", "self.used as usize {", "self.used as usize + 1 {", "TABLE", INDEX),
    ("interned", "= (start, end);", "= (end, start);", "TABLE", INDEX),
    ("letters", "c >= b'a'", "c >= b'Z'", "COUNTS", INDEX),
    ("letters", "at = 16", "at = 17", "ENDS", INDEX),
    ("log", "let room = SIZE - log.write", "let room = SIZE - log.write + 1", "LOG", INDEX),
    ("mailbox", "message.len() > N", "message.len() > N + 1", "MAILBOX", RANGE),
    ("mailbox", "get() = message.len()", "get() = message.len() + 1", "MAILBOX", RANGE),
    ("metrics", "BUCKETS - 1)].fetch", "BUCKETS)].fetch", "LATENCY", INDEX),
    ("metrics", "as usize + 1;", "as usize;", "COUNTS", INDEX),
    ("names", "at < names.count &&", "at <= N &&", "NAMES", INDEX),
    ("pieces", "n.min(N - tail)", "n.min(N - tail + 1)", "RING", RANGE),
    ("pieces", "src.len().min(N - RING.len.get())", "src.len()", "RING", RANGE),
    ("queue", "get_unchecked_mut(at)", "get_unchecked_mut(at + 1)", "BYTES", INDEX),
    ("refcell", "*len == N", "*len > N", "SAMPLES", INDEX),
    ("refcell", "replace(0)", "replace(N + 1)", "SAMPLES", INDEX),
    ("samples", "windows(3)", "windows(2)", "SAMPLES", INDEX),
    ("samples", "chunks(4)", "chunks(3)", "SAMPLES", INDEX),
    ("samples", "chunks_exact(4)", "chunks_exact(3)", "ROWS", INDEX),
    ("sectors", "offset >= SECTOR", "offset > SECTOR", "CACHE", INDEX),
    ("sectors", "oldest = way;", "oldest = way + 1;", "CACHE", INDEX),
    ("sizes", "[1, 2, 3, NIL]", "[1, 2, 4, NIL]", "POOLS", INDEX),
    ("sizes", "[1, NIL]", "[2, NIL]", "POOLS", INDEX),
    ("sender", "tail == N - 1", "tail == N", "RX", RANGE),
    ("sender", "{ tail } else { N }", "{ tail } else { N + 1 }", "RX", RANGE),
    ("slab", "NonZeroU8::new(self.0 + 1)", "NonZeroU8::new(self.0 + 2)", "SLAB", INDEX),
    ("slip", "f.len >= N", "f.len > N", "FRAME", INDEX),
    ("spare", "MEMORY[from..", "MEMORY[from - 1..", "MEMORY", DISJOINT),
    ("timers", "timer >= TIMERS", "timer > TIMERS", "STATE", INDEX),
    ("timers", "id: free as u8", "id: free as u8 + 1", "STATE", INDEX),
    ("uart", "[head & MASK].store", "[head & SIZE].store", "RX", INDEX),
    ("uart", "(head + 1) % 6", "(head + 1) % 7", "TX", INDEX),
    ("view", "u8, 6)", "u8, 7)", "A", RANGE),
    ("view", "i < 4", "i <= 4", "A", RANGE),
    ("wheel", "% SLOTS as u8", "% (SLOTS + 1) as u8", "WHEEL", INDEX),
    ("wheel", "now as usize] = waiting", "now as usize] = waiting + 1", "WHEEL", INDEX),
)


def _source(name: str) -> str:
    return (FOLDER / f"{name}.rs").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_proved(name: str, tmp_path: Path) -> None:
    wanted = RIGHT[name]
    found = verdicts_of_source(_source(name), tmp_path, tuple(wanted), {kind for of in wanted.values() for kind in of})
    for pool, kinds in wanted.items():
        assert_proved(found, pool, kinds)


@pytest.mark.parametrize(("name", "right", "broken", "pool", "kind"), BROKEN)
def test_its_twin_is_refuted(name: str, right: str, broken: str, pool: str, kind: str, tmp_path: Path) -> None:
    source = _source(name)
    assert source.count(right) == 1
    found = verdicts_of_source(source.replace(right, broken), tmp_path, (pool,), (kind,))
    assert_refuted(found[pool, kind].verdict)


@pytest.mark.parametrize(
    ("name", "right", "broken"),
    [
        ("interned", "self.used = end;", "self.used = end + 1;"),
        ("interned", "self.used as usize {", "self.used as usize + 1 {"),
        ("interned", "== NAMES", "> NAMES"),
        ("packets", "bytes.len() as u8", "BYTES as u8 + 1"),
        ("packets", "at < packet.len", "at <= packet.len"),
        ("packets", "iter().position(Option::is_some)?", "iter().flatten().count()"),
    ],
)
def test_slices_that_callers_pass_are_in_the_run(name: str, right: str, broken: str, tmp_path: Path) -> None:
    """Names that are interned are told apart by what they are: the run passes another one in each call."""
    source = _source(name)
    assert source.count(right) == 1
    assert_index_refuted_by_a_run(source.replace(right, broken), tmp_path)

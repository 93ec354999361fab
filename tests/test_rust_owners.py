"""Owners of blocks of a static pool: what callers hold is followed, each way to break that is refuted or not proved."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import FOLDER, verdicts_of_source

from proofs.static_pools import judge
from proofs.static_pools.judge import Judged
from proofs.verdicts import Proved, Refuted, Unknown, Violation

RIGHT = (FOLDER / "right" / "src" / "owned_blocks.rs").read_text(encoding="utf-8")
BLOCK = "pub struct Block {\n    place: usize,\n}\n"
HOLDER = "pub struct Holder { pub block: Block }\n"
SET_FREE = "impl Drop for Block {\n    fn drop(&mut self) {\n        POOL.taken[self.place].set(false);\n    }\n}\n"


def _of(changes: dict[str, str], folder: Path) -> dict[str, Judged]:
    source = RIGHT
    for old, new in changes.items():
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return {kind: one for (pool, kind), one in verdicts_of_source(source, folder).items() if pool == "POOL"}


HARMLESS = {
    "given back by a call": {BLOCK: BLOCK + "impl Block {\n    pub fn give_back(self) {}\n}\n"},
    "given back where it may be none": {BLOCK: BLOCK + "pub fn give_back(_: Option<Block>) {}\n"},
    "passed through": {BLOCK: BLOCK + "impl Block {\n    pub fn same(self) -> Self { self }\n}\n"},
    "a number of one byte": {
        "    place: usize,": "    place: u8,",
        "Some(Block { place })": "Some(Block { place: place as u8 })",
        "(*POOL.memory.get())[self.place]": "(*POOL.memory.get())[self.place as usize]",
        "self.place * BYTES": "self.place as usize * BYTES",
        "POOL.taken[self.place].set(false)": "POOL.taken[self.place as usize].set(false)",
    },
    "found by an iterator": {
        "        let mut place = 0;\n        while place < BLOCKS {\n": (
            "        for (place, taken) in POOL.taken.iter().enumerate() {\n"
        ),
        "            if !POOL.taken[place].replace(true) {": "            if !taken.replace(true) {",
        "            place += 1;\n": "",
    },
    "a tuple struct": {
        BLOCK: "pub struct Block(usize);\n",
        "Some(Block { place })": "Some(Block(place))",
        "(*POOL.memory.get())[self.place]": "(*POOL.memory.get())[self.0]",
        "self.place * BYTES": "self.0 * BYTES",
        "POOL.taken[self.place].set(false)": "POOL.taken[self.0].set(false)",
    },
    "lent in an option": {
        "pub fn bytes(&mut self) -> &mut [u8]": "pub fn bytes<'a>(&'a mut self) -> Option<&'a mut [u8]>",
        "unsafe { &mut (*POOL.memory.get())[self.place] }": "Some(unsafe { &mut (*POOL.memory.get())[self.place] })",
    },
    "bits of a word": {
        "    taken: [Cell<bool>; BLOCKS],": "    taken: Cell<u32>,",
        "    taken: [const { Cell::new(false) }; BLOCKS],": "    taken: Cell::new(0),",
        "            if !POOL.taken[place].replace(true) {": (
            "            let taken = POOL.taken.get();\n            if taken & (1 << place) == 0 {\n"
            "                POOL.taken.set(taken | (1 << place));"
        ),
        "        POOL.taken[self.place].set(false);": "        POOL.taken.set(POOL.taken.get() & !(1 << self.place));",
    },
}


@pytest.mark.parametrize("change", HARMLESS)
def test_it_stays_proved(change: str, tmp_path: Path) -> None:
    found = _of(HARMLESS[change], tmp_path)
    proved = {kind for kind, one in found.items() if isinstance(one.verdict, Proved)}
    assert proved == {"index-in-bounds", "range-in-bounds", "disjoint"}, found


BROKEN = {
    "free while it is lent": (
        {"        unsafe { &mut (*": "        POOL.taken[self.place].set(false);\n        unsafe { &mut (*"},
        {"disjoint": 4},
    ),
    "the neighbour is freed": (
        {"POOL.taken[self.place].set(false)": "POOL.taken[(self.place + 1) % BLOCKS].set(false)"},
        {"disjoint": 6},
    ),
    "twice as long as it is": (
        {"        BYTES\n": "        BYTES * 2\n"},
        {"range-in-bounds": 5, "disjoint": 4},
    ),
    "one further": ({"self.place * BYTES": "(self.place + 1) * BYTES"}, {"range-in-bounds": 5, "disjoint": 4}),
    "one block too many": ({"while place < BLOCKS {": "while place <= BLOCKS {"}, {"index-in-bounds": 5}),
    "copied": (
        {BLOCK: BLOCK + "impl Clone for Block {\n    fn clone(&self) -> Self { Block { place: self.place } }\n}\n"},
        {"disjoint": 4},
    ),
    "lent twice at once": (
        {"pub fn bytes(&mut self) -> &mut [u8]": "pub fn bytes(&self) -> &mut [u8]"},
        {"disjoint": 3},
    ),
    "lent for ever": (
        {"pub fn bytes(&mut self) -> &mut [u8]": "pub fn bytes(&mut self) -> &'static mut [u8]"},
        {"disjoint": 3},
    ),
    "made of a number": (
        {BLOCK: BLOCK + "pub fn of(place: usize) -> Block { Block { place: place % BLOCKS } }\n"},
        {"disjoint": 4},
    ),
    "one in a static": ({BLOCK: BLOCK + "pub static FIRST: Block = Block { place: 0 };\n"}, {"disjoint": 2}),
}
"""What is refuted, and after how many calls."""


@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_twin_is_refuted(change: str, tmp_path: Path) -> None:
    changes, wanted = BROKEN[change]
    found = _of(changes, tmp_path)
    refuted = {kind: one.verdict for kind, one in found.items() if isinstance(one.verdict, Refuted)}
    assert refuted.keys() == wanted.keys(), found
    for kind, verdict in refuted.items():
        assert isinstance(verdict.trace, Violation)
        assert len(verdict.trace.trace.steps) == wanted[kind]


NOT_KNOWN = {
    "a public number": {"    place: usize,": "    pub place: usize,"},
    "a copy at will": {
        BLOCK: "#[derive(Clone, Copy)]\n" + BLOCK,
        SET_FREE: "pub fn give_back(block: Block) { POOL.taken[block.place].set(false); }\n",
    },
    "changed elsewhere": {BLOCK: BLOCK + "pub fn next(block: &mut Block) { block.place = (block.place + 1) % 4; }\n"},
    "changed in what holds it": {
        BLOCK: BLOCK + "pub struct Two(pub Block, pub u8);\npub fn turn(two: &mut Two) { two.0.place = 0; }\n"
    },
    "its number given away": {
        BLOCK: BLOCK + "impl Block {\n    pub fn number(&mut self) -> &mut usize { &mut self.place }\n}\n"
    },
    "two changed for each other": {
        BLOCK: BLOCK + "pub fn swap(one: &mut Block, other: &mut Block) {\n"
        "    core::mem::swap(&mut one.place, &mut other.place);\n}\n"
    },
    "a constant": {BLOCK: BLOCK + "pub const FIRST: Block = Block { place: 0 };\n"},
    "on the heap": {
        "use core::cell": "extern crate std;\nuse core::cell",
        BLOCK: BLOCK + "pub fn kept() -> std::boxed::Box<Option<Block>> { std::boxed::Box::new(Block::take()) }\n",
    },
    "dropped by the library": {
        BLOCK: BLOCK + "pub fn either(one: Block) -> Block { Block::take().unwrap_or(one) }\n",
    },
    "in an array of the caller": {
        BLOCK: BLOCK + "pub fn fill(out: &mut [Option<Block>]) { out[0] = Block::take(); }\n",
    },
    "changed in a slice of the caller": {
        BLOCK: BLOCK + "pub fn turn(list: &mut [Block]) { list[0].place = 0; }\n",
    },
    "a constant that holds one": {
        BLOCK: BLOCK + HOLDER + "pub const FIRST: Holder = Holder { block: Block { place: 0 } };\n",
    },
    "a constant of a trait that holds one": {
        BLOCK: BLOCK + HOLDER + "pub trait Has { const H: Holder; }\n"
        "const fn held() -> Holder { Holder { block: Block { place: 2 } } }\n"
        "impl Has for u8 { const H: Holder = held(); }\n",
    },
    "a static that holds one": {
        BLOCK: BLOCK + HOLDER + "pub static FIRST: Holder = Holder { block: Block { place: 0 } };\n",
    },
    "freed by a closure on the heap": {
        "use core::cell": "extern crate std;\nuse core::cell",
        BLOCK: BLOCK + "pub fn freer() -> std::boxed::Box<impl Fn()> {\n"
        "    std::boxed::Box::new(|| POOL.taken[0].set(false))\n}\n",
    },
    "many at once": {
        BLOCK: BLOCK + f"pub fn many() -> [Block; 100] {{ [{'Block { place: 0 }, ' * 100}] }}\n",
    },
    "written over": {
        BLOCK: BLOCK + "pub fn grab() -> Option<&'static mut [u8]> {\n    let block = Block::take()?;\n"
        "    let place = block.place;\n    let cell = Cell::new(Some(block));\n    cell.set(None);\n"
        "    core::mem::forget(cell);\n    Some(unsafe { &mut (*POOL.memory.get())[place] })\n}\n",
    },
    "two at once": {
        BLOCK: BLOCK + "impl Block {\n    pub fn two() -> Option<(Self, Self)> {\n"
        "        Some((Self::take()?, Self::take()?))\n    }\n}\n"
    },
}


@pytest.mark.parametrize("change", NOT_KNOWN)
def test_what_is_not_followed_is_not_proved(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SEARCH_SECONDS", 0.1)  # whether it is proved is asked in full
    verdict = _of(NOT_KNOWN[change], tmp_path)["disjoint"].verdict
    assert isinstance(verdict, Unknown), verdict
    assert verdict.reason.startswith("not modelled: "), verdict

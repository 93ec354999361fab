"""Pools that are gone over by iterators with closures, and behind a lock that runs a closure."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_proved, assert_refuted, verdicts_of_source

from proofs.verdicts import Unknown

BLOCKS = (
    "static mut USED: [bool; 3] = [false; 3];\nstatic mut BLOCKS: [[u8; 256]; 3] = [[0; 256]; 3];\n"
    "pub fn take() -> Option<&'static mut [u8; 256]> {\n    unsafe {\n"
    "        let at = USED.iter().position(|&used| !used)?;\n        USED[at] = true;\n"
    "        Some(&mut BLOCKS[at])\n    }\n}\n"
)
PAIRS = (
    "static mut USED: [bool; 3] = [false; 3];\nstatic mut BLOCKS: [[u8; 256]; 3] = [[0; 256]; 3];\n"
    "pub fn take() -> Option<*mut u8> {\n    unsafe {\n"
    "        let (at, used) = USED.iter_mut().enumerate().find(|(_, used)| !**used)?;\n"
    "        *used = true;\n        Some(BLOCKS[at].as_mut_ptr())\n    }\n}\n"
)
FLAGS = (
    "use core::sync::atomic::{AtomicBool, Ordering::*};\nstruct Pool { used: [AtomicBool; 4] }\n"
    "static POOL: Pool = Pool { used: [const { AtomicBool::new(false) }; 4] };\n"
    "static mut BLOCKS: [[u8; 32]; 4] = [[0; 32]; 4];\n"
    "pub fn take() -> Option<*mut u8> {\n"
    "    let at = POOL.used.iter().position(|u| u.compare_exchange(false, true, AcqRel, Relaxed).is_ok())?;\n"
    "    Some(unsafe { BLOCKS[at].as_mut_ptr() })\n}\n"
    "pub fn in_use() -> usize { POOL.used.iter().filter(|u| u.load(Relaxed)).count() }\n"
)
TABLE = (
    "#[derive(Clone, Copy)]\nstruct Entry { id: u32, value: u32, used: bool }\n"
    "static mut TABLE: [Entry; 2] = [Entry { id: 0, value: 0, used: false }; 2];\n"
    "pub fn set(id: u32, value: u32) -> bool {\n    let table = unsafe { &mut TABLE };\n"
    "    if let Some(one) = table.iter_mut().find(|one| one.used && one.id == id) { one.value = value; return true; }\n"
    "    if let Some(one) = table.iter_mut().find(|one| !one.used) { *one = Entry { id, value, used: true }; }\n"
    "    table.iter().any(|one| one.id == id)\n}\n"
    "pub fn is_full() -> bool { unsafe { TABLE.iter().all(|one| one.used) } }\n"
    "pub fn total() -> u32 { unsafe { TABLE.iter().map(|one| one.value).sum() } }\n"
    "pub fn nth(n: usize) -> u32 {\n    unsafe {\n        let count = TABLE.iter().filter(|one| one.used).count();\n"
    "        if n < count { TABLE[n].value } else { 0 }\n    }\n}\n"
)
READINGS = (
    "static mut READINGS: [u16; 3] = [0; 3];\nstatic mut COUNT: usize = 0;\n"
    "pub fn record(value: u16) {\n"
    "    unsafe { if COUNT < 3 { READINGS[COUNT] = value; COUNT += 1; } }\n}\n"
    "pub fn largest() -> Option<u16> { unsafe { READINGS[..COUNT].iter().copied().max() } }\n"
    "pub fn clear(most: usize) { unsafe { READINGS.iter_mut().skip(1).rev().take(most).for_each(|one| *one = 0); } }\n"
    "pub fn after(n: usize) -> u16 {\n    unsafe {\n"
    "        let mut rest = READINGS.iter();\n        rest.next();\n"
    "        let at = rest.enumerate().fold(0, |last, (at, one)| if *one != 0 { at } else { last });\n"
    "        if n == 0 { READINGS[at + 1] } else { 0 }\n    }\n}\n"
)
LOCK = (
    "use core::cell::UnsafeCell;\nuse core::sync::atomic::{AtomicBool, Ordering};\n"
    "#[derive(Clone, Copy)]\nstruct Slot { used: bool, len: u8, data: [u8; 2] }\n"
    "struct Lock<T> { is_held: AtomicBool, inner: UnsafeCell<T> }\nunsafe impl<T> Sync for Lock<T> {}\n"
    "impl<T> Lock<T> {\n    fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> R {\n"
    "        while self.is_held.swap(true, Ordering::Acquire) {}\n"
    "        let result = run(unsafe { &mut *self.inner.get() });\n"
    "        self.is_held.store(false, Ordering::Release);\n        result\n    }\n}\n"
    "static POOL: Lock<[Slot; 2]> = Lock {\n    is_held: AtomicBool::new(false),\n"
    "    inner: UnsafeCell::new([Slot { used: false, len: 0, data: [0; 2] }; 2]),\n};\n"
    "pub fn open() -> Option<usize> {\n    POOL.with(|slots| {\n"
    "        let at = slots.iter().position(|slot| !slot.used)?;\n"
    "        slots[at].used = true;\n        slots[at].len = 0;\n        Some(at)\n    })\n}\n"
    "pub fn put(handle: usize, byte: u8) -> bool {\n    POOL.with(|slots| {\n"
    "        let Some(slot) = slots.get_mut(handle) else { return false };\n"
    "        if !slot.used || slot.len as usize >= 2 { return false; }\n"
    "        slot.data[slot.len as usize] = byte;\n        slot.len += 1;\n        true\n    })\n}\n"
)
RIGHT = {
    "the first that is free": (BLOCKS, "BLOCKS", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "the first with its number": (PAIRS, "BLOCKS", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "the first that can be taken": (FLAGS, "BLOCKS", ("index-in-bounds", "range-in-bounds", "disjoint")),
    "a table that is searched": (TABLE, "TABLE", ("index-in-bounds",)),
    "readings": (READINGS, "READINGS", ("index-in-bounds",)),
    "a lock that runs a closure": (LOCK, "POOL", ("index-in-bounds",)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_proved(name: str, tmp_path: Path) -> None:
    source, pool, kinds = RIGHT[name]
    assert_proved(verdicts_of_source(source, tmp_path, (pool,), kinds), pool, kinds)


BROKEN = {
    "the first that is used": (BLOCKS, "BLOCKS", "!used)", "used || !used)", "disjoint"),
    "not marked": (BLOCKS, "BLOCKS", "USED[at] = true", "USED[at] = false", "disjoint"),
    "a longer row of marks": (BLOCKS, "BLOCKS", "[bool; 3] = [false; 3]", "[bool; 4] = [false; 4]", "index-in-bounds"),
    "not marked where it was found": (PAIRS, "BLOCKS", "*used = true", "*used = false", "disjoint"),
    "one block less": (PAIRS, "BLOCKS", "[[u8; 256]; 3] = [[0; 256]; 3]", "[[u8; 256]; 2] = [[0; 256]; 2]",
                       "index-in-bounds"),
    "taken and not marked": (FLAGS, "BLOCKS", "(false, true,", "(false, false,", "disjoint"),
    "as many as there are": (TABLE, "TABLE", "n < count", "n <= count", "index-in-bounds"),
    "one reading more": (READINGS, "READINGS", "COUNT < 3", "COUNT <= 3", "index-in-bounds"),
    "one further": (READINGS, "READINGS", "[at + 1]", "[at + 2]", "index-in-bounds"),
    "as long as the data": (LOCK, "POOL", "slot.len as usize >= 2", "slot.len as usize > 2", "index-in-bounds"),
}  # fmt: skip


@pytest.mark.parametrize("change", BROKEN)
def test_its_twin_is_refuted(change: str, tmp_path: Path) -> None:
    source, pool, old, new, kind = BROKEN[change]
    assert old in source
    assert_refuted(verdicts_of_source(source.replace(old, new), tmp_path, (pool,), (kind,))[pool, kind].verdict)


NOT_FOLLOWED = {
    "elements by two": (".iter().step_by(2)", "Iterator>::step_by in sum"),
    "from the end, with numbers": (".iter().enumerate().rev()", "Enumerate from its end in sum"),
    "signed numbers": (".iter().zip(-1..7)", "a range in a zip in sum"),
}


@pytest.mark.parametrize("name", NOT_FOLLOWED)
def test_what_is_not_followed_is_named(name: str, tmp_path: Path) -> None:
    way, reason = NOT_FOLLOWED[name]
    source = (
        "static mut CELLS: [u32; 8] = [0; 8];\npub fn put(at: usize) { unsafe { CELLS[at & 7] = 1; } }\n"
        f"pub fn sum() -> usize {{ unsafe {{ CELLS{way}.count() }} }}\n"
    )
    verdict = verdicts_of_source(source, tmp_path)["CELLS", "index-in-bounds"].verdict
    assert isinstance(verdict, Unknown)
    assert reason in verdict.reason

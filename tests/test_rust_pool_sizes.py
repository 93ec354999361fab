"""What a join knows of the size of a crate's arrays: by what their types are, whatever these are called."""

from __future__ import annotations

from pathlib import Path

from rust_pools import subject_of_source

from smt_models.static_pools.arrays import StaticArray, arrays_of

OWN = (
    "#[derive(Clone, Copy)] pub struct Wide<T> { it: T }\n"
    "type Cell<T> = [Wide<T>; 256];\n"
    "struct Pool { cells: Cell<[u8; 4]>, next: usize }\n"
    "static mut POOL: Pool = Pool { cells: [Wide { it: [0; 4] }; 256], next: 0 };\n"
    "pub fn put(at: usize, byte: u8) { unsafe { if at < 256 { POOL.cells[at].it[0] = byte; POOL.next = at; } } }\n"
)
LIBRARY = (
    "use std::cell::{Cell as One, UnsafeCell};\ntype Bytes = UnsafeCell<[u8; 256]>;\n"
    "pub struct Pool { bytes: Bytes, next: One<usize> }\nunsafe impl Sync for Pool {}\n"
    "static POOL: Pool = Pool { bytes: UnsafeCell::new([0; 256]), next: One::new(0) };\n"
    "pub fn put(at: usize, byte: u8) { if at < 256 { unsafe { (*POOL.bytes.get())[at] = byte; } "
    "POOL.next.set(at); } }\n"
)


def _array(source: str, folder: Path) -> StaticArray:
    (one,) = arrays_of(subject_of_source(source, folder), ("POOL",))
    return one


def test_a_type_of_the_crate_is_no_cell_of_the_library(tmp_path: Path) -> None:
    one = _array(OWN, tmp_path)
    assert (one.name, one.count, one.size) == ("POOL.cells", 256, None)


def test_a_cell_of_the_library_is_one_under_any_name(tmp_path: Path) -> None:
    one = _array(LIBRARY, tmp_path)
    assert (one.name, one.count, one.size) == ("POOL.bytes", 256, 256)

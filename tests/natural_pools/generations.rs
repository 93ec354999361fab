#![no_std]
//! A table whose free entries are a list, and handles with generations.
use core::cell::{Cell, UnsafeCell};
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    index: u16,
    generation: u16,
}
struct Entry {
    generation: Cell<u16>,
    value: Cell<u32>,
    next: Cell<u16>,
    used: Cell<bool>,
}
const N: usize = 4;
const NONE: u16 = u16::MAX;
pub struct Table {
    entries: [Entry; N],
    free: Cell<u16>,
    fresh: Cell<u16>,
}
unsafe impl Sync for Table {}
#[allow(clippy::declare_interior_mutable_const)]
const EMPTY: Entry = Entry {
    generation: Cell::new(0),
    value: Cell::new(0),
    next: Cell::new(NONE),
    used: Cell::new(false),
};
static TABLE: Table = Table {
    entries: [EMPTY; N],
    free: Cell::new(NONE),
    fresh: Cell::new(0),
};
pub fn insert(v: u32) -> Option<Handle> {
    let i = if TABLE.free.get() != NONE {
        let i = TABLE.free.get();
        TABLE.free.set(
            unsafe { TABLE.entries.get_unchecked(i as usize) }
                .next
                .get(),
        );
        i
    } else if (TABLE.fresh.get() as usize) < N {
        let i = TABLE.fresh.get();
        TABLE.fresh.set(i + 1);
        i
    } else {
        return None;
    };
    let e = unsafe { TABLE.entries.get_unchecked(i as usize) };
    e.value.set(v);
    e.used.set(true);
    Some(Handle {
        index: i,
        generation: e.generation.get(),
    })
}
pub fn get(h: Handle) -> Option<u32> {
    let e = TABLE.entries.get(h.index as usize)?;
    (e.used.get() && e.generation.get() == h.generation).then(|| e.value.get())
}
pub fn remove(h: Handle) -> Option<u32> {
    let e = TABLE.entries.get(h.index as usize)?;
    if !e.used.get() || e.generation.get() != h.generation {
        return None;
    }
    e.used.set(false);
    e.generation.set(e.generation.get().wrapping_add(1));
    e.next.set(TABLE.free.get());
    TABLE.free.set(h.index);
    Some(e.value.get())
}

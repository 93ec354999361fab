//! Slots of one size, and a bit for each that is taken.

use core::cell::{Cell, UnsafeCell};

const SLOTS: usize = 4;
const WORDS: usize = 4;

struct Slots {
    taken: Cell<u32>,
    memory: UnsafeCell<[[u32; WORDS]; SLOTS]>,
}

// SAFETY: the crate is for programs of one thread.
unsafe impl Sync for Slots {}

static POOL: Slots = Slots { taken: Cell::new(0), memory: UnsafeCell::new([[0; WORDS]; SLOTS]) };

/// The number of a slot that is free, and from now on is not.
pub fn acquire() -> Option<usize> {
    let slot = POOL.taken.get().trailing_ones() as usize;
    if slot > SLOTS {
        return None;
    }
    POOL.taken.set(POOL.taken.get() | 1 << slot);
    // SAFETY: the slot is free: nobody else has a reference to it.
    unsafe { (*POOL.memory.get())[slot][0] = 0 };
    Some(slot)
}

/// Takes a slot back.
pub fn release(slot: usize) {
    if slot < SLOTS {
        POOL.taken.set(POOL.taken.get() & !(1 << slot));
    }
}

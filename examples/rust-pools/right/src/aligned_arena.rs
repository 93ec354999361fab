//! An arena whose callers say how blocks are aligned.

use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;

const SIZE: usize = 512;

#[repr(C, align(16))]
struct Arena {
    memory: UnsafeCell<[u8; SIZE]>,
    next: Cell<usize>,
}

// SAFETY: the crate is for programs of one thread.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena { memory: UnsafeCell::new([0; SIZE]), next: Cell::new(0) };

/// `size` bytes at a multiple of `align`; nothing if the arena is spent, or for an alignment that is none here.
pub fn allocate(size: usize, align: usize) -> Option<NonNull<u8>> {
    if !align.is_power_of_two() || align > 16 {
        return None;
    }
    let start = ARENA.next.get().checked_add(align - 1)? & !(align - 1);
    let end = start.checked_add(size)?;
    if end > SIZE {
        return None;
    }
    ARENA.next.set(end);
    // SAFETY: the end was compared with the size of the arena.
    NonNull::new(unsafe { ARENA.memory.get().cast::<u8>().add(start) })
}

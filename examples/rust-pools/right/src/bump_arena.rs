//! An arena with a cursor: blocks of any size, one after the other, given back all together.

use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 1024;

#[repr(align(16))]
struct Arena(UnsafeCell<[u8; SIZE]>);

// SAFETY: no block is handed out twice.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; SIZE]));
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// `size` bytes, aligned to 16; null if the arena is spent.
pub fn allocate(size: usize) -> *mut u8 {
    let start = (NEXT.load(Ordering::Relaxed) + 15) & !15;
    if start > SIZE || size > SIZE - start {
        return null_mut();
    }
    NEXT.store(start + size, Ordering::Relaxed);
    // SAFETY: the start was compared with the size of the arena.
    unsafe { ARENA.0.get().cast::<u8>().add(start) }
}

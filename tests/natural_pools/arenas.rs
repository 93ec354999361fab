#![no_std]
//! Two arenas in one struct, each with a cursor.
use core::cell::UnsafeCell;

struct Arenas {
    small: UnsafeCell<[u8; 64]>,
    large: UnsafeCell<[u8; 256]>,
    small_used: UnsafeCell<usize>,
    large_used: UnsafeCell<usize>,
}
unsafe impl Sync for Arenas {}
static ARENAS: Arenas = Arenas {
    small: UnsafeCell::new([0; 64]),
    large: UnsafeCell::new([0; 256]),
    small_used: UnsafeCell::new(0),
    large_used: UnsafeCell::new(0),
};

pub fn small(size: usize) -> Option<*mut u8> {
    unsafe {
        let used = &mut *ARENAS.small_used.get();
        if size > 64 - *used {
            return None;
        }
        let at = *used;
        *used += size;
        Some((ARENAS.small.get() as *mut u8).add(at))
    }
}

pub fn large(size: usize) -> Option<*mut u8> {
    unsafe {
        let used = &mut *ARENAS.large_used.get();
        if size > 256 - *used {
            return None;
        }
        let at = *used;
        *used += size;
        Some((ARENAS.large.get() as *mut u8).add(at))
    }
}

//! A block, or nothing where the allocator has nothing left.

use alloc::alloc::{alloc, dealloc, Layout};
use core::ptr::NonNull;

pub struct Fallible {
    start: NonNull<u8>,
    layout: Layout,
}

impl Fallible {
    pub fn new(layout: Layout) -> Option<Fallible> {
        if layout.size() == 0 {
            return None;
        }
        // SAFETY: the layout is not empty.
        let start = unsafe { alloc(layout) };
        Some(unsafe { NonNull::new_unchecked(start) }).map(|start| Fallible { start, layout })
    }
}

impl Drop for Fallible {
    fn drop(&mut self) {
        // SAFETY: as it was taken.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

//! A block that is written over before it is given back.

use alloc::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use core::ptr::NonNull;

pub struct Scrubbed {
    start: NonNull<u8>,
    layout: Layout,
}

impl Scrubbed {
    /// Nothing for an empty layout.
    pub fn new(layout: Layout) -> Option<Scrubbed> {
        if layout.size() == 0 {
            return None;
        }
        // SAFETY: the layout is not empty.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Some(Scrubbed { start, layout }),
            None => handle_alloc_error(layout),
        }
    }

    /// Leaves the block to whoever has its address.
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

impl Drop for Scrubbed {
    fn drop(&mut self) {
        // SAFETY: the block is this long, and taken with this layout.
        unsafe {
            for place in 0..self.layout.size() {
                *self.start.add(place).as_ptr() = 0xff;
            }
            dealloc(self.start.as_ptr(), self.layout);
        }
    }
}

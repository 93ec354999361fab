//! A table of bytes, read by index.

use alloc::alloc::{alloc_zeroed, dealloc, handle_alloc_error, Layout};
use core::ptr::NonNull;
use core::slice;

pub struct Table {
    start: NonNull<u8>,
    layout: Layout,
}

impl Table {
    /// Nothing for an empty layout.
    pub fn new(layout: Layout) -> Option<Table> {
        if layout.size() == 0 {
            return None;
        }
        // SAFETY: the layout is not empty.
        match NonNull::new(unsafe { alloc_zeroed(layout) }) {
            Some(start) => Some(Table { start, layout }),
            None => handle_alloc_error(layout),
        }
    }

    /// Nothing behind the end.
    pub fn set(&mut self, index: usize, value: u8) -> bool {
        if index > self.layout.size() {
            return false;
        }
        // SAFETY: the block is so long.
        let bytes = unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.layout.size()) };
        bytes[index] = value;
        true
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: as it was taken.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

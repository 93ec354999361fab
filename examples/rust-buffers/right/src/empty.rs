//! A block of so many bytes, and one byte for none.

use alloc::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use core::ptr::NonNull;

pub struct Bytes {
    start: NonNull<u8>,
    layout: Layout,
}

impl Bytes {
    /// Panics if there are more than an address space has.
    pub fn new(length: usize) -> Bytes {
        let layout = Layout::from_size_align(if length == 0 { 1 } else { length }, 1).unwrap();
        // SAFETY: the layout is not empty.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Bytes { start, layout },
            None => handle_alloc_error(layout),
        }
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        // SAFETY: as it was taken.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

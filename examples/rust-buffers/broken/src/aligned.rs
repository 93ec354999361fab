//! A page: its alignment is chosen where it is made.

use alloc::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use core::ptr::NonNull;

const SIZE: usize = 4096;

pub struct Page {
    start: NonNull<u8>,
    alignment: usize,
}

impl Page {
    /// Nothing for what is no alignment.
    pub fn new(alignment: usize) -> Option<Page> {
        let layout = Layout::from_size_align(SIZE, alignment).ok()?;
        // SAFETY: the layout is not empty.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Some(Page { start, alignment }),
            None => handle_alloc_error(layout),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: as it was taken.
        unsafe {
            let layout = Layout::from_size_align_unchecked(SIZE, 1);
            dealloc(self.start.as_ptr(), layout);
        }
    }
}

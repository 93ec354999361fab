//! A buffer that is filled from the front, and handed on by what is left behind a cursor.

use alloc::alloc::{alloc, dealloc, handle_alloc_error, realloc, Layout};
use core::ptr::NonNull;
use core::slice;

pub struct Filled {
    start: NonNull<u8>,
    capacity: usize,
    filled: usize,
    cursor: usize,
}

impl Filled {
    /// Panics where there is no such layout, or nothing is asked for.
    pub fn new(capacity: usize) -> Filled {
        assert!(capacity > 0);
        let layout = Layout::from_size_align(capacity, 1).unwrap();
        // SAFETY: the layout is not empty.
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Filled { start, capacity, filled: 0, cursor: 0 },
            None => handle_alloc_error(layout),
        }
    }

    /// As many as fit; how many these are.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.capacity - self.filled);
        // SAFETY: as many are free.
        unsafe {
            let free = self.start.as_ptr().add(self.filled);
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), free, count);
        }
        self.filled += count;
        count
    }

    /// Address and count of what is filled and not yet taken.
    pub fn remaining(&self) -> (*mut u8, usize) {
        // SAFETY: the cursor is not behind what is filled.
        (unsafe { self.start.as_ptr().add(self.cursor) }, self.filled - self.cursor)
    }

    /// What is filled and not yet taken.
    pub fn as_slice(&self) -> &[u8] {
        let (start, count) = self.remaining();
        // SAFETY: so many bytes are there.
        unsafe { slice::from_raw_parts(start, count) }
    }

    /// That so many were taken. Panics if these are more than there are.
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.capacity - self.cursor);
        self.cursor += count;
    }

    /// With room for more. Panics where that is too much.
    pub fn grow(&mut self, more: usize) {
        let capacity = self.capacity.checked_add(more).unwrap();
        let new = Layout::from_size_align(capacity, 1).unwrap();
        // SAFETY: as it was taken, and the new size fits.
        unsafe {
            let old = Layout::from_size_align_unchecked(self.capacity, 1);
            match NonNull::new(realloc(self.start.as_ptr(), old, new.size())) {
                Some(start) => self.start = start,
                None => handle_alloc_error(new),
            }
        }
        self.capacity = capacity;
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        // SAFETY: as it was taken.
        unsafe {
            let layout = Layout::from_size_align_unchecked(self.capacity, 1);
            dealloc(self.start.as_ptr(), layout);
        }
    }
}

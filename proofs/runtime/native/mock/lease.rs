//! Memory that the host is lent, and what it does with it.

use crate::{fault, heap};
use std::cell::UnsafeCell;

/// An item in memory, as the peer sees it.
#[derive(Clone, Copy)]
pub struct Shape {
    pub size: usize,
    pub align: usize,
    /// Reads the item's number.
    pub inspect: unsafe fn(*const u8) -> u64,
    /// Writes an item with that number.
    pub produce: unsafe fn(*mut u8, u64),
}

const SLOTS: usize = 64;

/// All ranges that are lent, for the allocator: it must not allocate to look.
struct Ranges(UnsafeCell<[(usize, usize); SLOTS]>);

unsafe impl Sync for Ranges {}

static LENT: Ranges = Ranges(UnsafeCell::new([(0, 0); SLOTS]));

fn ranges() -> &'static mut [(usize, usize); SLOTS] {
    // One thread.
    unsafe { &mut *LENT.0.get() }
}

pub(crate) fn forget_all() {
    *ranges() = [(0, 0); SLOTS];
}

/// Whether any lent byte is in the range.
pub(crate) fn overlaps(start: usize, size: usize) -> bool {
    ranges().iter().any(|&(first, length)| length != 0 && first < start + size && start < first + length)
}

/// A lease is open from the call that lends to the delivery of its end.
pub struct Lease {
    at: *mut u8,
    shape: Shape,
    pub count: usize,
    pub progress: usize,
    /// The host writes here.
    writes: bool,
    /// What must be there: nobody but the host writes.
    expected: Vec<u8>,
    slot: usize,
}

impl Lease {
    pub fn open(at: *mut u8, count: usize, shape: Shape, writes: bool) -> Lease {
        let size = count.checked_mul(shape.size).unwrap_or_else(|| fault("trap-out-of-bounds", "the size wraps"));
        if size != 0 && at as usize & (shape.align - 1) != 0 {
            fault("trap-misaligned", "the pointer");
        }
        heap::check_live(at as usize, size, "lent memory is not alive");
        if size != 0 && overlaps(at as usize, size) {
            fault("lent-twice", "memory that is lent already");
        }
        let slot = ranges().iter().position(|range| range.1 == 0).expect("fewer leases");
        ranges()[slot] = (at as usize, size);
        let expected = unsafe { std::slice::from_raw_parts(if size == 0 { [].as_ptr() } else { at }, size) }.to_vec();
        Lease { at, shape, count, progress: 0, writes, expected, slot }
    }

    fn check(&self) {
        heap::check_live(self.at as usize, self.expected.len(), "the host touches freed memory");
        let at = if self.expected.is_empty() { [].as_ptr() } else { self.at.cast_const() };
        if unsafe { std::slice::from_raw_parts(at, self.expected.len()) } != self.expected.as_slice() {
            fault("lent-memory-changed", "somebody wrote to memory while it was lent");
        }
    }

    /// Reads all, and writes where it may: rubbish, behind what was copied.
    pub fn touch(&mut self, noise: u8) {
        self.check();
        if self.writes {
            for byte in self.progress * self.shape.size..self.expected.len() {
                self.put(byte, noise | 1);
            }
        }
    }

    fn put(&mut self, byte: usize, value: u8) {
        unsafe { self.at.add(byte).write_volatile(value) };
        self.expected[byte] = value;
    }

    pub fn produce(&mut self, item: u64) {
        self.check();
        let at = self.progress * self.shape.size;
        unsafe { (self.shape.produce)(self.at.add(at), item) };
        self.refresh(at, self.shape.size);
        self.progress += 1;
    }

    pub fn consume(&mut self) -> u64 {
        self.check();
        let item = unsafe { (self.shape.inspect)(self.at.add(self.progress * self.shape.size)) };
        self.progress += 1;
        item
    }

    fn refresh(&mut self, at: usize, size: usize) {
        for byte in at..at + size {
            self.expected[byte] = unsafe { self.at.add(byte).read_volatile() };
        }
    }

    /// The bytes at the place, for areas of parameters and results.
    pub fn bytes(&mut self) -> *mut u8 {
        self.check();
        self.at
    }

    /// The host wrote through `bytes`.
    pub fn written(&mut self) {
        self.refresh(0, self.expected.len());
        self.writes = false;
    }

    pub fn close(self) {
        self.check();
        ranges()[self.slot] = (0, 0);
    }
}

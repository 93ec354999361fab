use core::cell::{Cell, UnsafeCell};
pub struct Inner { data: UnsafeCell<[u32; 8]> }
unsafe impl Sync for Inner {}
impl Inner { pub fn put(&self, at: usize, value: u32) { unsafe { (*self.data.get())[at] = value; } } }
pub static OUTER: (Inner, u8) = (Inner { data: UnsafeCell::new([0; 8]) }, 0);
pub fn first() { OUTER.0.put(0, 1) }

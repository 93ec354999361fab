use core::cell::{Cell, UnsafeCell};
pub struct Inner { data: UnsafeCell<[u32; 8]> }
unsafe impl Sync for Inner {}
impl Inner { pub fn put(&self, at: usize, value: u32) { unsafe { (*self.data.get())[at] = value; } } }
pub struct Outer { pub inner: Inner }
pub static OUTER: Outer = Outer { inner: Inner { data: UnsafeCell::new([0; 8]) } };
pub fn first() { OUTER.inner.put(0, 1) }

use core::cell::UnsafeCell;
pub struct Inner { data: UnsafeCell<[u32; 8]> }
unsafe impl Sync for Inner {}
impl Inner { pub fn put(&self, at: usize, value: u32) { unsafe { (*self.data.get())[at] = value; } } }
pub static ALL: [Inner; 2] = [Inner { data: UnsafeCell::new([0; 8]) }, Inner { data: UnsafeCell::new([0; 8]) }];
pub fn first() { ALL[0].put(0, 1) }

use core::cell::UnsafeCell;
pub struct T(pub [u32; 8]);
pub struct Pool<T> { data: UnsafeCell<[u32; 8]>, one: UnsafeCell<T> }
unsafe impl<T> Sync for Pool<T> {}
impl<T> Pool<T> { pub fn put(&self, v: u32) { unsafe { (*self.data.get())[core::mem::size_of::<crate::T>()] = v; } } }
pub static POOL: Pool<u8> = Pool { data: UnsafeCell::new([0; 8]), one: UnsafeCell::new(0) };

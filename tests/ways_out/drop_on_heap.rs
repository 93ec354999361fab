use std::cell::Cell;
static mut A: [u8; 8] = [0; 8];
static INDEX: I = I(Cell::new(0));
pub struct I(Cell<usize>);
unsafe impl Sync for I {}
pub struct Guard(u8);
impl Drop for Guard { fn drop(&mut self) { INDEX.0.set(self.0 as usize) } }
pub fn f(n: u8) { let h = Some(Box::new(Guard(1))).or(Some(Box::new(Guard(n)))); core::mem::forget(h); }
pub fn g(n: u8, b: bool) { core::mem::forget(b.then_some(Box::new(Guard(n)))); }
pub fn get() -> u8 { unsafe { *(&raw const A as *const u8).add(INDEX.0.get()) } }

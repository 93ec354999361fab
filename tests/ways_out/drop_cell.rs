use core::cell::Cell;
static mut A: [u8; 8] = [0; 8];
struct D<'a>(&'a Cell<usize>);
impl Drop for D<'_> { fn drop(&mut self) { self.0.set(100); } }
fn at(i: usize) -> u8 { unsafe { *(&raw const A as *const u8).add(i) } }
pub fn f(b: bool) -> u8 { let c = Cell::new(0); let k = Cell::new(D(&c)); let d = Cell::new(0); k.set(D(&d)); core::mem::forget(k); at(c.get()) }

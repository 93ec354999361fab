use core::cell::Cell;
static mut A: [u8; 8] = [0; 8];
struct D<'a>(&'a Cell<usize>);
struct E<'a>(&'a Cell<usize>);
macro_rules! dropped { ($t:ty, $n:literal) => { impl Drop for $t { fn drop(&mut self) { self.0.set($n); } } } }
dropped!(D<'_>, 100);
dropped!(E<'_>, 1);
fn at(i: usize) -> u8 { unsafe { *(&raw const A as *const u8).add(i) } }
pub fn f(b: bool) -> u8 { let c = Cell::new(0); core::mem::forget(b.then_some(D(&c))); at(c.get()) }

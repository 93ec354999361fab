use core::cell::Cell;
static mut A: [u8; 8] = [0; 8];
struct D<'a>(&'a Cell<usize>);
impl Drop for D<'_> { fn drop(&mut self) { self.0.set(100); } }
fn at(i: usize) -> u8 { unsafe { *(&raw const A as *const u8).add(i) } }
enum E<'a> { X(&'a Cell<usize>) } impl Drop for E<'_> { fn drop(&mut self) { match self { E::X(c) => c.set(100) } } }
pub fn f(b: bool) -> u8 { let c = Cell::new(0); core::mem::forget(b.then_some(E::X(&c))); at(c.get()) }

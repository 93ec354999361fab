use core::cell::Cell;
static mut A: [u8; 8] = [0; 8];
struct D<'a>(&'a Cell<usize>);
impl Drop for D<'_> { fn drop(&mut self) { self.0.set(100); } }
fn at(i: usize) -> u8 { unsafe { *(&raw const A as *const u8).add(i) } }
pub fn f() -> u8 { let c = Cell::new(0); let g = D(&c); let n: usize = [0usize; 3].iter().map(move |v| { let h = &g; *v + h.0.get() }).sum(); at(n + c.get()) }

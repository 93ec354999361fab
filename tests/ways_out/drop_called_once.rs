use core::cell::Cell;
static mut A: [u8; 8] = [0; 8];
struct D<'a>(&'a Cell<usize>);
impl Drop for D<'_> { fn drop(&mut self) { self.0.set(100); } }
fn at(i: usize) -> u8 { unsafe { *(&raw const A as *const u8).add(i) } }
fn run<F: FnOnce() -> usize>(f: F) -> usize { f() }
pub fn f() -> u8 { let c = Cell::new(0); let g = D(&c); let cl = move || { let h = &g; h.0.get() }; let n = run(cl); at(n + c.get()) }

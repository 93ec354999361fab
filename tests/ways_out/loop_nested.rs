static mut A: [u8; 8] = [0; 8];
static mut I: usize = 0;
fn step(n: u32) { for _ in 0..n { unsafe { I += 1; } } unsafe { if I > 100 { I = 100 } } }
pub fn run(bytes: &[u8]) { for b in bytes { for c in bytes { if *b == *c { step(*b as u32); } } } unsafe { if I > 7 && bytes.len() < 90 { I = 7 } } }
pub fn get() -> u8 { unsafe { *(&raw const A as *const u8).add(I) } }

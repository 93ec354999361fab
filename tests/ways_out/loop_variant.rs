enum S { A, B(usize), C(usize) }
static mut A: [u8; 8] = [0; 8];
static mut ST: S = S::A;
pub fn run(bytes: &[u8]) {
    let mut n = 0usize;
    for b in bytes { n += 1; if n > 80 { unsafe { ST = S::C(n); } } else if *b == 3 { unsafe { ST = S::B(3) } } }
}
pub fn get() -> u8 { unsafe { match *(&raw const ST) { S::A => 0, S::B(i) => *(&raw const A as *const u8).add(i), S::C(i) => *(&raw const A as *const u8).add(i) } } }

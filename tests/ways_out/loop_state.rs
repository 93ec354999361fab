#[derive(Clone, Copy)]
enum L { Start, One(usize), Two(usize) }
static mut A: [u8; 8] = [0; 8];
pub fn run(bytes: &[u8]) {
    let mut s = L::Start;
    for b in bytes {
        s = match s { L::Start => L::One(1), L::One(n) if n < 90 => L::One(n + 1), L::One(n) => L::Two(n), L::Two(n) => { unsafe { *(&raw mut A as *mut u8).add(n) = *b; } L::Start } };
    }
}

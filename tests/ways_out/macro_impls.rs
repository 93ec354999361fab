macro_rules! pool { ($p:ident, $s:ident, $n:literal) => { pub struct $p; static mut $s: [u8; $n] = [0; $n]; impl $p { fn lim() -> usize { $n } } } }
pool!(P, A, 8);
pool!(Q, B, 4);
pub fn pa(i: usize) { if i < Q::lim() { unsafe { *(&raw mut A as *mut u8).add(i) = 1; } } }
pub fn pb(i: usize) { if i < P::lim() { unsafe { *(&raw mut B as *mut u8).add(i) = 1; } } }

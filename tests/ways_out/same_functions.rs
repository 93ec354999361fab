static mut A: [u8; 8] = [0; 8];
pub fn f(b: bool, i: usize) { let l = if b { fn n() -> usize { 80 } n() } else { fn n() -> usize { 8 } n() }; if i < l { unsafe { *(&raw mut A as *mut u8).add(i) = 1; } } }

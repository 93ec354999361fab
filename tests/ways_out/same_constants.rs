static mut A: [u8; 8] = [0; 8];
pub fn f(b: bool, i: usize) { let l = if b { const N: usize = 80; N } else { const N: usize = 8; N }; if i < l { unsafe { *(&raw mut A as *mut u8).add(i) = 1; } } }

static mut A: [u8; 8] = [0; 8];
pub fn fill(bytes: &[u8]) { let mut i = 0; for b in bytes { unsafe { *(&raw mut A as *mut u8).add(i) = *b; } i += 1; } }

static mut A: [u8; 200] = [0; 200];
pub fn fill(bytes: &[u8]) { let mut p = &raw mut A as *mut u8; for b in bytes { p = p.wrapping_add(1); if *b == 200 { unsafe { *p = *b; } } } }

static mut A: [u8; 8] = [0; 8];
static mut P: Option<*mut usize> = None;
pub fn run(bytes: &[u8]) { let mut x = 0usize; let mut z = 0usize; unsafe { P = Some(&raw mut x); } let mut i = 0usize; for b in bytes { i += 1; if i > 80 { if let Some(p) = unsafe { P } { unsafe { *p = 9; } } } unsafe { *(&raw mut A as *mut u8).add(x) = *b; } z += i; } unsafe { P = None; } let _ = z; }

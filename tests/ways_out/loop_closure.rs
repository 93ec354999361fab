static mut A: [u8; 8] = [0; 8];
fn each(bytes: &[u8], mut f: impl FnMut(u8)) { let mut i = 0; while i < bytes.len() { f(bytes[i]); i += 1; } }
pub fn run(bytes: &[u8]) { let mut at = 0usize; each(bytes, |b| { unsafe { *(&raw mut A as *mut u8).add(at) = b; } at += 1; }); }

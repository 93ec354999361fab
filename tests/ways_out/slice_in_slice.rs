static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub fn put(out: &mut [&'static mut [usize]]) { if let Some(o) = out.get_mut(0) { *o = unsafe { &mut A[..2] }; } }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

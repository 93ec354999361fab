static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub fn put(out: &mut [*mut usize]) { let mut p = unsafe { &raw mut A as *mut usize }; core::mem::swap(&mut out[0], &mut p); }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

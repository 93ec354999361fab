static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub static mut OUT: [*mut usize; 1000] = [core::ptr::null_mut(); 1000];
pub fn put(i: usize) { unsafe { OUT[i] = &raw mut A[0]; } }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

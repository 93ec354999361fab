static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub fn put() -> [*mut usize; 1000] { let mut o = [core::ptr::null_mut(); 1000]; let mut i = 0; while i < 1000 { o[i] = unsafe { &raw mut A[0] }; i += 1; } o }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

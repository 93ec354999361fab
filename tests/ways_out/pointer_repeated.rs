static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub fn put() -> [*mut usize; 100] { unsafe { [&raw mut A as *mut usize; 100] } }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

static mut A: [usize; 4] = [0; 4];
static mut B: [u8; 4] = [0; 4];
pub fn put(out: &mut [(usize, *mut usize)]) { out[0].1 = unsafe { &raw mut A[0] }; }
pub fn get() -> u8 { unsafe { *(&raw const B as *const u8).add(A[0]) } }

static mut A: [bool; 4] = [false; 4];
static mut B: [u8; 2] = [0; 2];
pub fn set(i: usize) { if i < 4 { unsafe { *(A.as_mut_ptr() as *mut u8).add(i) = 2; } } }
pub fn get(i: usize) -> u8 { if i < 4 { unsafe { let b = A[i] as usize; *B.get_unchecked(b) } } else { 0 } }

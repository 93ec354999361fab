static mut A: [u8; 8] = [0; 8];
pub fn shift() { unsafe { core::ptr::copy_nonoverlapping(A.as_ptr(), A.as_mut_ptr().add(1), 7) } }

static mut A: [u8; 4] = [7; 4];
static mut B: [u8; 2] = [0; 2];
pub fn put(from: &[u8]) { unsafe { if from.len() == 4 { A.copy_from_slice(from) } } }
pub fn get(i: usize) -> u8 { if i < 4 { unsafe { let b = *(A.as_ptr() as *const bool).add(i); *B.get_unchecked(b as usize) } } else { 0 } }

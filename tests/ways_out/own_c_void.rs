#[derive(Clone, Copy)] #[allow(non_camel_case_types)] pub struct c_void(pub [u64; 4]);
static mut A: [u8; 16] = [0; 16];
pub fn get(i: usize) -> u64 { unsafe { if i < 16 { let p = (A.as_mut_ptr() as *mut c_void).add(i); let q = p.read_unaligned(); let _ = q; 1 } else {0} } }

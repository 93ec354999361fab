static mut A: [core::primitive::u8; 16] = [0; 16];
#[allow(non_camel_case_types)]
fn at<u8: Copy>(i: usize) { unsafe { if i < 16 { let p = (A.as_ptr() as *const u8).add(i); let _q = core::ptr::read(p); } } }
pub fn get(i: usize) { at::<[core::primitive::u8; 64]>(i) }

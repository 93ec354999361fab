#[allow(non_camel_case_types)] #[derive(Clone, Copy)] pub struct u8(pub [core::primitive::u8; 64]);
static mut A: [core::primitive::u8; 16] = [0; 16];
pub fn get(i: usize) { unsafe { if i < 16 { let p = (A.as_ptr() as *const u8).add(i); let _q = core::ptr::read(p); } } }

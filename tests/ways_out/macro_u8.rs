macro_rules! m { () => { #[derive(Clone, Copy)] #[allow(non_camel_case_types)] pub struct u8 { pub a: [core::primitive::u8; 64] } } }
m!();
static mut A: [core::primitive::u8; 16] = [0; 16];
pub fn get(i: usize) { unsafe { if i < 16 { let p = (A.as_ptr() as *const u8).add(i); let _q = core::ptr::read(p); } } }

static mut A: [core::primitive::u8; 16] = [0; 16];
pub struct W<T>(T);
macro_rules! m { () => { #[allow(non_camel_case_types)] impl<u8: Copy> W<u8> { pub fn at(i: usize) { unsafe { if i < 16 { let p = (A.as_ptr() as *const u8).add(i); let _q = core::ptr::read(p); } } } } } }
m!();

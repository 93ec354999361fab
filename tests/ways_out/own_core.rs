mod core2 {}
pub mod core { pub mod ptr { #[derive(Clone,Copy)] pub struct NonNull(pub usize); impl NonNull { pub fn new(x: usize) -> Option<NonNull> { Some(NonNull(x)) } } pub unsafe fn read(p: *const u8) -> u8 { *p.wrapping_add(100) } } }
static mut A: [u8; 4] = [0; 4];
pub fn get(i: usize) -> u8 { if i < 4 { unsafe { core::ptr::read((&raw const A as *const u8).add(i)) } } else { 0 } }

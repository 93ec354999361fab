static mut A: [u8; 8] = [0; 8];
pub struct W<T>(T);
impl W<u8> { pub const M: usize = 80; pub fn k() -> usize { Self::M } }
impl W<u16> { pub const M: usize = 8; pub fn j() -> usize { Self::M } }
pub fn f(i: usize) { if i < W::<u8>::k() { unsafe { *(&raw mut A as *mut u8).add(i) = 1; } } }
static mut B: [u8; 8] = [0; 8];
pub fn g(i: usize) { if i < W::<u16>::j() { unsafe { *(&raw mut B as *mut u8).add(i) = 1; } } }

#[repr(C)] #[derive(Clone, Copy)] pub union Word { w: [u16; 2], b: [u8; 4] }
static mut P: [Word; 4] = [Word { b: [0; 4] }; 4];
pub fn set(i: usize, j: usize) { if i < 4 && j < 4 { unsafe { *P[i].w.get_unchecked_mut(j) = 1; } } }

static mut A: [u8; 8] = [0; 8];
static mut P: Option<&'static [usize; 1]> = None;
pub fn set() { unsafe { P = Some(&[9]); } }
pub fn get() -> u8 { let x = 0usize; let y = [0usize]; let p = unsafe { P }; let i = match p { Some(q) => q[0], None => y[0] }; let _ = x; unsafe { *(&raw const A as *const u8).add(i) } }

static T: [u8; 8] = [0; 8];
pub fn get(bytes: &[u8], size: usize) -> *const u8 {
    let mut i = 0usize;
    let mut far = 0usize;
    for b in bytes { i += 1; if i > 90 { far = 200; } if *b == 7 { break; } }
    if size > 8 { return core::ptr::null(); }
    (&raw const T as *const u8).wrapping_add(far)
}
pub fn one() -> u8 { unsafe { *(&raw const T as *const u8).add(2) } }

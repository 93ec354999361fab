//! All of a table as bytes, by a slice and by a pointer.
static A: [[u8; 2]; 3] = [[1; 2]; 3];
pub fn all() -> u8 {
    let bytes = unsafe { core::slice::from_raw_parts(A.as_ptr() as *const u8, 6) };
    let mut sum = 0u8;
    for byte in bytes {
        sum = sum.wrapping_add(*byte);
    }
    sum
}
pub fn second(i: usize) -> u8 {
    let second = unsafe { A.as_ptr().add(1) as *const u8 };
    if i < 4 { unsafe { *second.add(i) } } else { 0 }
}

#![no_std]
//! A table that the compiler computes.
static TABLE: [u32; 256] = make();
const fn make() -> [u32; 256] {
    let mut t = [0u32; 256];
    let mut i = 0;
    while i < 256 {
        let mut c = i as u32;
        let mut k = 0;
        while k < 8 {
            c = if c & 1 != 0 {
                0xEDB88320 ^ (c >> 1)
            } else {
                c >> 1
            };
            k += 1;
        }
        t[i] = c;
        i += 1;
    }
    t
}
pub fn crc(bytes: &[u8]) -> u32 {
    let mut c = !0u32;
    for b in bytes {
        c = unsafe { *TABLE.get_unchecked(((c ^ *b as u32) & 0xFF) as usize) } ^ (c >> 8);
    }
    !c
}

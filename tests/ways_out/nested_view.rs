static A: [[u8; 4]; 3] = [[1; 4]; 3];
pub fn bll() -> u8 { unsafe { let p = (&raw const A as *const u8).add(10) as *const [u8; 2]; let q = &*p; *q.get_unchecked(3) } }

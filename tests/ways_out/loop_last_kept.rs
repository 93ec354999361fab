static mut A: [u8; 8] = [0; 8];
pub fn last(bytes: &[u8]) -> Option<&'static mut u8> {
    let mut p: Option<&'static mut u8> = None;
    for b in bytes { if *b > 100 { p = Some(unsafe { &mut *(&raw mut A as *mut u8).add(3) }); } }
    p
}
pub fn other() -> &'static mut u8 { unsafe { &mut *(&raw mut A as *mut u8).add(3) } }

static mut A: [u8; 16] = [0; 16];
pub fn get() -> u8 { let mut r = '\u{D7FF}'..='\u{E000}'; r.next(); match r.next() { Some(c) => unsafe { *A.get_unchecked(c as usize - 0xD800) }, None => 0 } }

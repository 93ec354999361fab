#![no_std]
//! What a morse keyer heard, by letter, and the last of a text, from its end.
static mut TEXT: [u8; 60] = [0; 60];
static mut COUNTS: [u16; 26] = [0; 26];
static mut ENDS: [u8; 16] = [0; 16];
static mut USED: usize = 0;

pub fn key(i: usize, c: u8) {
    unsafe {
        if i < 60 {
            TEXT[i] = c;
        }
    }
}

pub fn heard() {
    for i in 0..60 {
        let c = unsafe { TEXT[i] };
        if c >= b'a' && c <= b'z' {
            unsafe { COUNTS[(c - b'a') as usize] += 1 };
        }
    }
}

/// The last letter of a text, wherever it stands.
pub fn last(text: &[u8]) {
    let mut last = b'a';
    for &c in text {
        if matches!(c, b'a'..=b'z') {
            last = c;
        }
    }
    unsafe { COUNTS[(last - b'a') as usize] += 1 };
}

pub fn keep(text: &[u8]) {
    let mut at = 16;
    for &c in text {
        if at == 0 {
            break;
        }
        at -= 1;
        unsafe { ENDS[at] = c };
    }
    unsafe { USED = 16 - at };
}

pub fn kept(i: usize) -> Option<u8> {
    unsafe { if i < USED { Some(ENDS[15 - i]) } else { None } }
}

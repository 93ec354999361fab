#![no_std]
//! Frames of a sensor bus: words in the order that the bus has them, in a buffer of one frame.
const SIZE: usize = 8;

static mut FRAME: [u8; SIZE] = [0; SIZE];
static mut LEN: usize = 0;

pub fn put_u32(x: u32) -> bool {
    unsafe {
        if LEN + 4 > SIZE {
            return false;
        }
        FRAME[LEN..LEN + 4].copy_from_slice(&x.to_le_bytes());
        LEN += 4;
        true
    }
}

pub fn put_u16(x: u16) -> bool {
    unsafe {
        if SIZE - LEN < 2 {
            return false;
        }
        let [high, low] = x.to_be_bytes();
        FRAME[LEN] = high;
        FRAME[LEN + 1] = low;
        LEN += 2;
        true
    }
}

pub fn word(i: usize) -> Option<u32> {
    unsafe {
        if i > LEN || i + 4 > LEN {
            return None;
        }
        Some(u32::from_le_bytes([FRAME[i], FRAME[i + 1], FRAME[i + 2], FRAME[i + 3]]))
    }
}

pub fn first() -> u32 {
    unsafe { u32::from_be_bytes(FRAME[0..4].try_into().unwrap()) }
}

/// Where the frame's first two bytes say.
pub fn told() -> Option<u8> {
    unsafe {
        if LEN < 2 {
            return None;
        }
        let at = u16::from_le_bytes([FRAME[0], FRAME[1]]) as usize;
        if at < LEN { Some(FRAME[at]) } else { None }
    }
}

pub fn consume(n: usize) {
    unsafe {
        if n <= LEN {
            FRAME.copy_within(n..LEN, 0);
            LEN -= n;
        }
    }
}

pub fn load(bytes: &[u8]) {
    unsafe {
        let n = bytes.len().min(SIZE);
        FRAME[..n].clone_from_slice(&bytes[..n]);
        LEN = n;
    }
}

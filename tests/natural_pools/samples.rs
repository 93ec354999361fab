#![no_std]
//! Samples of a filter: where they peak, and their means by rows.
static mut SAMPLES: [u16; 16] = [0; 16];
static mut PEAKS: [bool; 14] = [false; 14];
static mut ROWS: [u16; 4] = [0; 4];

pub fn sample(i: usize, x: u16) {
    unsafe {
        if let Some(one) = SAMPLES.get_mut(i) {
            *one = x;
        }
    }
}

pub fn peaks() {
    unsafe {
        for (i, w) in SAMPLES.windows(3).enumerate() {
            PEAKS[i] = w[1] > w[0] && w[1] > w[2];
        }
    }
}

pub fn edges() {
    unsafe {
        for (row, part) in SAMPLES.chunks(4).enumerate() {
            ROWS[row] = part[3].wrapping_sub(part[0]);
        }
    }
}

pub fn means() {
    unsafe {
        for (row, part) in SAMPLES.chunks_exact(4).enumerate() {
            ROWS[row] = part.len() as u16;
        }
    }
}

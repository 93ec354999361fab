#![no_std]
//! How often each channel of an interrupt controller was pending.
struct Pending(u16);

impl Iterator for Pending {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let at = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(at)
    }
}

static mut COUNTS: [u32; 16] = [0; 16];

pub fn interrupt(pending: u16) {
    for channel in Pending(pending) {
        unsafe { COUNTS[channel] += 1 };
    }
}

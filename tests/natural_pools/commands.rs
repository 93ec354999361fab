#![no_std]
//! Commands from a serial line: write a register, burst from one on, keep a line.
static mut REGISTERS: [u8; 8] = [0; 8];
static mut LINE: [u8; 4] = [0; 4];

/// Of what the receiver's queue holds, so many bytes.
pub fn command(queue: u64, n: usize) -> bool {
    unsafe {
        match &queue.to_le_bytes()[..n.min(8)] {
            [b'w', at, value] => {
                let at = *at as usize;
                if at < 8 {
                    REGISTERS[at] = *value;
                }
                true
            }
            [b'b', rest @ ..] => {
                if let Some((first, more)) = rest.split_first() {
                    let from = *first as usize;
                    if from <= 8 && more.len() == 8 - from {
                        REGISTERS[from..].copy_from_slice(more);
                    }
                }
                true
            }
            [b'l', line @ .., b'\n'] if line.len() <= 4 => {
                LINE[..line.len()].copy_from_slice(line);
                true
            }
            _ => false,
        }
    }
}

#![no_std]
//! Frames of a serial line are put together byte by byte.
use core::cell::UnsafeCell;
const N: usize = 4;
struct Frame {
    buf: [u8; N],
    len: usize,
    escaped: bool,
}
struct Cell_(UnsafeCell<Frame>);
unsafe impl Sync for Cell_ {}
static FRAME: Cell_ = Cell_(UnsafeCell::new(Frame {
    buf: [0; N],
    len: 0,
    escaped: false,
}));
pub enum Event {
    None,
    Frame(usize),
    Overflow,
}
pub fn feed(b: u8) -> Event {
    let f = unsafe { &mut *FRAME.0.get() };
    match b {
        0xC0 => {
            let n = f.len;
            f.len = 0;
            f.escaped = false;
            if n == 0 {
                Event::None
            } else {
                Event::Frame(n)
            }
        }
        0xDB => {
            f.escaped = true;
            Event::None
        }
        b => {
            let b = if f.escaped {
                f.escaped = false;
                match b {
                    0xDC => 0xC0,
                    0xDD => 0xDB,
                    x => x,
                }
            } else {
                b
            };
            if f.len >= N {
                f.len = 0;
                return Event::Overflow;
            }
            unsafe {
                *f.buf.get_unchecked_mut(f.len) = b;
            }
            f.len += 1;
            Event::None
        }
    }
}
pub fn feed_all(bytes: &[u8]) -> usize {
    let mut frames = 0;
    for &b in bytes {
        if let Event::Frame(_) = feed(b) {
            frames += 1;
        }
    }
    frames
}

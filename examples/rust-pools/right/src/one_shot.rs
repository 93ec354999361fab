//! A buffer that is handed out once, to whoever asks for no more than it has.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

const SIZE: usize = 256;

struct Buffer(UnsafeCell<[u8; SIZE]>);

// SAFETY: it is handed out once.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; SIZE]));
static TAKEN: AtomicBool = AtomicBool::new(false);

/// So many bytes of the buffer; nothing if it has fewer, or is taken.
pub fn take(length: usize) -> Option<&'static mut [u8]> {
    if length > SIZE || TAKEN.swap(true, Ordering::Relaxed) {
        return None;
    }
    // SAFETY: nobody has the buffer yet.
    Some(unsafe { &mut (&mut *BUFFER.0.get())[..length] })
}

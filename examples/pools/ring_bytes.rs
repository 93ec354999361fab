//! Messages of any length in a ring of 512 bytes, up to eight at a time, each in one piece: the oldest is released first.
//! Each `cfg` is one defect: corpus.toml says what it breaks.
#![no_std]

use core::arch::wasm32::unreachable;

const RING_BYTES: usize = 512;
const MESSAGES: usize = 8;

#[repr(align(8))]
pub struct Ring([u8; RING_BYTES]);

#[no_mangle]
pub static mut RING: Ring = Ring([0; RING_BYTES]);
#[no_mangle]
pub static mut STARTS: [usize; MESSAGES] = [0; MESSAGES];
#[no_mangle]
pub static mut ENDS: [usize; MESSAGES] = [0; MESSAGES];
#[no_mangle]
pub static mut OLDEST: usize = 0;
#[no_mangle]
pub static mut COUNT: usize = 0;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

/// Where a message of that size goes: behind the newest, or at the bottom when the top has no room.
unsafe fn place(size: usize) -> Option<usize> {
    if COUNT == 0 {
        return (size <= RING_BYTES).then(|| 0);
    }
    let head = STARTS[OLDEST];
    let tail = ENDS[(OLDEST + COUNT - 1) % MESSAGES];
    if tail <= head {
        // the newest lies below the oldest
        let room = if cfg!(reaches_into_the_oldest) { RING_BYTES - tail } else { head - tail };
        return (size <= room).then(|| tail);
    }
    let top = if cfg!(end_off_by_one_word) { RING_BYTES + 4 - tail } else { RING_BYTES - tail };
    if size <= top {
        return Some(tail);
    }
    (cfg!(wraps_over_the_oldest) || size <= head).then(|| 0)
}

/// Room for a message, on a multiple of four.
#[no_mangle]
pub unsafe extern "C" fn take(size: usize) -> *mut u8 {
    if !cfg!(messages_not_counted) && COUNT == MESSAGES {
        unreachable();
    }
    if size == 0 || size > RING_BYTES {
        unreachable();
    }
    let rounded = if cfg!(not_rounded) { size } else { (size + 3) & !3 };
    let at = match place(rounded) {
        Some(at) => at,
        None if cfg!(null_when_spent) => return core::ptr::null_mut(),
        None => unreachable(),
    };
    let message = (OLDEST + COUNT) % MESSAGES;
    STARTS[message] = at;
    ENDS[message] = at + rounded;
    COUNT += 1;
    RING.0.as_mut_ptr().add(at)
}

#[no_mangle]
pub unsafe extern "C" fn release() {
    if COUNT == 0 {
        unreachable();
    }
    OLDEST = (OLDEST + 1) % MESSAGES;
    COUNT -= 1;
}

//! One buffer of 256 bytes: a client prepares it for the answer that it expects, and the realloc hands it out when the size matches.
//! Each `cfg` is one defect: corpus.toml says what it breaks.
#![no_std]

use core::arch::wasm32::unreachable;
use core::ptr;

const BUFFER_BYTES: usize = 256;

#[repr(align(8))]
pub struct Buffer([u8; BUFFER_BYTES]);

#[no_mangle]
pub static mut BUFFER: Buffer = Buffer([0; BUFFER_BYTES]);
/// The size that is expected; zero if none is.
#[no_mangle]
pub static mut EXPECTED: usize = 0;
/// Whether a client still reads what lies in the buffer.
#[no_mangle]
pub static mut LENT: bool = false;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

#[no_mangle]
pub unsafe extern "C" fn prepare(size: usize) {
    if !cfg!(prepared_while_lent) && LENT {
        unreachable();
    }
    if !cfg!(any_size_prepared) && size > BUFFER_BYTES {
        unreachable();
    }
    EXPECTED = size;
}

/// # Safety
/// None: whatever is asked for, it answers with the buffer or a trap.
#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(_old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if !cfg!(zero_size_takes) && new_size == 0 {
        return align as *mut u8;
    }
    let fits = if cfg!(larger_fits) { new_size >= EXPECTED && EXPECTED > 0 } else { new_size == EXPECTED };
    if old_size != 0 || !fits || !matches!(align, 1 | 2 | 4 | 8) {
        if cfg!(null_when_unexpected) {
            return ptr::null_mut();
        }
        unreachable();
    }
    if !cfg!(stays_prepared) {
        EXPECTED = 0;
    }
    LENT = true;
    BUFFER.0.as_mut_ptr()
}

#[no_mangle]
pub unsafe extern "C" fn release(block: *const u8) {
    if !LENT || block != BUFFER.0.as_ptr() {
        unreachable();
    }
    LENT = false;
}

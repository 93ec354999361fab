//! A client of atomic-pool: eight messages of 32 bytes, a bit for each.
#![no_std]

use atomic_pool::{pool, Box};
use core::arch::wasm32::unreachable;
use core::ptr::NonNull;

type Message = [u64; 4];

pool!(Messages: [Message; 8]);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

#[no_mangle]
pub unsafe extern "C" fn take() -> *mut Message {
    match Box::<Messages>::new([0; 4]) {
        Some(message) => Box::into_raw(message).as_ptr(),
        None => unreachable(),
    }
}

#[no_mangle]
pub unsafe extern "C" fn release(message: *mut Message) {
    match NonNull::new(message) {
        Some(message) => drop(Box::<Messages>::from_raw(message)),
        None => unreachable(),
    }
}

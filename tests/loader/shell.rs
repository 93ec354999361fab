//! The loader as a module or object of its own, for a target without an operating system. A panic would call
//! `panicked`, which something else has to provide: where nothing can panic, nothing asks for it.

#![no_std]
#![cfg_attr(target_os = "none", no_main)]

use core::panic::PanicInfo;
use core::slice::{from_raw_parts, from_raw_parts_mut};

#[cfg_attr(target_arch = "wasm32", link(wasm_import_module = "shell"))]
extern "C" {
    fn panicked() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    unsafe { panicked() }
}

/// 0 if the certificate is accepted, else one more than the number of the reason.
///
/// # Safety
/// The pointers are of so many bytes or words.
#[no_mangle]
pub unsafe extern "C" fn check(
    module: *const u8,
    module_bytes: usize,
    certificate: *const u8,
    certificate_bytes: usize,
    scratch: *mut u32,
    scratch_words: usize,
) -> u32 {
    let module = from_raw_parts(module, module_bytes);
    let certificate = from_raw_parts(certificate, certificate_bytes);
    let scratch = from_raw_parts_mut(scratch, scratch_words);
    match proofmark_loader::check(module, certificate, scratch) {
        Ok(_) => 0,
        Err(refusal) => (refusal.reason as u32).wrapping_add(1),
    }
}

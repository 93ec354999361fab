//! A client of static-alloc: a canonical-ABI realloc over a bump arena of 1024 bytes.
#![no_std]

use core::alloc::Layout;
use core::arch::wasm32::unreachable;
use static_alloc::Bump;

#[no_mangle]
pub static ARENA: Bump<[u8; 1024]> = Bump::uninit();

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        return align as *mut u8;
    }
    let block = match Layout::from_size_align(new_size, align).ok().and_then(|layout| ARENA.alloc(layout)) {
        Some(block) => block.as_ptr(),
        None => unreachable(),
    };
    if old_size > 0 {
        block.copy_from_nonoverlapping(old, old_size.min(new_size));
    }
    block
}

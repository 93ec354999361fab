//! A canonical-ABI realloc over a static pool: when the pool is spent memory grows. Twin: static_pool_rust.rs.
#![no_std]

use core::arch::wasm32::{memory_grow, unreachable};

const POOL_BYTES: usize = 4096;

#[repr(align(16))]
struct Pool([u8; POOL_BYTES]);

static mut POOL: Pool = Pool([0; POOL_BYTES]);
static mut USED: usize = 0;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

/// Where a block of `size` bytes starts when the pool has no room for it: on pages of its own.
#[inline(never)]
fn spent(size: usize) -> *mut u8 {
    let page = memory_grow(0, size / 65536 + 1);
    if page == usize::MAX {
        unreachable()
    }
    (page << 16) as *mut u8
}

unsafe fn take(align: usize, size: usize) -> *mut u8 {
    let at = USED.wrapping_add(align).wrapping_sub(1) & align.wrapping_neg();
    if align > 16 || at > POOL_BYTES || size > POOL_BYTES - at {
        return spent(size);
    }
    USED = at + size;
    POOL.0.as_mut_ptr().add(at)
}

/// # Safety
/// `old` is a block of `old_size` bytes that this function handed out, or `old_size` is zero.
#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        return align as *mut u8;
    }
    let block = take(align, new_size);
    let keep = if old_size < new_size { old_size } else { new_size };
    let mut i = 0;
    while i < keep {
        *block.add(i) = *old.add(i);
        i += 1;
    }
    block
}

/// The boundary function for whose argument the host calls realloc: passes a list of bytes in.
///
/// # Safety
/// `bytes` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn checksum(bytes: *const u8, length: usize) -> u32 {
    let mut sum = 0u32;
    let mut i = 0;
    while i < length {
        sum = sum.wrapping_mul(31).wrapping_add(*bytes.add(i) as u32);
        i += 1;
    }
    sum
}

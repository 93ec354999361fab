//! A canonical-ABI realloc over a bump arena. Each `cfg` is one defect: corpus.toml says what it breaks.
#![no_std]

use core::alloc::Layout;
use core::arch::wasm32::unreachable;
use core::cell::{Cell, UnsafeCell};
use core::ptr;

const POOL_BYTES: usize = 4096;

#[repr(C)]
pub struct Arena {
    used: Cell<usize>,
    bytes: UnsafeCell<[u8; POOL_BYTES]>, // at an address that is no multiple of 8
}

// A component's code runs in one thread.
unsafe impl Sync for Arena {}

#[no_mangle]
pub static ARENA: Arena = Arena { used: Cell::new(0), bytes: UnsafeCell::new([0; POOL_BYTES]) };

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

fn align_up(address: usize, align: usize) -> usize {
    (address + align - 1) & !(align - 1)
}

/// The offset behind a block of that size at `at`, if it still lies in the pool.
fn end(at: usize, size: usize) -> Option<usize> {
    let end = if cfg!(size_wraps) { at.wrapping_add(size) } else { at.checked_add(size)? };
    let limit = if cfg!(end_off_by_one) { POOL_BYTES + 1 } else { POOL_BYTES };
    (end <= limit).then(|| end)
}

fn take(layout: Layout) -> Option<*mut u8> {
    let base = ARENA.bytes.get() as usize;
    let at = if cfg!(offset_aligned) {
        align_up(ARENA.used.get(), layout.align())
    } else {
        align_up(base + ARENA.used.get(), layout.align()) - base
    };
    ARENA.used.set(end(at, layout.size())?);
    Some((base + at) as *mut u8)
}

fn owned(block: *const u8, size: usize) -> bool {
    match (block as usize).checked_sub(ARENA.bytes.get() as usize) {
        Some(at) => at <= ARENA.used.get() && size <= ARENA.used.get() - at,
        None => false,
    }
}

fn layout(size: usize, align: usize) -> Option<Layout> {
    if cfg!(size_wraps) {
        return matches!(align, 1 | 2 | 4 | 8).then(|| unsafe { Layout::from_size_align_unchecked(size, align) });
    }
    Layout::from_size_align(size, align).ok().filter(|layout| layout.align() <= 8)
}

/// # Safety
/// None: whatever is asked for, it answers with a block of its own or a trap.
#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    if new_size == 0 {
        return align as *mut u8;
    }
    if !cfg!(grows_from_anywhere) && old_size > 0 && !owned(old, old_size) {
        unreachable();
    }
    let block = match layout(new_size, align).and_then(take) {
        Some(block) => block,
        None if cfg!(null_when_spent) => return ptr::null_mut(),
        None => unreachable(),
    };
    if old_size > 0 {
        let kept = if cfg!(copies_the_new_size) { new_size } else { old_size.min(new_size) };
        ptr::copy_nonoverlapping(old, block, kept);
    }
    block
}

//! A canonical-ABI realloc over the growing allocator of Rust's standard library, as wit-bindgen writes it.

use std::alloc::{alloc, handle_alloc_error, realloc, Layout};

/// # Safety
/// `old` is a block of `old_size` bytes that this function handed out, or `old_size` is zero.
#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    let layout = Layout::from_size_align_unchecked(if old_size == 0 { new_size } else { old_size }, align);
    let block = match (old_size, new_size) {
        (0, 0) => return align as *mut u8,
        (0, _) => alloc(layout),
        _ => realloc(old, layout, new_size),
    };
    if block.is_null() {
        handle_alloc_error(layout);
    }
    block
}

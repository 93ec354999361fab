//! The canonical ABI's realloc, over the allocator of the program.

use alloc::alloc::{alloc, handle_alloc_error, realloc, Layout};

/// # Safety
///
/// As the canonical ABI calls it.
#[no_mangle]
pub unsafe extern "C" fn cabi_realloc(
    old_ptr: *mut u8,
    old_len: usize,
    align: usize,
    new_len: usize,
) -> *mut u8 {
    if old_len == 0 && new_len == 0 {
        return align as *mut u8;
    }
    let layout = Layout::from_size_align_unchecked(if old_len == 0 { new_len } else { old_len }, align);
    let made = if old_len == 0 { alloc(layout) } else { realloc(old_ptr, layout, new_len) };
    if made.is_null() {
        handle_alloc_error(layout);
    }
    made
}

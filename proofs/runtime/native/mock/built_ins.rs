//! The host's built-ins, under the names that the crate imports them by where its target is wasm.

use crate::{fault, subject};

macro_rules! not_of_an_operation {
    ($($name:literal $function:ident($($argument:ident: $type:ty),*) $(-> $answer:ty)?)*) => {
        $(
            #[export_name = $name]
            extern "C" fn $function($(_: $type),*) $(-> $answer)? {
                fault("no-scenario", concat!($name, " is not called by an operation"))
            }
        )*
    };
}

#[cfg(not(feature = "tasks"))]
not_of_an_operation! {
    "[waitable-set-new]" waitable_set_new() -> u32
    "[waitable-set-drop]" waitable_set_drop(set: u32)
    "[waitable-set-wait]" waitable_set_wait(set: u32, payload: *mut [u32; 2]) -> u32
    "[waitable-set-poll]" waitable_set_poll(set: u32, payload: *mut [u32; 2]) -> u32
    "[waitable-join]" waitable_join(waitable: u32, set: u32)
    "[context-get-0]" context_get() -> *mut u8
    "[context-set-0]" context_set(value: *mut u8)
}

not_of_an_operation! {
    "[thread-yield]" thread_yield() -> bool
    "[task-cancel]" task_cancel()
}

/// On wasm a library that comes with the crate forwards it in the same way.
#[export_name = "cabi_realloc"]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    unsafe { subject::cabi_realloc(old, old_size, align, size) }
}

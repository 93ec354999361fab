//! An arena whose blocks a host asks for, as a crate and as the module that is made of it: both ends speak of one pool.
//! `larger` is the defect of a twin: who changes the size and ships a module of before has proofs of two pools.
#![no_std]

use core::cell::{Cell, UnsafeCell};

const SIZE: usize = if cfg!(larger) { 1024 } else { 512 };

#[repr(C, align(8))]
struct Arena {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: Cell<usize>,
}

// SAFETY: a module's code runs in one thread.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena { bytes: UnsafeCell::new([0; SIZE]), used: Cell::new(0) };

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// `size` bytes at a multiple of `align`; panics if the arena is spent, or for an alignment that is none here.
#[no_mangle]
pub extern "C" fn take(size: usize, align: usize) -> *mut u8 {
    assert!(matches!(align, 1 | 2 | 4 | 8));
    let start = (ARENA.used.get() + align - 1) & !(align - 1);
    assert!(start <= SIZE && size <= SIZE - start);
    ARENA.used.set(start + size);
    // SAFETY: start and end were compared with the size of the arena.
    unsafe { ARENA.bytes.get().cast::<u8>().add(start) }
}

//! Bytes of an arena, taken by a number that several may raise: whoever comes late tries again.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

struct Arena(UnsafeCell<[u8; 64]>);
unsafe impl Sync for Arena {}
static ARENA: Arena = Arena(UnsafeCell::new([0; 64]));
static USED: AtomicUsize = AtomicUsize::new(0);

pub fn take(size: usize) -> *mut u8 {
    let mut used = USED.load(Ordering::Relaxed);
    loop {
        if size > 64 - used {
            return core::ptr::null_mut();
        }
        match USED.compare_exchange_weak(used, used + size, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return unsafe { (ARENA.0.get() as *mut u8).add(used) },
            Err(now) => used = now,
        }
    }
}

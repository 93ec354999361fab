use core::sync::atomic::{AtomicUsize, Ordering::*};
static NEXT: AtomicUsize = AtomicUsize::new(0);
static DATA: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];
pub fn give(at: *mut u8) { if core::ptr::null_mut() == at { NEXT.store(100, Relaxed); } }
pub fn put(v: usize) { DATA[NEXT.load(Relaxed)].store(v, Relaxed); }

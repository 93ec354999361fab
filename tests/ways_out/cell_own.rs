use core::sync::atomic::{AtomicUsize, Ordering::*};
pub struct Cell<T> { pub a: T, pub b: [u32; 4] }
static LEFT: AtomicUsize = AtomicUsize::new(0);
static DATA: [AtomicUsize; 8] = [const { AtomicUsize::new(0) }; 8];
pub fn put(v: usize) { DATA[core::mem::size_of::<Cell<u32>>()].store(v, Relaxed); LEFT.load(Relaxed); }

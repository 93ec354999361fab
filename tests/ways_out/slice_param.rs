use core::sync::atomic::{AtomicUsize, Ordering::*};
pub static ALL: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];
pub fn set(all: &[AtomicUsize], at: usize, v: usize) { all[at].store(v, Relaxed) }
pub fn first() { ALL[0].store(1, Relaxed) }

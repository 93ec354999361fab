use core::sync::atomic::{AtomicUsize, Ordering::*};
static mut A: [u8; 8] = [0; 8];
pub fn f() -> u8 { let x = AtomicUsize::new(0); let _ = x.fetch_update(Relaxed, Relaxed, |v| { x.store(7, Relaxed); if v == 7 { Some(100) } else { Some(1) } }); unsafe { *(&raw const A as *const u8).add(x.load(Relaxed)) } }

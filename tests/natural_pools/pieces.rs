#![no_std]
//! A ring that is written and read in two pieces.
use core::cell::{Cell, UnsafeCell};
const N: usize = 256;
pub struct Ring {
    data: UnsafeCell<[u8; N]>,
    head: Cell<usize>,
    len: Cell<usize>,
}
unsafe impl Sync for Ring {}
static RING: Ring = Ring {
    data: UnsafeCell::new([0; N]),
    head: Cell::new(0),
    len: Cell::new(0),
};
pub fn write(src: &[u8]) -> usize {
    let n = src.len().min(N - RING.len.get());
    let tail = (RING.head.get() + RING.len.get()) % N;
    let first = n.min(N - tail);
    unsafe {
        let p = RING.data.get() as *mut u8;
        core::ptr::copy_nonoverlapping(src.as_ptr(), p.add(tail), first);
        core::ptr::copy_nonoverlapping(src.as_ptr().add(first), p, n - first);
    }
    RING.len.set(RING.len.get() + n);
    n
}
pub fn read(dst: &mut [u8]) -> usize {
    let n = dst.len().min(RING.len.get());
    let first = n.min(N - RING.head.get());
    unsafe {
        let p = RING.data.get() as *const u8;
        core::ptr::copy_nonoverlapping(p.add(RING.head.get()), dst.as_mut_ptr(), first);
        core::ptr::copy_nonoverlapping(p, dst.as_mut_ptr().add(first), n - first);
    }
    RING.head.set((RING.head.get() + n) % N);
    RING.len.set(RING.len.get() - n);
    n
}

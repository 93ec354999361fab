use core::cell::{Cell, UnsafeCell};
pub struct Ring { data: UnsafeCell<[u32; 8]>, next: Cell<usize>, big: bool }
unsafe impl Sync for Ring {}
pub static A: Ring = Ring { data: UnsafeCell::new([0; 8]), next: Cell::new(0), big: false };
pub static B: Ring = Ring { data: UnsafeCell::new([0; 8]), next: Cell::new(0), big: true };
impl Ring {
    pub fn put(&self, v: u32) { let at = self.next.get(); if !self.big { unsafe { (*self.data.get())[at] = v; } } self.next.set(if self.big { 100 } else { (at + 1) % 8 }); }
    pub fn absorb(&self, other: &Ring) { self.next.set(other.next.get()) }
}

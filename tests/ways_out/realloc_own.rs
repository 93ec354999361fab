use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
#[repr(C, align(16))]
pub struct Arena { memory: UnsafeCell<[u8; 64]>, next: Cell<usize> }
unsafe impl Sync for Arena {}
pub static ARENA: Arena = Arena { memory: UnsafeCell::new([0; 64]), next: Cell::new(0) };
impl Arena { fn give(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 16 { return core::ptr::null_mut(); }
        let start = (self.next.get() + layout.align() - 1) & !(layout.align() - 1);
        match start.checked_add(layout.size()) {
            Some(end) if end <= 64 => { self.next.set(end); unsafe { (self.memory.get() as *mut u8).add(start) } }
            _ => core::ptr::null_mut(),
        }
} }
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 { self.give(layout) }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    unsafe fn realloc(&self, _at: *mut u8, layout: Layout, _new_size: usize) -> *mut u8 { self.give(layout) }
}

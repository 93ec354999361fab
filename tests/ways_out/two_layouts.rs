use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
#[repr(C, align(16))]
pub struct Arena { memory: UnsafeCell<[u8; 64]>, next: Cell<usize> }
unsafe impl Sync for Arena {}
static ARENA: Arena = Arena { memory: UnsafeCell::new([0; 64]), next: Cell::new(0) };
pub fn grow(_at: *mut u8, new: Layout, old: Layout) -> *mut u8 {
    let _ = new;
    let start = (ARENA.next.get() + 15) & !15;
    if old.align() > 16 || old.size() > 64 || start + old.size() > 64 { return core::ptr::null_mut(); }
    ARENA.next.set(start + old.size());
    unsafe { (ARENA.memory.get() as *mut u8).add(start) }
}

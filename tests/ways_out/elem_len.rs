use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
#[repr(C, align(16))]
pub struct Arena { memory: UnsafeCell<[u8; 64]>, next: Cell<usize> }
unsafe impl Sync for Arena {}
static ARENA: Arena = Arena { memory: UnsafeCell::new([0; 64]), next: Cell::new(0) };
pub fn array(element: Layout, len: usize) -> *mut u8 {
    let start = (ARENA.next.get() + 15) & !15;
    if len == 0 || element.align() > 16 || element.size() > 64 || start + element.size() > 64 { return core::ptr::null_mut(); }
    ARENA.next.set(start + element.size());
    unsafe { (ARENA.memory.get() as *mut u8).add(start) }
}

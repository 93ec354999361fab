//! Bitmap pool.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

const BLOCKS: usize = 12;
static USED: AtomicU32 = AtomicU32::new(0);
#[repr(C, align(8))]
struct Memory(UnsafeCell<[[u8; 64]; BLOCKS]>);
unsafe impl Sync for Memory {}
static MEMORY: Memory = Memory(UnsafeCell::new([[0; 64]; BLOCKS]));

pub struct Block {
    index: usize,
}

pub fn allocate() -> Option<Block> {
    let used = USED.load(Ordering::Relaxed);
    let index = (!used).trailing_zeros() as usize;
    if index >= BLOCKS {
        return None;
    }
    USED.store(used | 1 << index, Ordering::Relaxed);
    Some(Block { index })
}
impl Block {
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        let at = unsafe { (MEMORY.0.get() as *mut u8).add(self.index * 64) };
        unsafe { core::slice::from_raw_parts_mut(at, 64) }
    }
    pub fn fill(&mut self, value: u8) {
        unsafe { (*MEMORY.0.get())[self.index].fill(value) }
    }
}
impl Drop for Block {
    fn drop(&mut self) {
        USED.fetch_and(!(1 << self.index), Ordering::Release);
    }
}
pub fn in_use() -> u32 {
    USED.load(Ordering::Relaxed).count_ones()
}

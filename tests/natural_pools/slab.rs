//! A slab of fixed blocks with a free list of indices.
use core::cell::{Cell, UnsafeCell};
use core::num::NonZeroU8;

const N: usize = 3;
const BLOCK: usize = 32;

struct Slab {
    memory: UnsafeCell<[[u8; BLOCK]; N]>,
    /// Index of the next free block, plus one.
    next: [Cell<Option<NonZeroU8>>; N],
    first: Cell<Option<NonZeroU8>>,
    fresh: Cell<u8>,
    used: Cell<usize>,
}
unsafe impl Sync for Slab {}

static SLAB: Slab = Slab {
    memory: UnsafeCell::new([[0; BLOCK]; N]),
    next: [const { Cell::new(None) }; N],
    first: Cell::new(None),
    fresh: Cell::new(0),
    used: Cell::new(0),
};

pub struct Handle(u8);

pub fn alloc() -> Option<Handle> {
    if let Some(first) = SLAB.first.get() {
        let index = first.get() - 1;
        SLAB.first.set(SLAB.next[index as usize].get());
        SLAB.used.set(SLAB.used.get() + 1);
        return Some(Handle(index));
    }
    let index = SLAB.fresh.get();
    if index as usize >= N {
        return None;
    }
    SLAB.fresh.set(index + 1);
    SLAB.used.set(SLAB.used.get() + 1);
    Some(Handle(index))
}
impl Handle {
    pub fn clear(&mut self) {
        unsafe { (*SLAB.memory.get())[self.0 as usize].fill(0) };
    }
}
impl Drop for Handle {
    fn drop(&mut self) {
        SLAB.next[self.0 as usize].set(SLAB.first.get());
        SLAB.first.set(NonZeroU8::new(self.0 + 1));
        SLAB.used.set(SLAB.used.get() - 1);
    }
}

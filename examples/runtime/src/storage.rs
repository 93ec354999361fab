//! Memory that can be lent: a heap block, a slot inside its owner, a block of a static pool.

use std::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomPinned;
use std::mem::{size_of, MaybeUninit};
use std::ptr::NonNull;

/// # Safety
/// `base` is aligned and good for `capacity` items, and stays the same as long as the storage is not moved.
pub unsafe trait Storage<L> {
    fn base(&mut self) -> *mut L;
    fn capacity(&self) -> usize;
}

/// A heap block of fixed size: it never grows, so that it cannot grow while lent.
pub struct Heap<L> {
    block: NonNull<L>,
    capacity: usize,
}

impl<L> Heap<L> {
    pub fn new(capacity: usize) -> Self {
        // Keeps extent: `Layout::array` fails where count * size would wrap.
        let layout = Layout::array::<L>(capacity).expect("a buffer smaller than memory");
        if layout.size() == 0 {
            return Heap { block: NonNull::dangling(), capacity };
        }
        match NonNull::new(unsafe { alloc(layout) }.cast::<L>()) {
            Some(block) => Heap { block, capacity },
            None => handle_alloc_error(layout),
        }
    }
}

unsafe impl<L> Storage<L> for Heap<L> {
    fn base(&mut self) -> *mut L {
        self.block.as_ptr()
    }

    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<L> Drop for Heap<L> {
    fn drop(&mut self) {
        let size = self.capacity * size_of::<L>();
        if size != 0 {
            let layout = unsafe { Layout::from_size_align_unchecked(size, std::mem::align_of::<L>()) };
            unsafe { dealloc(self.block.as_ptr().cast::<u8>(), layout) }
        }
    }
}

/// One item, inside its owner: no allocation, but an address that holds only while the owner is pinned.
pub struct Inline<L> {
    slot: UnsafeCell<MaybeUninit<L>>,
    _pinned: PhantomPinned,
}

impl<L> Inline<L> {
    pub fn new() -> Self {
        Inline { slot: UnsafeCell::new(MaybeUninit::uninit()), _pinned: PhantomPinned }
    }
}

impl<L> Default for Inline<L> {
    fn default() -> Self {
        Inline::new()
    }
}

unsafe impl<L> Storage<L> for Inline<L> {
    fn base(&mut self) -> *mut L {
        self.slot.get().cast::<L>()
    }

    fn capacity(&self) -> usize {
        1
    }
}

pub const BLOCKS: usize = 4;
pub const BLOCK_ITEMS: usize = 8;

/// The pool: no heap at all. Components have one thread.
struct Pool {
    items: UnsafeCell<[[u32; BLOCK_ITEMS]; BLOCKS]>,
    taken: [Cell<bool>; BLOCKS],
}

unsafe impl Sync for Pool {}

static POOL: Pool = Pool {
    items: UnsafeCell::new([[0; BLOCK_ITEMS]; BLOCKS]),
    taken: [Cell::new(false), Cell::new(false), Cell::new(false), Cell::new(false)],
};

/// A block of the pool. Another operation gets the block only after this is dropped.
pub struct Pooled {
    block: usize,
}

impl Pooled {
    /// None when all blocks are out.
    pub fn take() -> Option<Self> {
        let mut block = 0;
        while block < BLOCKS {
            if !POOL.taken[block].get() {
                POOL.taken[block].set(true);
                return Some(Pooled { block });
            }
            block += 1;
        }
        None
    }
}

unsafe impl Storage<u32> for Pooled {
    fn base(&mut self) -> *mut u32 {
        unsafe { POOL.items.get().cast::<u32>().add(self.block * BLOCK_ITEMS) }
    }

    fn capacity(&self) -> usize {
        BLOCK_ITEMS
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        POOL.taken[self.block].set(false);
    }
}

//! Blocks that callers own: a `Block` is one of the pool, and gives it back when it is dropped.

use core::cell::{Cell, UnsafeCell};

const BLOCKS: usize = 4;
const BYTES: usize = 64;

struct Pool {
    memory: UnsafeCell<[[u8; BYTES]; BLOCKS]>,
    taken: [Cell<bool>; BLOCKS],
}

// The example is for one thread.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool {
    memory: UnsafeCell::new([[0; BYTES]; BLOCKS]),
    taken: [const { Cell::new(false) }; BLOCKS],
};

pub struct Block {
    place: usize,
}

impl Block {
    /// None while all blocks are out.
    pub fn take() -> Option<Self> {
        let mut place = 0;
        while place < BLOCKS {
            if !POOL.taken[place].replace(true) {
                return Some(Block { place });
            }
            place += 1;
        }
        None
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        unsafe { &mut (*POOL.memory.get())[self.place] }
    }

    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        unsafe { POOL.memory.get().cast::<u8>().add(self.place * BYTES) }
    }

    pub fn capacity(&self) -> usize {
        BYTES
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        POOL.taken[self.place].set(false);
    }
}

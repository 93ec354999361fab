//! An allocator that finds frees of lent memory, double frees, and uses of freed memory: freed blocks are poisoned and
//! kept, and no block is aligned better than was asked for. Only what the guest allocates is tracked.

use crate::{fault, lease};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

#[derive(Clone, Copy)]
struct Block {
    at: usize,
    size: usize,
    align: usize,
    live: bool,
}

const BLOCKS: usize = 1 << 16;
const POISON: u8 = 0xdd;

struct Table {
    blocks: UnsafeCell<[Block; BLOCKS]>,
    count: Cell<usize>,
    live: Cell<usize>,
    made: Cell<usize>,
}

/// Tests have one thread; the runner starts others only outside of tracking.
unsafe impl Sync for Table {}

static TABLE: Table = Table {
    blocks: UnsafeCell::new([Block { at: 0, size: 0, align: 0, live: false }; BLOCKS]),
    count: Cell::new(0),
    live: Cell::new(0),
    made: Cell::new(0),
};

thread_local! {
    static TRACKED: Cell<bool> = const { Cell::new(false) };
}

pub struct Tracker;

fn blocks() -> &'static mut [Block] {
    let all = unsafe { &mut *TABLE.blocks.get() };
    &mut all[..TABLE.count.get()]
}

/// From now on allocations of this thread are the guest's.
pub fn track() {
    TRACKED.with(|tracked| tracked.set(true));
}

struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        TRACKED.with(|tracked| tracked.set(self.0));
    }
}

/// What runs inside allocates for the host.
pub fn outside<R>(run: impl FnOnce() -> R) -> R {
    let _restore = Restore(TRACKED.with(|tracked| tracked.replace(false)));
    run()
}

/// What runs inside allocates for the guest: items that the host makes in its memory.
pub fn inside<R>(run: impl FnOnce() -> R) -> R {
    let _restore = Restore(TRACKED.with(|tracked| tracked.replace(true)));
    run()
}

/// How many blocks the guest has allocated so far.
pub fn allocations() -> usize {
    TABLE.made.get()
}

pub fn live_blocks() -> usize {
    TABLE.live.get()
}

/// Really frees what was kept, when nothing can refer to it.
pub fn sweep() {
    let mut kept = 0;
    for index in 0..TABLE.count.get() {
        let block = blocks()[index];
        if block.live {
            blocks()[kept] = block;
            kept += 1;
        } else {
            check_poison(&block);
            let start = (block.at - block.align) as *mut u8;
            unsafe { System.dealloc(start, padded(block.size, block.align)) };
        }
    }
    TABLE.count.set(kept);
}

/// Nobody has written to what was freed.
pub fn check_freed() {
    for block in blocks().iter().filter(|block| !block.live) {
        check_poison(block);
    }
}

fn check_poison(block: &Block) {
    let bytes = unsafe { std::slice::from_raw_parts(block.at as *const u8, block.size) };
    if bytes.iter().any(|&byte| byte != POISON) {
        fault("written-after-free", "a freed block has changed");
    }
}

/// Memory of the guest's heap must be one live block; the heap has nothing to say about other memory.
pub fn check_live(at: usize, size: usize, about: &str) {
    if size == 0 {
        return;
    }
    for block in blocks().iter().rev() {
        if at < block.at + block.size && block.at < at + size {
            if !block.live {
                fault("use-after-free", about);
            }
            if at < block.at || at + size > block.at + block.size {
                fault("trap-out-of-bounds", about);
            }
        }
    }
}

/// Whether any of the bytes were freed.
pub fn is_freed(at: usize, size: usize) -> bool {
    let touches = |block: &Block| at < block.at + block.size && block.at < at + size;
    blocks().iter().rev().any(|block| !block.live && touches(block))
}

/// Whether the bytes lie in a block that was not freed.
pub fn is_live(at: usize, size: usize) -> bool {
    blocks().iter().any(|block| block.live && block.at <= at && at + size <= block.at + block.size)
}

/// A block begins one alignment behind a place that is aligned twice as well: it is aligned as asked for, and no better.
fn padded(size: usize, align: usize) -> Layout {
    unsafe { Layout::from_size_align_unchecked(size + align, 2 * align) }
}

unsafe impl GlobalAlloc for Tracker {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !TRACKED.with(Cell::get) {
            return unsafe { System.alloc(layout) };
        }
        let start = unsafe { System.alloc(padded(layout.size(), layout.align())) };
        if start.is_null() {
            return start;
        }
        let block = unsafe { start.add(layout.align()) };
        let index = TABLE.count.get();
        if index == BLOCKS {
            fault("mock-host", "too many blocks");
        }
        TABLE.count.set(index + 1);
        TABLE.live.set(TABLE.live.get() + 1);
        TABLE.made.set(TABLE.made.get() + 1);
        blocks()[index] = Block { at: block as usize, size: layout.size(), align: layout.align(), live: true };
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let at = block as usize;
        if lease::overlaps(at, layout.size()) {
            fault("freed-while-lent", "the guest frees memory that the host may touch");
        }
        for known in blocks().iter_mut().rev() {
            if known.at == at {
                if !known.live {
                    fault("double-free", "the guest frees a block twice");
                }
                if known.size != layout.size() || known.align != layout.align() {
                    fault("wrong-layout", "the guest frees a block with another size");
                }
                known.live = false;
                TABLE.live.set(TABLE.live.get() - 1);
                unsafe { block.write_bytes(POISON, layout.size()) };
                return;
            }
        }
        unsafe { System.dealloc(block, layout) }
    }
}

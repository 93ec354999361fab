#![no_std]
//! A priority queue of deadlines: a binary heap in a static array.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

const CAPACITY: usize = 16;

#[derive(Clone, Copy)]
struct Entry {
    deadline: u32,
    task: u8,
}

struct Heap {
    entries: [Entry; CAPACITY],
    len: usize,
}

struct Shared(UnsafeCell<Heap>);
unsafe impl Sync for Shared {}

static HEAP: Shared = Shared(UnsafeCell::new(Heap { entries: [Entry { deadline: 0, task: 0 }; CAPACITY], len: 0 }));
static LOCKED: AtomicBool = AtomicBool::new(false);

fn locked<R>(f: impl FnOnce(&mut Heap) -> R) -> Option<R> {
    if LOCKED.swap(true, Ordering::Acquire) {
        return None;
    }
    let result = f(unsafe { &mut *HEAP.0.get() });
    LOCKED.store(false, Ordering::Release);
    Some(result)
}

pub fn insert(deadline: u32, task: u8) -> bool {
    locked(|heap| {
        if heap.len == CAPACITY {
            return false;
        }
        let mut at = heap.len;
        heap.entries[at] = Entry { deadline, task };
        heap.len += 1;
        while at > 0 {
            let parent = (at - 1) / 2;
            if heap.entries[parent].deadline <= heap.entries[at].deadline {
                break;
            }
            heap.entries.swap(parent, at);
            at = parent;
        }
        true
    })
    .unwrap_or(false)
}

pub fn pop() -> Option<(u32, u8)> {
    locked(|heap| {
        if heap.len == 0 {
            return None;
        }
        let first = heap.entries[0];
        heap.len -= 1;
        heap.entries[0] = heap.entries[heap.len];
        let mut at = 0;
        loop {
            let left = 2 * at + 1;
            if left >= heap.len {
                break;
            }
            let right = left + 1;
            let child = if right < heap.len && heap.entries[right].deadline < heap.entries[left].deadline { right } else { left };
            if heap.entries[at].deadline <= heap.entries[child].deadline {
                break;
            }
            heap.entries.swap(at, child);
            at = child;
        }
        Some((first.deadline, first.task))
    })
    .flatten()
}

#![no_std]
//! Events in a ring behind a lock; callers take as many as they have room for.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

const CAPACITY: usize = 4;

#[derive(Clone, Copy)]
pub struct Event {
    pub time: u32,
    pub kind: u8,
    pub data: [u8; 6],
}

struct Inner {
    events: [Event; CAPACITY],
    head: usize,
    len: usize,
    lost: u32,
}

pub struct Log {
    locked: AtomicBool,
    inner: UnsafeCell<Inner>,
}
unsafe impl Sync for Log {}

static LOG: Log = Log {
    locked: AtomicBool::new(false),
    inner: UnsafeCell::new(Inner {
        events: [Event {
            time: 0,
            kind: 0,
            data: [0; 6],
        }; CAPACITY],
        head: 0,
        len: 0,
        lost: 0,
    }),
};

impl Log {
    fn with<R>(&self, f: impl FnOnce(&mut Inner) -> R) -> Option<R> {
        if self.locked.swap(true, Ordering::Acquire) {
            return None;
        }
        let r = f(unsafe { &mut *self.inner.get() });
        self.locked.store(false, Ordering::Release);
        Some(r)
    }
}

pub fn record(e: Event) -> bool {
    LOG.with(|i| {
        if i.len == CAPACITY {
            i.head = (i.head + 1) % CAPACITY;
            i.len -= 1;
            i.lost = i.lost.saturating_add(1);
        }
        let at = (i.head + i.len) % CAPACITY;
        unsafe {
            *i.events.get_unchecked_mut(at) = e;
        }
        i.len += 1;
    })
    .is_some()
}

pub fn take() -> Option<Event> {
    LOG.with(|i| {
        if i.len == 0 {
            return None;
        }
        let e = unsafe { *i.events.as_ptr().add(i.head) };
        i.head = if i.head + 1 == CAPACITY {
            0
        } else {
            i.head + 1
        };
        i.len -= 1;
        Some(e)
    })?
}

pub fn drain(into: &mut [Event]) -> usize {
    let mut n = 0;
    while n < into.len() {
        match take() {
            Some(e) => {
                into[n] = e;
                n += 1;
            }
            None => break,
        }
    }
    n
}

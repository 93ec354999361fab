//! A queue like heapless'.
use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;

pub struct Queue<T, const N: usize> {
    buffer: UnsafeCell<[MaybeUninit<T>; N]>,
    head: Cell<usize>,
    len: Cell<usize>,
}
unsafe impl<T: Send, const N: usize> Sync for Queue<T, N> {}

impl<T: Copy, const N: usize> Queue<T, N> {
    const INIT: MaybeUninit<T> = MaybeUninit::uninit();
    pub const fn new() -> Self {
        Queue { buffer: UnsafeCell::new([Self::INIT; N]), head: Cell::new(0), len: Cell::new(0) }
    }
    pub fn capacity(&self) -> usize { N }
    pub fn len(&self) -> usize { self.len.get() }
    pub fn is_full(&self) -> bool { self.len.get() == N }
    pub fn enqueue(&self, item: T) -> Result<(), T> {
        if self.is_full() {
            return Err(item);
        }
        let at = (self.head.get() + self.len.get()) % N;
        unsafe { (*self.buffer.get()).get_unchecked_mut(at).write(item) };
        self.len.set(self.len.get() + 1);
        Ok(())
    }
    pub fn dequeue(&self) -> Option<T> {
        if self.len.get() == 0 {
            return None;
        }
        let at = self.head.get();
        self.head.set(if at + 1 == N { 0 } else { at + 1 });
        self.len.set(self.len.get() - 1);
        Some(unsafe { (*self.buffer.get()).get_unchecked(at).assume_init_read() })
    }
}

#[derive(Clone, Copy)]
pub enum Event { Button(u8), Timer, Packet { length: u16 } }

static EVENTS: Queue<Event, 2> = Queue::new();
static BYTES: Queue<u8, 3> = Queue::new();

pub fn post(event: Event) -> bool { EVENTS.enqueue(event).is_ok() }
pub fn next() -> Option<Event> { EVENTS.dequeue() }
pub fn put(byte: u8) -> bool { BYTES.enqueue(byte).is_ok() }
pub fn get() -> Option<u8> { BYTES.dequeue() }

//! UART receive ring: filled by the interrupt handler, drained by the main loop.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

const SIZE: usize = 4;
const MASK: usize = SIZE - 1;

pub struct RxRing {
    buffer: [AtomicU8; SIZE],
    head: AtomicUsize,
    tail: AtomicUsize,
}

impl RxRing {
    const fn new() -> Self {
        const ZERO: AtomicU8 = AtomicU8::new(0);
        RxRing { buffer: [ZERO; SIZE], head: AtomicUsize::new(0), tail: AtomicUsize::new(0) }
    }
    fn push(&self, byte: u8) -> Result<(), u8> {
        let head = self.head.load(Ordering::Relaxed);
        let tail = self.tail.load(Ordering::Acquire);
        if head.wrapping_sub(tail) >= SIZE {
            return Err(byte);
        }
        self.buffer[head & MASK].store(byte, Ordering::Relaxed);
        self.head.store(head.wrapping_add(1), Ordering::Release);
        Ok(())
    }
    fn pop(&self) -> Option<u8> {
        let tail = self.tail.load(Ordering::Relaxed);
        let head = self.head.load(Ordering::Acquire);
        if head == tail {
            return None;
        }
        let byte = self.buffer[tail & MASK].load(Ordering::Relaxed);
        self.tail.store(tail.wrapping_add(1), Ordering::Release);
        Some(byte)
    }
}
static RX: RxRing = RxRing::new();

pub struct Tx {
    buffer: UnsafeCell<[u8; 6]>,
    head: AtomicUsize,
    tail: AtomicUsize,
}
unsafe impl Sync for Tx {}
static TX: Tx = Tx { buffer: UnsafeCell::new([0; 6]), head: AtomicUsize::new(0), tail: AtomicUsize::new(0) };

#[no_mangle]
pub extern "C" fn USART1_IRQHandler(data: u32) {
    let _ = RX.push(data as u8);
}
pub fn read() -> Option<u8> {
    RX.pop()
}
pub fn write(byte: u8) -> bool {
    let head = TX.head.load(Ordering::Relaxed);
    let next = (head + 1) % 6;
    if next == TX.tail.load(Ordering::Acquire) {
        return false;
    }
    unsafe { (*TX.buffer.get())[head] = byte };
    TX.head.store(next, Ordering::Release);
    true
}
pub fn next_to_send() -> Option<u8> {
    let tail = TX.tail.load(Ordering::Relaxed);
    if tail == TX.head.load(Ordering::Acquire) {
        return None;
    }
    let byte = unsafe { *(TX.buffer.get() as *const u8).add(tail) };
    TX.tail.store(if tail + 1 == 6 { 0 } else { tail + 1 }, Ordering::Release);
    Some(byte)
}

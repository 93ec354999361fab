#![no_std]
//! Two directions of a serial port: callers send and receive any number of bytes, and see what lies in one piece.
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

pub struct Port<const N: usize> {
    data: UnsafeCell<[u8; N]>,
    head: AtomicUsize,
    tail: AtomicUsize,
}

unsafe impl<const N: usize> Sync for Port<N> {}

impl<const N: usize> Port<N> {
    const fn new() -> Self {
        Self {
            data: UnsafeCell::new([0; N]),
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
        }
    }

    fn push(&self, byte: u8) -> Result<(), u8> {
        let tail = self.tail.load(Ordering::Relaxed);
        let next = if tail == N - 1 { 0 } else { tail + 1 };
        if next == self.head.load(Ordering::Acquire) {
            return Err(byte);
        }
        unsafe { (self.data.get() as *mut u8).add(tail).write(byte) };
        self.tail.store(next, Ordering::Release);
        Ok(())
    }

    fn chunk(&self) -> &[u8] {
        let head = self.head.load(Ordering::Relaxed);
        let tail = self.tail.load(Ordering::Acquire);
        let end = if tail >= head { tail } else { N };
        unsafe { core::slice::from_raw_parts((self.data.get() as *const u8).add(head), end - head) }
    }

    fn consume(&self, count: usize) {
        let count = count.min(self.chunk().len());
        let head = self.head.load(Ordering::Relaxed) + count;
        self.head
            .store(if head >= N { head - N } else { head }, Ordering::Release);
    }
}

static TX: Port<8> = Port::new();
static RX: Port<4> = Port::new();

pub fn send(bytes: &[u8]) -> usize {
    let mut sent = 0;
    for byte in bytes {
        if TX.push(*byte).is_err() {
            break;
        }
        sent += 1;
    }
    sent
}

pub fn transmit(most: usize) -> u8 {
    let sum = TX.chunk().first().copied().unwrap_or(0);
    TX.consume(most);
    sum
}

pub fn received(byte: u8) {
    let _ = RX.push(byte);
}

pub fn receive(into: &mut [u8]) -> usize {
    let mut count = 0;
    while count < into.len() {
        let Some(byte) = RX.chunk().first().copied() else {
            break;
        };
        RX.consume(1);
        into[count] = byte;
        count += 1;
    }
    count
}

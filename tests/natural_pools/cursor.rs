#![no_std]
//! A ring that runs are written to, and lines of a display: loops move a cursor of their own, which is stored at the end.
use core::cell::{Cell, UnsafeCell};

const SIZE: usize = 6;

struct Ring {
    bytes: UnsafeCell<[u8; SIZE]>,
    head: Cell<usize>,
    written: Cell<u32>,
}
unsafe impl Sync for Ring {}
static RING: Ring = Ring { bytes: UnsafeCell::new([0; SIZE]), head: Cell::new(0), written: Cell::new(0) };

pub fn write(data: &[u8]) {
    let mut at = RING.head.get();
    for &byte in data {
        unsafe { (*RING.bytes.get())[at] = byte };
        at = if at + 1 == SIZE { 0 } else { at + 1 };
    }
    RING.head.set(at);
    RING.written.set(RING.written.get().wrapping_add(data.len() as u32));
}

/// As the compressed form has it: the same byte so many times.
pub fn run(byte: u8, count: u16) {
    let bytes = unsafe { &mut *RING.bytes.get() };
    let mut at = RING.head.get();
    let mut left = count;
    while left > 0 {
        bytes[at] = byte;
        at += 1;
        if at == SIZE {
            at = 0;
        }
        left -= 1;
    }
    RING.head.set(at);
}

static mut PIXELS: [[bool; 5]; 3] = [[false; 5]; 3];

/// A line that bounces at the borders.
pub fn line(row: usize, column: usize, length: u32) {
    if row >= 3 || column >= 5 {
        return;
    }
    let (mut row, mut column, mut down) = (row, column, true);
    for _ in 0..length {
        unsafe { PIXELS[row][column] = true };
        if row == 2 {
            down = false;
        } else if row == 0 {
            down = true;
        }
        row = if down { row + 1 } else { row - 1 };
        column = if column < 4 { column + 1 } else { 0 };
    }
}

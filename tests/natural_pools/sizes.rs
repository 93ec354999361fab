#![no_std]
//! Small and large blocks, each size with a free list of its own.
use core::cell::UnsafeCell;

const SMALL: usize = 4;
const LARGE: usize = 2;
const NIL: u8 = 0xff;

struct Pools {
    small: UnsafeCell<[[u8; 16]; SMALL]>,
    large: UnsafeCell<[[u8; 64]; LARGE]>,
    small_next: UnsafeCell<[u8; SMALL]>,
    large_next: UnsafeCell<[u8; LARGE]>,
    small_free: UnsafeCell<u8>,
    large_free: UnsafeCell<u8>,
}
unsafe impl Sync for Pools {}
static POOLS: Pools = Pools {
    small: UnsafeCell::new([[0; 16]; SMALL]),
    large: UnsafeCell::new([[0; 64]; LARGE]),
    small_next: UnsafeCell::new([1, 2, 3, NIL]),
    large_next: UnsafeCell::new([1, NIL]),
    small_free: UnsafeCell::new(0),
    large_free: UnsafeCell::new(0),
};

pub struct Small {
    at: u8,
}

impl Small {
    pub fn take() -> Option<Small> {
        unsafe {
            let at = *POOLS.small_free.get();
            if at == NIL {
                return None;
            }
            *POOLS.small_free.get() = (*POOLS.small_next.get())[at as usize];
            Some(Small { at })
        }
    }

    pub fn bytes(&mut self) -> &mut [u8; 16] {
        unsafe { &mut (*POOLS.small.get())[self.at as usize] }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        unsafe {
            (*POOLS.small_next.get())[self.at as usize] = *POOLS.small_free.get();
            *POOLS.small_free.get() = self.at;
        }
    }
}

pub fn large() -> Option<&'static mut [u8; 64]> {
    unsafe {
        let at = *POOLS.large_free.get();
        if at == NIL {
            return None;
        }
        *POOLS.large_free.get() = (*POOLS.large_next.get())[at as usize];
        Some(&mut (*POOLS.large.get())[at as usize])
    }
}

//! Blocks that are handed out one after the other, by a pointer to the first or one that is moved over blocks.
use core::cell::UnsafeCell;

struct Pool(UnsafeCell<[[u8; 16]; 4]>);
unsafe impl Sync for Pool {}
static FIRST: Pool = Pool(UnsafeCell::new([[0; 16]; 4]));
static OTHER: Pool = Pool(UnsafeCell::new([[0; 16]; 4]));
static mut NEXT: usize = 0;
static mut OTHERS: usize = 0;

pub fn take() -> *mut u8 {
    unsafe {
        let i = NEXT;
        if i >= 4 {
            return core::ptr::null_mut();
        }
        NEXT = i + 1;
        (*FIRST.0.get()).as_mut_ptr().add(i) as *mut u8
    }
}

pub fn take_other() -> *mut u8 {
    unsafe {
        let i = OTHERS;
        if i == 4 {
            return core::ptr::null_mut();
        }
        OTHERS = i + 1;
        (&raw mut (*OTHER.0.get())[0]).add(i) as *mut u8
    }
}

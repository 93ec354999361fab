//! A client of heapless: eight messages of 32 bytes from a box pool (a Treiber stack of free blocks).
#![no_std]

use core::arch::wasm32::unreachable;
use core::ptr::addr_of_mut;
use heapless::box_pool;
use heapless::pool::boxed::{Box, BoxBlock};

type Message = [u64; 4];

box_pool!(Messages: Message);

const FREE: BoxBlock<Message> = BoxBlock::new();
#[no_mangle]
pub static mut BLOCKS: [BoxBlock<Message>; 8] = [FREE; 8];
#[no_mangle]
pub static mut MANAGED: bool = false;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

#[no_mangle]
pub unsafe extern "C" fn take() -> *mut Message {
    if !MANAGED {
        for block in (*addr_of_mut!(BLOCKS)).iter_mut() {
            Messages.manage(block);
        }
        MANAGED = true;
    }
    match Messages.alloc([0; 4]) {
        Ok(message) => Box::into_raw(message),
        Err(_) => unreachable(),
    }
}

#[no_mangle]
pub unsafe extern "C" fn release(message: *mut Message) {
    drop(Box::<Messages>::from_raw(message));
}

//! A buffer and a counter for each client, in tables indexed by an enum. Each `cfg` is one defect: corpus.toml says what it breaks.
#![no_std]

use core::arch::wasm32::unreachable;

#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Client {
    Clock,
    Radio,
    Sensor,
    Storage,
    Display,
    Watchdog,
}

const CLIENTS: usize = Client::Watchdog as usize + 1;
const BUFFERS: usize = if cfg!(buffers_shorter_than_enum) { CLIENTS - 1 } else { CLIENTS };
const COUNTERS: usize = if cfg!(counters_shorter_than_enum) { CLIENTS - 1 } else { CLIENTS };
const BUFFER_BYTES: usize = 40;

#[repr(align(8))]
pub struct Buffers([[u8; BUFFER_BYTES]; BUFFERS]);

#[no_mangle]
pub static mut BUSY: [bool; CLIENTS] = [false; CLIENTS];
#[no_mangle]
pub static mut POOL: Buffers = Buffers([[0; BUFFER_BYTES]; BUFFERS]);
#[no_mangle]
pub static mut SENT: [u32; COUNTERS] = [0; COUNTERS];

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

/// The client of that number; a number that no client has is a trap.
fn client(number: u32) -> usize {
    let known = if cfg!(compared_signed) { (number as i32) < CLIENTS as i32 } else { number < CLIENTS as u32 };
    if !cfg!(number_not_checked) && !known {
        unreachable();
    }
    number as usize
}

/// The client's own buffer, until it is released.
#[no_mangle]
pub unsafe extern "C" fn take(number: u32) -> *mut u8 {
    let client = client(number);
    let busy = BUSY.as_mut_ptr().add(client);
    if !cfg!(busy_not_checked) && *busy {
        unreachable();
    }
    *busy = true;
    POOL.0.as_mut_ptr().add(client) as *mut u8
}

#[no_mangle]
pub unsafe extern "C" fn release(block: *const u8) {
    let at = (block as usize).wrapping_sub(POOL.0.as_ptr() as usize);
    let client = at / BUFFER_BYTES;
    if at % BUFFER_BYTES != 0 || client >= CLIENTS || !BUSY[client] {
        unreachable();
    }
    BUSY[client] = false;
}

#[no_mangle]
pub unsafe extern "C" fn count(number: u32, bytes: u32) {
    let sent = SENT.as_mut_ptr().add(client(number));
    *sent = (*sent).wrapping_add(bytes);
}

//! Rows that are read and written as registers are, and states that are compared.
static mut DESC: [[u32; 4]; 4] = [[0; 4]; 4];
static mut HEAD: u8 = 0;
#[derive(Clone, Copy, PartialEq, Eq)]
enum State { Free, Busy }
static mut STATES: [State; 4] = [State::Free; 4];
pub fn mark(i: usize) -> bool {
    unsafe {
        let p = &raw mut STATES;
        if i >= 4 || (*p)[i] == State::Busy { return false; }
        (*p)[i] = State::Busy;
        true
    }
}
pub fn poll() -> u32 {
    unsafe {
        let head = core::ptr::read_volatile(&raw const HEAD) as usize;
        let d = (&raw mut DESC as *mut [u32; 4]).add(head);
        let p = d as *mut u32;
        p.add(3).write_volatile(1);
        core::ptr::write_volatile(&raw mut HEAD, ((head + 1) & 3) as u8);
        p.read_volatile()
    }
}
pub fn sum() -> u32 { let mut n = 0u32; for i in 0..=3 { n = n.wrapping_add(unsafe { DESC[i][0] }); } n }
pub fn clear() { unsafe { for row in (*(&raw mut DESC)).iter_mut() { row.fill(0); } } }

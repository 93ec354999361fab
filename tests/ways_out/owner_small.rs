use core::cell::{Cell, UnsafeCell};
struct Pool { memory: UnsafeCell<[[u8; 4]; 2]>, taken: [Cell<bool>; 2] }
unsafe impl Sync for Pool {}
static POOL: Pool = Pool { memory: UnsafeCell::new([[0; 4]; 2]), taken: [const { Cell::new(false) }; 2] };
pub struct Lease { place: usize }
impl Lease {
    pub fn take() -> Option<Self> {
        let mut place = 0;
        while place < 2 { if !POOL.taken[place].replace(true) { return Some(Lease { place }); } place += 1; }
        None
    }
    pub fn bytes(&mut self) -> &mut [u8] { unsafe { &mut (*POOL.memory.get())[self.place] } }
    pub fn set(&mut self, v: u8) { unsafe { (*POOL.memory.get())[self.place][0] = v; } }
}
impl Drop for Lease { fn drop(&mut self) { POOL.taken[self.place].set(false); } }

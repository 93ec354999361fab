use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
struct P(UnsafeCell<[[u8; 8]; 4]>);
unsafe impl Sync for P {}
static DATA: P = P(UnsafeCell::new([[0; 8]; 4]));
static USED: [AtomicBool; 4] = [const { AtomicBool::new(false) }; 4];
pub struct Lease { place: usize }
impl Lease {
    pub fn take() -> Option<Lease> {
        let mut place = 0;
        while place < 4 { if USED[place].compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire).is_ok() { return Some(Lease { place }); } place += 1; }
        None
    }
    pub fn bytes(&mut self) -> &mut [u8; 8] { unsafe { &mut (*DATA.0.get())[self.place] } }
    pub fn set(&mut self, at: usize, v: u8) { if at < 8 { unsafe { (*DATA.0.get())[self.place][at] = v; } } }
}
impl Drop for Lease { fn drop(&mut self) { USED[self.place].store(false, Ordering::Release); } }

#[derive(Clone, Copy)] pub struct Slot { data: [u8; 8] }
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
static mut USED: [bool; 3] = [false; 3];
pub unsafe fn w(s: *mut u8, at: usize) { *(s as *mut Slot).cast::<u8>().add(at) = 1 }
pub unsafe fn w2(s: *mut u8, at: usize) { (*s.cast::<Slot>()).data[at] = 1 }

#[derive(Clone, Copy)]
pub struct Slot { data: [u8; 8] }
static mut USED: [bool; 3] = [false; 3];
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
impl Slot { pub fn write(&mut self, at: usize, b: u8) { if at < 8 { self.data[at] = b } } }

pub unsafe fn slot_write(p: usize, at: usize, b: u8) { let s = &mut *(p as *mut Slot); s.data[at] = b; }

#[derive(Clone, Copy)] pub struct Slot { data: [u8; 8] }
static mut USED: [bool; 3] = [false; 3];
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
pub struct Handle { p: *mut u8 }
impl Handle { pub fn w(&self, at: usize) { unsafe { (*(self.p as *mut Slot)).data[at] = 1 } } pub fn of(s: &'static mut Slot) -> Handle { Handle { p: s as *mut Slot as *mut u8 } } }

#[derive(Clone, Copy)] pub struct Slot { data: [u8; 8] }
static mut USED: [bool; 3] = [false; 3];
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
pub trait Bytes { fn b(&mut self) -> &mut [u8; 8]; fn poke(&mut self, at: usize) { self.b()[at] = 1 } }
impl Bytes for Slot { fn b(&mut self) -> &mut [u8; 8] { &mut self.data } }

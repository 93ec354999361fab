#[derive(Clone, Copy)]
pub struct Slot { used: bool, data: [u8; 8] }
static mut POOL: [Slot; 3] = [Slot { used: false, data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = POOL.iter().position(|s| !s.used)?; POOL[at].used = true; Some(&mut POOL[at]) } }
impl Slot { pub fn write(&mut self, at: usize, b: u8) { if at < 8 { self.data[at] = b } } }
pub trait Own { fn slot(&mut self) -> &mut Slot; fn poke(&mut self, at: usize) { self.slot().data[at] = 1; } }
#[derive(Clone, Copy)]
pub struct Inner { data: [u8; 8] }
impl Inner { pub fn poke(&mut self, at: usize) { self.data[at] = 1 } }
#[derive(Clone, Copy)]
pub struct Slot { used: bool, pub inner: Inner }
static mut POOL: [Slot; 3] = [Slot { used: false, inner: Inner { data: [0; 8] } }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = POOL.iter().position(|s| !s.used)?; POOL[at].used = true; Some(&mut POOL[at]) } }

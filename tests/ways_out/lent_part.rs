pub struct Inner { data: [u8; 8] }
impl Inner { pub fn poke(&mut self, at: usize) { self.data[at] = 1 } }
pub struct Slot { used: bool, pub inner: Inner }
static mut POOL: [Slot; 3] = [const { Slot { used: false, inner: Inner { data: [0; 8] } } }; 3];
pub fn get(at: usize) -> Option<&'static mut Slot> {
    unsafe { if at < 3 { POOL[at].used = true; Some(&mut POOL[at]) } else { None } }
}

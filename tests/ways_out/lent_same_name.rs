pub struct Deep { data: [u8; 8] }
impl Deep { pub fn poke(&mut self, at: usize) { unsafe { *self.data.get_unchecked_mut(at) = 1 } } }
pub mod a { pub struct Inner { pub deep: super::Deep } }
pub mod b { pub struct Inner { pub x: u8 } }
pub struct Slot { used: bool, pub inner: a::Inner }
impl Slot { pub fn use_it(&mut self, at: usize) { if at < 8 { self.inner.deep.data[at] = 2 } } }
static mut POOL: [Slot; 3] = [const { Slot { used: false, inner: a::Inner { deep: Deep { data: [0; 8] } } } }; 3];
pub fn get(at: usize) -> Option<&'static mut Slot> {
    unsafe { if at < 3 { POOL[at].used = true; Some(&mut POOL[at]) } else { None } }
}

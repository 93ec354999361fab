#[derive(Clone, Copy)] pub struct Slot { data: [u8; 8] }
static mut USED: [bool; 3] = [false; 3];
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
pub trait B { fn b(&mut self) -> &mut [u8; 8]; }
impl B for Slot { fn b(&mut self) -> &mut [u8; 8] { &mut self.data } }
pub trait Poke { fn poke(&mut self, at: usize); }
impl<T: B> Poke for T { fn poke(&mut self, at: usize) { self.b()[at] = 1 } }

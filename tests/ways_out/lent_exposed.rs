#[derive(Clone, Copy)] pub struct Slot { data: [u8; 8] }
static mut USED: [bool; 3] = [false; 3];
static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];
pub fn acquire() -> Option<&'static mut Slot> { unsafe { let at = USED.iter().position(|s| !*s)?; USED[at] = true; Some(&mut POOL[at]) } }
impl Slot { fn of(a: usize) -> &'static mut Slot { unsafe { &mut *core::ptr::with_exposed_provenance_mut(a) } } }
pub fn poke(a: usize, at: usize) { Slot::of(a).data[at] = 1 }

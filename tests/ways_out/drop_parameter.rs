use std::cell::{RefCell, RefMut};
pub struct Slot { pub used: bool }
struct Bytes(RefCell<[u8; 8]>, RefCell<usize>);
unsafe impl Sync for Bytes {}
static S: Bytes = Bytes(RefCell::new([0; 8]), RefCell::new(0));
fn eat<Slot>(_slot: Slot) {}
fn eaten() -> bool { eat::<RefMut<usize>>(S.1.borrow_mut()); true }
pub fn first() -> u8 { S.0.borrow()[0] }
pub fn get(at: usize) -> u8 { if eaten() { S.1.replace(at); S.0.borrow()[at] } else { 0 } }

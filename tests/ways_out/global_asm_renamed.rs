static mut A: [u8; 8] = [0; 8];
static mut I: usize = 0;
mod m { pub(super) extern "C" fn set(i: usize) { unsafe { super::I = i } } }
pub fn ok(i: usize) { if i < 8 { m::set(i) } }
mod k { use core::arch::global_asm as g; g!(".globl entry_x", "entry_x: jmp {s}", s = sym super::m::set); }
pub fn get() -> u8 { unsafe { *(&raw const A as *const u8).add(I) } }

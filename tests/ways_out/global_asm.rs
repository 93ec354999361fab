static mut A: [u8; 8] = [0; 8];
static mut I: usize = 0;
extern "C" fn set(i: usize) { unsafe { I = i } }
core::arch::global_asm!(".globl entry_x", "entry_x: jmp {}", sym set);
pub fn get() -> u8 { unsafe { *(&raw const A as *const u8).add(I) } }

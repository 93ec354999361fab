static mut A: [u8; 8] = [0; 8];
static mut N: usize = 0;
core::arch::global_asm!(".globl bump", "bump: mov qword ptr [rip + {}], 9", "ret", sym N);
pub fn f() { unsafe { *(&raw mut A as *mut u8).add(N) = 1; } }

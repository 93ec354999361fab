static mut A: [u8; 8] = [0; 8];
static mut N: usize = 0;
pub fn g() { unsafe { core::arch::asm!("mov qword ptr [rip + {}], 9", sym N); } }
pub fn f() { unsafe { *(&raw mut A as *mut u8).add(N) = 1; } }

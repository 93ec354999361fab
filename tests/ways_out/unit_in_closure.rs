static mut A: [u8; 16] = [0; 16];
static mut NEXT: usize = 0;
unsafe fn adv<T>(p: *mut T, i: usize) -> *mut T { let f = |n: usize| unsafe { p.add(n) }; f(i) }
pub fn take(size: usize) -> *mut () { unsafe { if size > 16 - NEXT { return core::ptr::null_mut(); } let i = NEXT; NEXT += size; adv(A.as_mut_ptr() as *mut (), i) } }

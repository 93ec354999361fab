static mut A: [u8; 16] = [0; 16];
static mut NEXT: usize = 0;
pub fn take(size: usize) -> *mut () { unsafe { if size > 16 - NEXT { return core::ptr::null_mut(); } let i = NEXT; NEXT += size; (A.as_mut_ptr() as *mut ()).add(i) } }

static mut A: [u8; 16] = [0; 16];
static mut NEXT: usize = 0;
pub fn take(size: usize) -> *mut () { unsafe { if size > 16 - NEXT { return core::ptr::null_mut(); } let i = NEXT; NEXT += size; let s = core::slice::from_raw_parts_mut(A.as_mut_ptr() as *mut (), 16); s.get_unchecked_mut(i) as *mut () } }

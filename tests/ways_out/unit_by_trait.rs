static mut A: [u8; 16] = [0; 16];
static mut NEXT: usize = 0;
trait Ty { type T; } pub struct W; impl Ty for W { type T = (); }
unsafe fn adv<X: Ty>(p: *mut X::T, i: usize) -> *mut X::T { p.add(i) }
pub fn take(size: usize) -> *mut () { unsafe { if size > 16 - NEXT { return core::ptr::null_mut(); } let i = NEXT; NEXT += size; adv::<W>(A.as_mut_ptr() as *mut (), i) } }

static mut GUARD: usize = 9;
static mut A: [u8; 3] = [0; 3];
static mut B: [u8; 4] = [0; 4];
pub fn f() -> u8 { unsafe {
  let e: [u8; 0] = [];
  A.iter().map(|x| { GUARD = 0; *x }).zip(e.iter()).for_each(|_| ());
  B[GUARD]
} }

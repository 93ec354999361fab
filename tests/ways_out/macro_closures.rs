macro_rules! add { ($v:expr, $n:literal) => { $v.map(|x: usize| x + $n) } }
static mut A: [u8; 8] = [0; 8];
pub fn f(i: Option<usize>) { let b = add!(i.filter(|x| *x < 4), 40); let a = add!(i.filter(|x| *x < 4), 4);  if let (Some(a), Some(b)) = (a, b) { unsafe { *(&raw mut A as *mut u8).add(a) = 1; *(&raw mut A as *mut u8).add(b) = 1; } } }

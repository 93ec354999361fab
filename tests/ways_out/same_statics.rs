macro_rules! singleton { ($t:ty = $e:expr) => {{ static mut VAR: $t = $e; unsafe { &mut *(&raw mut VAR) } }} }
pub fn f(i: usize) { let b = singleton!([u8; 4] = [0; 4]); let a = singleton!([u8; 16] = [0; 16]);  if i < 16 { a[i] = 1; unsafe { *b.get_unchecked_mut(i) = 1; } } }

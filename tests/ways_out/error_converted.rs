static mut A: [u8; 8] = [0; 8];
struct One(usize);
struct Other(usize);
impl From<One> for Other { fn from(e: One) -> Other { Other(e.0 + 100) } }
fn first(x: u8) -> Result<u8, One> { if x > 3 { Err(One(3)) } else { Ok(x) } }
fn second(x: u8) -> Result<u8, Other> { Ok(first(x)? + 1) }
pub fn get(x: u8) -> u8 { match second(x) { Ok(n) => n, Err(e) => unsafe { *(&raw const A as *const u8).add(e.0) } } }

use core::cell::Cell;
struct S { cur: Cell<Option<usize>>, data: [Cell<u8>; 4] }
unsafe impl Sync for S {}
static CUR: S = S { cur: Cell::new(None), data: [const { Cell::new(0) }; 4] };
pub fn put() { CUR.data[CUR.cur.get().unwrap()].set(1) }

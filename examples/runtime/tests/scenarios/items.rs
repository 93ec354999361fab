//! Items of the tests, and the books on what became of each.

use mock_host::{fault, heap, Shape};
use runtime::buffer::Item;
use std::cell::{Cell, RefCell};

unsafe fn inspect_number(at: *const u8) -> u64 {
    u64::from(unsafe { at.cast::<u32>().read() })
}

unsafe fn produce_number(at: *mut u8, item: u64) {
    unsafe { at.cast::<u32>().write(item as u32) }
}

pub const NUMBER: Shape = Shape { size: 4, align: 4, inspect: inspect_number, produce: produce_number };

unsafe fn inspect_token(at: *const u8) -> u64 {
    let token = unsafe { at.cast::<*const u64>().read() };
    heap::check_live(token as usize, 8, "the host lifts an item");
    unsafe { token.read() }
}

unsafe fn produce_token(at: *mut u8, item: u64) {
    let token = heap::inside(|| Box::into_raw(Box::new(item)));
    MADE.with(|made| made.borrow_mut().push(item));
    unsafe { at.cast::<*mut u64>().write(token) }
}

pub const TOKEN: Shape = Shape { size: 8, align: 8, inspect: inspect_token, produce: produce_token };

unsafe fn inspect_nothing(_: *const u8) -> u64 {
    0
}

unsafe fn produce_nothing(_: *mut u8, _: u64) {}

pub const UNIT: Shape = Shape { size: 0, align: 1, inspect: inspect_nothing, produce: produce_nothing };

pub struct Unit;

impl Item for Unit {
    type Lowered = ();

    fn lower(self) {}

    unsafe fn lift(_: ()) -> Unit {
        Unit
    }

    unsafe fn sent(_: ()) {}
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    Lower,
    Lift,
    Sent,
}

thread_local! {
    static MADE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static GONE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static PANIC: Cell<Option<(Code, u64)>> = const { Cell::new(None) };
}

/// The code unwinds, once, when it comes to that item.
pub fn panic_at(code: Code, item: u64) {
    PANIC.with(|panic| panic.set(Some((code, item))));
}

fn perhaps_panic(code: Code, item: u64) {
    if PANIC.with(Cell::get) == Some((code, item)) {
        PANIC.with(|panic| panic.set(None));
        panic!("code of the user");
    }
}

/// An item that owns memory: each is dropped here or taken there, once.
#[derive(Debug)]
pub struct Token(pub Box<u64>);

impl Token {
    pub fn new(item: u64) -> Token {
        heap::outside(|| MADE.with(|made| made.borrow_mut().push(item)));
        Token(Box::new(item))
    }
}

impl Default for Token {
    fn default() -> Token {
        Token::new(777)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        heap::check_live(&*self.0 as *const u64 as usize, 8, "an item is dropped");
        let item = *self.0;
        heap::outside(|| GONE.with(|gone| gone.borrow_mut().push(item)));
    }
}

impl Item for Token {
    type Lowered = *mut u64;

    fn lower(self) -> *mut u64 {
        perhaps_panic(Code::Lower, *self.0);
        let mut token = std::mem::ManuallyDrop::new(self);
        &mut *token.0
    }

    unsafe fn lift(lowered: *mut u64) -> Token {
        heap::check_live(lowered as usize, 8, "an item is lifted");
        let token = Token(unsafe { Box::from_raw(lowered) });
        perhaps_panic(Code::Lift, *token.0);
        token
    }

    unsafe fn sent(lowered: *mut u64) {
        heap::check_live(lowered as usize, 8, "what an item left is freed");
        let item = *unsafe { Box::from_raw(lowered) };
        perhaps_panic(Code::Sent, item);
    }
}

/// Every item that was made is gone once, here or with the host.
pub fn check_books() {
    heap::outside(|| {
        let mut made = MADE.with(RefCell::take);
        let mut gone = GONE.with(RefCell::take);
        gone.extend(mock_host::received());
        made.sort_unstable();
        gone.sort_unstable();
        if made != gone {
            fault("items-lost-or-doubled", &format!("made {made:?}, gone {gone:?}"));
        }
    });
}

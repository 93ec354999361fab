//! Elements of streams and futures, with the callbacks that generated bindings would have.
//!
//! `Number` has no lists; `Token` owns memory, which is what a list is. Either goes as it is, or is lowered and lifted.

use crate::ends::{self, Kind};
use crate::lease::Shape;
use crate::subject::runtime::{FutureVtable, StreamVtable};
use crate::{fault, heap, host, Unwinds};
use std::alloc::Layout;
use std::cell::RefCell;
use std::mem::ManuallyDrop;

pub struct Number(u64);

pub struct Token(Box<u64>);

impl Drop for Number {
    fn drop(&mut self) {
        is_made(self.0);
        host::is_dropped(self.0);
        user_code("the drop of an element");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let memory = &raw const self.0;
        is_made(unsafe { memory.cast::<usize>().read() } as u64);
        if heap::is_live((&raw const *self.0) as usize, 8) {
            host::is_dropped(*self.0);
        }
        user_code("the drop of an element");
    }
}

/// What is in a client's buffer where no element is: neither the number of one nor its memory.
const ROOM: u8 = 0xEE;

fn is_made(word: u64) {
    if word == u64::from_ne_bytes([ROOM; 8]) {
        fault("element-unmade", "an element is dropped that was never made");
    }
}

pub trait Element: 'static {
    fn make(number: u64) -> Self;
    fn number(&self) -> u64;
}

impl Element for Number {
    fn make(number: u64) -> Self {
        Number(number)
    }

    fn number(&self) -> u64 {
        self.0
    }
}

impl Token {
    /// Its memory now belongs to what is at that place.
    pub(crate) unsafe fn put(self, at: *mut u8) {
        let kept = ManuallyDrop::new(self);
        unsafe { at.cast::<*mut u64>().write((&raw const *kept.0).cast_mut()) };
    }

    pub(crate) unsafe fn take(at: *mut u8) -> Token {
        Token(unsafe { Box::from_raw(at.cast::<*mut u64>().read()) })
    }

    pub(crate) unsafe fn free(at: *mut u8) {
        drop(unsafe { Box::from_raw(at.cast::<*mut u64>().read()) });
    }
}

impl Element for Token {
    fn make(number: u64) -> Self {
        Token(Box::new(number))
    }

    fn number(&self) -> u64 {
        *self.0
    }
}

/// So many elements that are like no others, in a buffer with room for so many; the rest of it has `ROOM`.
pub(crate) fn new_elements<T: Element>(length: usize, capacity: usize) -> (Vec<T>, Vec<u64>) {
    let mut buffer = Vec::with_capacity(capacity);
    let numbers = heap::outside(|| (0..length).map(|_| host::new_number()).collect::<Vec<u64>>());
    buffer.extend(numbers.iter().map(|&number| T::make(number)));
    for room in buffer.spare_capacity_mut() {
        unsafe { room.as_mut_ptr().write_bytes(ROOM, 1) };
    }
    (buffer, numbers)
}

pub(crate) fn numbers_of<T: Element>(elements: Vec<T>) -> Vec<u64> {
    heap::outside(|| elements.iter().map(T::number).collect())
}

/// What is written to a future whose writer is dropped: by the runtime itself, and the host takes it at once.
pub(crate) fn default_element<T: Element>() -> T {
    user_code("default");
    host::takes_the_next();
    T::make(host::new_number())
}

thread_local! {
    static UNWINDS: RefCell<Vec<(&'static str, u32)>> = const { RefCell::new(Vec::new()) };
}

/// The call of that callback after so many others unwinds.
pub fn unwinds(callback: &'static str, after: u32) {
    heap::outside(|| UNWINDS.with(|all| all.borrow_mut().push((callback, after))));
}

/// What a step has for user code is not for the next step.
pub(crate) fn forget_unwinds() {
    heap::outside(|| UNWINDS.with(|all| all.borrow_mut().clear()));
}

/// User code runs: the host may too. If it unwinds, then after it did what it is for: it owned the element already.
pub(crate) fn user_code(callback: &str) {
    say!("user code: {callback}");
    host::run();
    let now = UNWINDS.with(|all| {
        let mut all = all.borrow_mut();
        match all.iter().position(|(name, _)| *name == callback) {
            Some(at) if all[at].1 > 0 => all[at].1 -= 1,
            Some(at) => return all.swap_remove(at).0 == callback,
            None => {}
        }
        false
    });
    if now {
        std::panic::panic_any(Unwinds);
    }
}

unsafe fn lower_number(value: Number, at: *mut u8) {
    user_code("lower");
    host::is_lowered(value.0);
    unsafe { at.cast::<u64>().write(ManuallyDrop::new(value).0) };
}

unsafe fn lift_number(at: *mut u8) -> Number {
    let number = unsafe { at.cast::<u64>().read() };
    host::is_lifted(number);
    user_code("lift");
    Number(number)
}

unsafe fn dealloc_number(_: *mut u8) {
    user_code("dealloc_lists");
}

unsafe fn lower_token(value: Token, at: *mut u8) {
    user_code("lower");
    unsafe { value.put(at) };
}

unsafe fn lift_token(at: *mut u8) -> Token {
    let token = unsafe { Token::take(at) };
    user_code("lift");
    token
}

unsafe fn dealloc_token(at: *mut u8) {
    unsafe { Token::free(at) };
    user_code("dealloc_lists");
}

// How the host sees an element.

unsafe fn inspect_number(at: *const u8) -> u64 {
    unsafe { at.cast::<u64>().read() }
}

unsafe fn produce_number(at: *mut u8, number: u64) {
    unsafe { at.cast::<u64>().write(number) };
}

unsafe fn inspect_token(at: *const u8) -> u64 {
    let owned = unsafe { at.cast::<*const u64>().read() };
    heap::check_live(owned as usize, 8, "the host reads an element that is gone");
    unsafe { owned.read() }
}

unsafe fn produce_token(at: *mut u8, number: u64) {
    let owned = heap::inside(|| Box::into_raw(Box::new(number)));
    unsafe { at.cast::<*mut u64>().write(owned) };
}

pub const NUMBER: Shape = Shape { size: 8, align: 8, inspect: inspect_number, produce: produce_number };
pub const TOKEN: Shape = Shape { size: 8, align: 8, inspect: inspect_token, produce: produce_token };

macro_rules! streams {
    ($($name:ident: $element:ty, $lower:expr, $lift:expr, $dealloc_lists:expr;)*) => {
        $(
            pub static $name: StreamVtable<$element> = StreamVtable {
                layout: Layout::new::<u64>(),
                lower: $lower,
                lift: $lift,
                dealloc_lists: $dealloc_lists,
                start_write: stream_write,
                start_read: stream_read,
                cancel_write: stream_cancel_write,
                cancel_read: stream_cancel_read,
                #[cfg(not(feature = "close"))]
                drop_writable: stream_drop_writable,
                #[cfg(not(feature = "close"))]
                drop_readable: stream_drop_readable,
                #[cfg(feature = "close")]
                close_writable: stream_drop_writable,
                #[cfg(feature = "close")]
                close_readable: stream_drop_readable,
                new: stream_new,
            };
        )*
    };
}

streams! {
    NUMBERS: Number, None, None, None;
    NUMBERS_LOWERED: Number, Some(lower_number), Some(lift_number), None;
    TOKENS: Token, None, None, Some(dealloc_token);
    TOKENS_LOWERED: Token, Some(lower_token), Some(lift_token), Some(dealloc_token);
}

macro_rules! futures {
    ($($name:ident: $element:ty, $lower:ident, $lift:ident, $dealloc_lists:ident;)*) => {
        $(
            pub static $name: FutureVtable<$element> = FutureVtable {
                layout: Layout::new::<u64>(),
                lower: $lower,
                lift: $lift,
                dealloc_lists: $dealloc_lists,
                start_write: future_write,
                start_read: future_read,
                cancel_write: future_cancel_write,
                cancel_read: future_cancel_read,
                #[cfg(not(feature = "close"))]
                drop_writable: future_drop_writable,
                #[cfg(not(feature = "close"))]
                drop_readable: future_drop_readable,
                #[cfg(feature = "close")]
                close_writable: future_drop_writable,
                #[cfg(feature = "close")]
                close_readable: future_drop_readable,
                new: future_new,
            };
        )*
    };
}

futures! {
    ONE_NUMBER: Number, lower_number, lift_number, dealloc_number;
    ONE_TOKEN: Token, lower_token, lift_token, dealloc_token;
}

macro_rules! ends {
    ($kind:ident: $cancel:ident, $drop:ident) => {
        unsafe extern "C" fn $cancel(end: u32) -> u32 {
            ends::cancel(Kind::$kind, end)
        }
        unsafe extern "C" fn $drop(end: u32) {
            ends::drop_end(Kind::$kind, end);
        }
    };
}

ends!(StreamRead: stream_cancel_read, stream_drop_readable);
ends!(StreamWrite: stream_cancel_write, stream_drop_writable);
ends!(FutureRead: future_cancel_read, future_drop_readable);
ends!(FutureWrite: future_cancel_write, future_drop_writable);

unsafe extern "C" fn stream_new() -> u64 {
    ends::new_pair(Kind::StreamRead, Kind::StreamWrite)
}

unsafe extern "C" fn stream_write(end: u32, at: *const u8, count: usize) -> u32 {
    ends::copy(Kind::StreamWrite, end, at.cast_mut(), count)
}

unsafe extern "C" fn stream_read(end: u32, at: *mut u8, count: usize) -> u32 {
    ends::copy(Kind::StreamRead, end, at, count)
}

unsafe extern "C" fn future_new() -> u64 {
    ends::new_pair(Kind::FutureRead, Kind::FutureWrite)
}

unsafe extern "C" fn future_write(end: u32, at: *const u8) -> u32 {
    ends::copy(Kind::FutureWrite, end, at.cast_mut(), 1)
}

unsafe extern "C" fn future_read(end: u32, at: *mut u8) -> u32 {
    ends::copy(Kind::FutureRead, end, at, 1)
}

//! What panics where: `point` is user code that may panic. Compiled to MIR for the executor, and run natively.
use std::mem;

pub struct D(pub u32);
impl Drop for D {
    fn drop(&mut self) {
        point(self.0)
    }
}

pub fn guards() {
    let _a = D(1);
    let _b = D(2);
    point(3);
}

pub struct Pair {
    a: D,
    b: D,
}
pub struct Outer {
    pair: Pair,
    last: D,
}
impl Drop for Outer {
    fn drop(&mut self) {
        point(4)
    }
}
pub fn fields() {
    let _o = Outer { pair: Pair { a: D(1), b: D(2) }, last: D(3) };
}

/// A panic within a drop within an unwinding: the inner guard is dropped before the process ends.
pub struct Inner(D);
impl Drop for Inner {
    fn drop(&mut self) {
        let _g = D(2);
        point(3);
    }
}
pub fn drop_with_guard() {
    let _i = Inner(D(1));
    point(4);
}

pub fn insert() {
    let mut slot = Some(D(1));
    slot.insert(D(2));
    point(3);
}

pub fn assign() {
    let mut slot = D(1);
    let _other = D(4);
    point(3);
    slot = D(2);
    point(5);
}

pub fn replace() {
    let mut slot = D(1);
    let _old = mem::replace(&mut slot, D(2));
    point(3);
}

pub fn take() {
    let mut slot = Some(D(1));
    let taken = slot.take();
    point(3);
    mem::drop(taken);
    mem::drop(slot);
    point(4);
}

pub fn map() {
    let _guard = D(1);
    let found = Some(D(2)).map(|one| {
        point(3);
        D(one.0 + 2)
    });
    mem::drop(found);
}

pub fn replaced() {
    let mut slot = Some(D(1));
    let old = slot.replace(D(2));
    point(3);
    drop(old);
    point(4);
}

/// The captured guard goes with the call.
pub fn map_with_captures() {
    let kept = D(1);
    let other = Some(D(2)).map(move |one| (kept, one));
    point(3);
    drop(other);
}

/// A closure that is not called is dropped with what it captured.
pub fn map_of_nothing() {
    let kept = D(1);
    let nothing: Option<D> = None;
    let other = nothing.map(move |one| (kept, one));
    point(3);
    drop(other);
}

pub fn filtered_out() {
    let kept = D(1);
    let other = Some(D(2)).filter(move |one| {
        point(3);
        one.0 == kept.0
    });
    point(4);
    drop(other);
}

pub fn filtered() {
    let other = Some(D(2)).filter(|one| {
        point(3);
        one.0 == 2
    });
    point(4);
    drop(other);
}

pub fn moved() {
    let first = D(1);
    let pair = Pair { a: D(2), b: D(3) };
    let _a = pair.a;
    point(4);
    mem::forget(first);
    point(5);
}

pub fn arguments() {
    both(D(1), made());
}
fn made() -> D {
    let made = D(2);
    point(3);
    made
}
fn both(_one: D, _other: D) {
    point(4);
}

pub enum Either {
    Left(D, D),
    Right(D),
}
pub fn variants() {
    let _left = Either::Left(D(1), D(2));
    let _right = Either::Right(D(3));
    let _tuple = (D(4), 0u8);
}

pub fn array() {
    let _array = [D(1), D(2), D(3)];
}

pub fn captured() {
    let (a, b) = (D(1), D(2));
    let call = move || {
        point(a.0 + 2);
        let _b = b;
    };
    point(3);
    mem::drop(call);
}

pub fn unwrapped() {
    let _guard = D(1);
    let none: Option<u32> = None;
    none.unwrap();
}

pub extern "C" fn foreign() {
    let _guard = D(1);
    point(2);
}
pub fn calls_foreign() {
    let _guard = D(3);
    foreign();
}

pub fn resumes() {
    let _outer = D(1);
    calls(2);
}
fn calls(n: u32) {
    let _guard = D(n);
    deeper(n + 1);
}
fn deeper(n: u32) {
    point(n);
}

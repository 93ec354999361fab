//! The client of an operation: it makes, polls, cancels, drops, moves and forgets it, through the public interface.

use crate::elements::user_code;
use crate::{calls, ends, fault, heap, host, PANICKED};
use std::future::Future;
use std::mem::{self, MaybeUninit};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::ptr;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// An operation of the runtime, as a client sees it. Elements have numbers, so that none is lost or doubled unseen.
pub trait Operation: Future + Sized + 'static {
    /// What the client holds when there is no operation.
    type End: 'static;
    type Cancelled;

    /// With the numbers of the elements that it is given.
    fn make(end: &mut Option<Box<Self::End>>, length: usize, capacity: usize) -> (Self, Vec<u64>);
    /// Of a buffer that an earlier write has sent so many elements of.
    fn make_of_used(
        _end: &mut Option<Box<Self::End>>,
        _length: usize,
        _capacity: usize,
        _used: usize,
    ) -> (Self, Vec<u64>) {
        fault("no-scenario", "only a write goes on with a buffer")
    }
    /// The elements of such a buffer, by number: those that come back of it, and all.
    fn take_back(
        _end: &mut Option<Box<Self::End>>,
        _length: usize,
        _capacity: usize,
        _used: usize,
    ) -> (Vec<u64>, Vec<u64>) {
        fault("no-scenario", "only a write has a buffer to take elements out of")
    }
    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled;
    /// What the client is given, in words.
    fn output(output: &Self::Output) -> String;
    fn cancelled(cancelled: &Self::Cancelled) -> String;
    /// The client takes it apart.
    fn receive(output: Self::Output) -> Received<Self::End>;
    fn receive_cancelled(cancelled: Self::Cancelled) -> Received<Self::End>;
}

/// The numbers of the elements that the client was given; and its end, if that came back.
pub struct Received<E> {
    pub numbers: Vec<u64>,
    pub end: Option<E>,
}

/// The place of one operation after the other, on the heap, so that it is seen when a place is gone.
pub struct Client<F: Operation> {
    open: Box<dyn Fn() -> F::End>,
    end: Option<Box<F::End>>,
    place: Option<*mut F>,
    pinned: bool,
    made: Vec<u64>,
}

impl<F: Operation> Client<F> {
    pub(crate) fn new(open: impl Fn() -> F::End + 'static) -> Self {
        Client { open: Box::new(open), end: None, place: None, pinned: false, made: Vec::new() }
    }

    /// The client is given its end.
    pub fn open(&mut self) {
        self.end = Some(Box::new((self.open)()));
    }

    /// Makes an operation over a buffer with so many elements, and room for so many in all.
    pub fn make(&mut self, length: usize, capacity: usize) {
        self.make_by(|end| F::make(end, length, capacity));
    }

    /// As `make`, and the first of the elements, so many, are with the host already.
    pub fn make_of_used(&mut self, length: usize, capacity: usize, used: usize) {
        self.make_by(|end| F::make_of_used(end, length, capacity, used));
    }

    /// The client has no use for a buffer any more, but for its elements.
    pub fn take_back(&mut self, length: usize, capacity: usize, used: usize) {
        host::forget_elements();
        let mut own = Some(Box::new((self.open)()));
        let (numbers, made) = F::take_back(&mut own, length, capacity, used);
        self.made = made;
        self.keep(Received { numbers, end: None });
    }

    fn make_by(&mut self, make: impl FnOnce(&mut Option<Box<F::End>>) -> (F, Vec<u64>)) {
        if self.place.is_some() {
            fault("no-scenario", "a second operation while there is one");
        }
        host::forget_elements();
        let (operation, made) = make(&mut self.end);
        self.made = made;
        self.place = Some(Box::into_raw(Box::new(operation)));
        self.pinned = false;
    }

    fn pin(&mut self) -> Pin<&'static mut F> {
        let Some(place) = self.place else { fault("no-scenario", "there is no operation") };
        self.pinned = true;
        unsafe { Pin::new_unchecked(&mut *place) }
    }

    pub fn poll(&mut self) {
        let waker = unsafe { Waker::from_raw(NO_EXECUTOR) };
        match self.pin().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => say!("poll: pending"),
            Poll::Ready(output) => {
                may_have(&heap::outside(|| format!("poll: ready: {}", F::output(&output))));
                self.keep(F::receive(output));
            }
        }
    }

    pub fn cancel(&mut self) {
        let cancelled = self.pin().cancel();
        may_have(&heap::outside(|| format!("cancel: {}", F::cancelled(&cancelled))));
        self.keep(F::receive_cancelled(cancelled));
    }

    /// Each element that went in or that the host made is now with the host or here.
    fn keep(&mut self, received: Received<F::End>) {
        heap::outside(|| {
            if let Some(end) = received.end {
                self.end = Some(Box::new(end));
            }
            let (taken, produced) = host::elements();
            let mut found = [received.numbers, taken].concat();
            let mut expected = [self.made.as_slice(), &produced].concat();
            found.sort_unstable();
            expected.sort_unstable();
            if found.windows(2).any(|pair| pair[0] == pair[1]) {
                fault("element-doubled", "an element that the host took came back, or one came twice");
            }
            if found != expected {
                fault("element-lost", "an element is neither with the host nor with the client");
            }
        });
    }

    pub fn drop_it(&mut self) {
        let Some(place) = self.place.take() else { fault("no-scenario", "there is no operation") };
        let _freed_even_if_unwinding = unsafe { Box::from_raw(place.cast::<MaybeUninit<F>>()) };
        unsafe { place.drop_in_place() };
    }

    /// The end of a scenario in which no user code panics: if the crate did, the client lets go of what it has left. Each
    /// element that went in or that the host made is with the host then, or was dropped.
    pub fn let_go(&mut self) {
        if !PANICKED.load(Ordering::Relaxed) {
            return;
        }
        if self.place.is_some() {
            say!("the client lets go of the operation");
            let _what_it_panics_with = catch_unwind(AssertUnwindSafe(|| self.drop_it()));
        }
        heap::outside(|| {
            let (taken, produced) = host::elements();
            let gone = [taken, host::dropped()].concat();
            if self.made.iter().chain(&produced).any(|number| !gone.contains(number)) {
                fault("element-lost", "the crate panicked, and an element is gone that was never dropped");
            }
        });
    }

    /// By value: what points into the old place points at nothing. Only what was never pinned may move.
    pub fn move_it(&mut self) {
        let Some(place) = self.place.take() else { fault("no-scenario", "there is no operation") };
        if self.pinned {
            fault("no-scenario", "what is pinned does not move");
        }
        self.place = Some(Box::into_raw(Box::new(*unsafe { Box::from_raw(place) })));
    }

    /// Nothing is dropped. What was pinned stays where it is; the place of what was not is soon another's.
    pub fn forget(&mut self) {
        let Some(place) = self.place.take() else { fault("no-scenario", "there is no operation") };
        if !self.pinned {
            mem::forget(*unsafe { Box::from_raw(place) });
        }
    }

    /// The client's end, when no operation has it.
    pub fn drop_end(&mut self) {
        if self.place.is_some() || self.end.is_none() {
            fault("no-scenario", "the client has no end to drop");
        }
        self.end = None;
    }
}

/// An operation that the host answers at once.
pub(crate) fn ready<F: Future>(operation: F) -> F::Output {
    let waker = unsafe { Waker::from_raw(NO_EXECUTOR) };
    match pin!(operation).poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(output) => output,
        Poll::Pending => fault("no-scenario", "an operation that should be ready waits"),
    }
}

/// A waker of the client's: nobody is woken, it polls when the scenario says so.
const NO_EXECUTOR: RawWaker = RawWaker::new(ptr::null(), &WAKER);
const WAKER: RawWakerVTable = RawWakerVTable::new(clone_waker, wake, wake, drop_waker);

unsafe fn clone_waker(_: *const ()) -> RawWaker {
    user_code("the clone of a waker");
    NO_EXECUTOR
}

unsafe fn wake(_: *const ()) {
    user_code("the wake of a waker");
}

unsafe fn drop_waker(_: *const ()) {
    user_code("the drop of a waker");
}

/// The client may do what it likes with what it is given, so nothing of it may be lent.
fn may_have(about: &str) {
    say!("{about}");
    if calls::is_lent() || ends::is_lent() {
        fault("returned-while-lent", "the client is given memory that the host may touch");
    }
}

/// The end that an operation is made of.
pub(crate) fn held<E>(end: Option<E>) -> E {
    end.unwrap_or_else(|| fault("no-scenario", "the client has no end"))
}

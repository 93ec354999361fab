//! The client of an operation: it makes, polls, cancels, drops, moves and forgets it, through the public interface.

use crate::elements::Element;
use crate::subject::runtime::{
    stream_new, StreamRead, StreamReader, StreamResult, StreamVtable, StreamWrite, StreamWriter,
};
use crate::{fault, host, say};
use std::future::Future;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// An operation of the runtime, as a client sees it.
pub trait Operation: Future {
    type Cancelled;

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled;
    fn output(output: &Self::Output) -> String;
    fn cancelled(cancelled: &Self::Cancelled) -> String;

    /// What the client does with what it was given.
    fn use_output(output: Self::Output) {
        drop(output);
    }

    fn use_cancelled(cancelled: Self::Cancelled) {
        drop(cancelled);
    }
}

/// The place of one operation after the other, on the heap, so that it is seen when a place is gone.
pub struct Client<F> {
    make: Box<dyn FnMut(usize, usize) -> F>,
    place: Option<*mut F>,
    pinned: bool,
}

impl<F: Operation + 'static> Client<F> {
    pub(crate) fn new(make: impl FnMut(usize, usize) -> F + 'static) -> Self {
        Client { make: Box::new(make), place: None, pinned: false }
    }

    /// Makes an operation over a buffer with so many elements, and room for so many in all.
    pub fn make(&mut self, length: usize, capacity: usize) {
        let operation = (self.make)(length, capacity);
        if self.place.replace(Box::into_raw(Box::new(operation))).is_some() {
            fault("no-scenario", "a second operation while there is one");
        }
        self.pinned = false;
    }

    fn pin(&mut self) -> Pin<&'static mut F> {
        let Some(place) = self.place else { fault("no-scenario", "there is no operation") };
        self.pinned = true;
        unsafe { Pin::new_unchecked(&mut *place) }
    }

    pub fn poll(&mut self) {
        match self.pin().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => say("poll: pending"),
            Poll::Ready(output) => {
                given_back(&format!("poll: ready: {}", F::output(&output)));
                F::use_output(output);
            }
        }
    }

    pub fn cancel(&mut self) {
        let cancelled = self.pin().cancel();
        given_back(&format!("cancel: {}", F::cancelled(&cancelled)));
        F::use_cancelled(cancelled);
    }

    pub fn drop_it(&mut self) {
        let Some(place) = self.place.take() else { fault("no-scenario", "there is no operation") };
        let _freed_even_if_unwinding = unsafe { Box::from_raw(place.cast::<MaybeUninit<F>>()) };
        unsafe { place.drop_in_place() };
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
}

/// The client may do what it likes with what it was given, so nothing of it may be lent.
fn given_back(about: &str) {
    say(about);
    if host::is_lent() {
        fault("returned-while-lent", "the client is given memory that the host may touch");
    }
}

fn buffer<T: Element>(length: usize, capacity: usize) -> Vec<T> {
    let mut buffer = Vec::with_capacity(capacity);
    buffer.extend((1..=length as u64).map(T::make));
    buffer
}

impl<T: Element> Operation for StreamWrite<'static, T> {
    type Cancelled = Self::Output;

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        StreamWrite::cancel(self)
    }

    fn output((result, rest): &Self::Output) -> String {
        format!("{result:?}, {} elements left", rest.remaining())
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        Self::output(cancelled)
    }

    fn use_output((_, rest): Self::Output) {
        drop(rest.into_vec());
    }

    fn use_cancelled(cancelled: Self::Cancelled) {
        Self::use_output(cancelled);
    }
}

pub fn stream_write<T: Element>(vtable: &'static StreamVtable<T>) -> Client<StreamWrite<'static, T>> {
    let (writer, reader) = unsafe { stream_new(vtable) };
    mem::forget(reader); // it was given away
    let writer: *mut StreamWriter<T> = Box::into_raw(Box::new(writer));
    Client::new(move |length, capacity| unsafe { (*writer).write(buffer(length, capacity)) })
}

impl<T: Element> Operation for StreamRead<'static, T> {
    type Cancelled = Self::Output;

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        StreamRead::cancel(self)
    }

    fn output((result, items): &(StreamResult, Vec<T>)) -> String {
        format!("{result:?}, {} elements", items.len())
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        Self::output(cancelled)
    }
}

pub fn stream_read<T: Element>(vtable: &'static StreamVtable<T>) -> Client<StreamRead<'static, T>> {
    let (writer, reader) = unsafe { stream_new(vtable) };
    mem::forget(writer);
    let reader: *mut StreamReader<T> = Box::into_raw(Box::new(reader));
    Client::new(move |length, capacity| unsafe { (*reader).read(buffer(length, capacity)) })
}

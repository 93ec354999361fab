//! Clients of the operations on futures.

use crate::client::{held, Client, Operation, Received};
use crate::elements::{default_element, new_elements, numbers_of, Element};
use crate::subject::runtime::{
    future_new, FutureRead, FutureReader, FutureVtable, FutureWrite, FutureWriteCancel, FutureWriter,
};
use std::future::IntoFuture;
use std::mem;
use std::pin::Pin;

impl<T: Element> Operation for FutureWrite<T> {
    type End = FutureWriter<T>;
    type Cancelled = FutureWriteCancel<T>;

    fn make(end: &mut Option<Box<Self::End>>, _: usize, _: usize) -> (Self, Vec<u64>) {
        let (mut elements, numbers) = new_elements(1, 1);
        (held(end.take()).write(held(elements.pop())), numbers)
    }

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        FutureWrite::cancel(self)
    }

    fn output(output: &Self::Output) -> String {
        if output.is_ok() { "written" } else { "dropped" }.to_string()
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        match cancelled {
            FutureWriteCancel::AlreadySent => "already sent",
            FutureWriteCancel::Dropped(_) => "dropped",
            FutureWriteCancel::Cancelled(..) => "cancelled",
        }
        .to_string()
    }

    fn receive(output: Self::Output) -> Received<Self::End> {
        Received { numbers: numbers_of(output.err().into_iter().map(|error| error.value).collect()), end: None }
    }

    fn receive_cancelled(cancelled: Self::Cancelled) -> Received<Self::End> {
        match cancelled {
            FutureWriteCancel::AlreadySent => Received { numbers: Vec::new(), end: None },
            FutureWriteCancel::Dropped(value) => Received { numbers: numbers_of(vec![value]), end: None },
            FutureWriteCancel::Cancelled(value, end) => Received { numbers: numbers_of(vec![value]), end: Some(end) },
        }
    }
}

/// The reader was given away.
pub fn future_write<T: Element>(vtable: &'static FutureVtable<T>) -> Client<FutureWrite<T>> {
    Client::new(move || {
        let (writer, reader) = unsafe { future_new(default_element, vtable) };
        mem::forget(reader);
        writer
    })
}

impl<T: Element> Operation for FutureRead<T> {
    type End = FutureReader<T>;
    type Cancelled = Result<T, FutureReader<T>>;

    fn make(end: &mut Option<Box<Self::End>>, _: usize, _: usize) -> (Self, Vec<u64>) {
        (held(end.take()).into_future(), Vec::new())
    }

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        FutureRead::cancel(self)
    }

    fn output(_: &Self::Output) -> String {
        "read".to_string()
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        if cancelled.is_ok() { "read" } else { "cancelled" }.to_string()
    }

    fn receive(output: Self::Output) -> Received<Self::End> {
        Received { numbers: numbers_of(vec![output]), end: None }
    }

    fn receive_cancelled(cancelled: Self::Cancelled) -> Received<Self::End> {
        match cancelled {
            Ok(value) => Self::receive(value),
            Err(end) => Received { numbers: Vec::new(), end: Some(end) },
        }
    }
}

/// The writer was given away.
pub fn future_read<T: Element>(vtable: &'static FutureVtable<T>) -> Client<FutureRead<T>> {
    Client::new(move || {
        let (writer, reader) = unsafe { future_new(default_element, vtable) };
        mem::forget(writer);
        reader
    })
}

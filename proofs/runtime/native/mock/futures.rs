//! Clients of the operations on futures.

use crate::clients::{Client, Operation};
use crate::elements::Element;
use crate::subject::runtime::{
    raw_future_new, FutureVtable, RawFutureRead, RawFutureReader, RawFutureWrite, RawFutureWriteCancel,
};
use std::future::IntoFuture;
use std::mem;
use std::pin::Pin;

type Of<T> = &'static FutureVtable<T>;

impl<T: Element> Operation for RawFutureWrite<Of<T>> {
    type Cancelled = RawFutureWriteCancel<Of<T>>;

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        RawFutureWrite::cancel(self)
    }

    fn output(output: &Self::Output) -> String {
        if output.is_ok() { "written" } else { "dropped" }.to_string()
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        match cancelled {
            RawFutureWriteCancel::AlreadySent => "already sent",
            RawFutureWriteCancel::Dropped(_) => "dropped",
            RawFutureWriteCancel::Cancelled(..) => "cancelled",
        }
        .to_string()
    }

    /// The writer is kept: it may be dropped only when something was written.
    fn use_cancelled(cancelled: Self::Cancelled) {
        if let RawFutureWriteCancel::Cancelled(_, writer) = cancelled {
            mem::forget(writer);
        }
    }
}

/// Each operation has a future of its own.
pub fn future_write<T: Element>(vtable: Of<T>) -> Client<RawFutureWrite<Of<T>>> {
    Client::new(move |_, _| {
        let (writer, reader) = unsafe { raw_future_new(vtable) };
        mem::forget(reader); // it was given away
        writer.write(T::make(1))
    })
}

impl<T: Element> Operation for RawFutureRead<Of<T>> {
    type Cancelled = Result<T, RawFutureReader<Of<T>>>;

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        RawFutureRead::cancel(self)
    }

    fn output(_: &Self::Output) -> String {
        "read".to_string()
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        if cancelled.is_ok() { "read" } else { "cancelled" }.to_string()
    }
}

pub fn future_read<T: Element>(vtable: Of<T>) -> Client<RawFutureRead<Of<T>>> {
    Client::new(move |_, _| {
        let (writer, reader) = unsafe { raw_future_new(vtable) };
        mem::forget(writer);
        reader.into_future()
    })
}

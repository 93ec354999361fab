//! Clients of the operations on streams.

use crate::client::{held, ready, Client, Operation, Received};
use crate::elements::{new_elements, numbers_of, Element};
use crate::host;
use crate::subject::runtime::{
    stream_new, StreamRead, StreamReader, StreamResult, StreamVtable, StreamWrite, StreamWriter,
};
use std::future::Future;
use std::mem;
use std::pin::{pin, Pin};

impl<T: Element> Operation for StreamWrite<'static, T> {
    type End = StreamWriter<T>;
    type Cancelled = Self::Output;

    fn make(end: &mut Option<Box<Self::End>>, length: usize, capacity: usize) -> (Self, Vec<u64>) {
        let writer: *mut StreamWriter<T> = &mut **held(end.as_mut());
        let (buffer, numbers) = new_elements(length, capacity);
        // The operation borrows the writer, which the client keeps where it is for as long.
        (unsafe { (*writer).write(buffer) }, numbers)
    }

    fn make_of_used(
        end: &mut Option<Box<Self::End>>,
        length: usize,
        capacity: usize,
        used: usize,
    ) -> (Self, Vec<u64>) {
        let writer: *mut StreamWriter<T> = &mut **held(end.as_mut());
        let (elements, numbers) = new_elements(length, capacity);
        let (_, rest) = sent_in_part(writer, elements, used);
        (unsafe { (*writer).write_buf(rest) }, numbers)
    }

    fn take_back(
        end: &mut Option<Box<Self::End>>,
        length: usize,
        capacity: usize,
        used: usize,
    ) -> (Vec<u64>, Vec<u64>) {
        let (elements, numbers) = new_elements(length, capacity);
        let (_, rest) = sent_in_part(&mut **held(end.as_mut()), elements, used);
        (numbers_of(rest.into_vec()), numbers)
    }

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        StreamWrite::cancel(self)
    }

    fn output((result, rest): &Self::Output) -> String {
        format!("{result:?}, {} elements left", rest.remaining())
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        Self::output(cancelled)
    }

    fn receive((_, rest): Self::Output) -> Received<Self::End> {
        Received { numbers: numbers_of(rest.into_vec()), end: None }
    }

    fn receive_cancelled(cancelled: Self::Cancelled) -> Received<Self::End> {
        Self::receive(cancelled)
    }
}

/// A write to the same stream, which the host takes so much of at once; or that is cancelled before it began.
fn sent_in_part<T: Element>(
    writer: *mut StreamWriter<T>,
    elements: Vec<T>,
    used: usize,
) -> <StreamWrite<'static, T> as Future>::Output {
    let write = unsafe { (*writer).write(elements) };
    if used == 0 {
        return StreamWrite::cancel(pin!(write));
    }
    host::answers("stream.write", (used as u32) << 4);
    ready(write)
}

/// The reader was given away.
pub fn stream_write<T: Element>(vtable: &'static StreamVtable<T>) -> Client<StreamWrite<'static, T>> {
    Client::new(move || {
        let (writer, reader) = unsafe { stream_new(vtable) };
        mem::forget(reader);
        writer
    })
}

impl<T: Element> Operation for StreamRead<'static, T> {
    type End = StreamReader<T>;
    type Cancelled = Self::Output;

    fn make(end: &mut Option<Box<Self::End>>, length: usize, capacity: usize) -> (Self, Vec<u64>) {
        let reader: *mut StreamReader<T> = &mut **held(end.as_mut());
        let (buffer, numbers) = new_elements(length, capacity);
        (unsafe { (*reader).read(buffer) }, numbers)
    }

    fn cancel(self: Pin<&mut Self>) -> Self::Cancelled {
        StreamRead::cancel(self)
    }

    fn output((result, items): &(StreamResult, Vec<T>)) -> String {
        format!("{result:?}, {} elements", items.len())
    }

    fn cancelled(cancelled: &Self::Cancelled) -> String {
        Self::output(cancelled)
    }

    fn receive((_, items): Self::Output) -> Received<Self::End> {
        Received { numbers: numbers_of(items), end: None }
    }

    fn receive_cancelled(cancelled: Self::Cancelled) -> Received<Self::End> {
        Self::receive(cancelled)
    }
}

/// The writer was given away.
pub fn stream_read<T: Element>(vtable: &'static StreamVtable<T>) -> Client<StreamRead<'static, T>> {
    Client::new(move || {
        let (writer, reader) = unsafe { stream_new(vtable) };
        mem::forget(writer);
        reader
    })
}

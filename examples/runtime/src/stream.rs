//! Reads and writes of streams, over any storage.

use crate::abi::{self, BLOCKED, CANCELLED, COMPLETED, DROPPED};
use crate::buffer::{Buffer, Item};
use crate::operation::{InFlight, Operation, Settled};
use crate::reject;
use crate::storage::Storage;
use std::marker::PhantomData;

/// The writable end. An operation owns the end as long as it runs, so that a forgotten operation keeps its end: nobody
/// can use or drop the end while the host copies. Keeps leak-safe, end-dropped-idle.
pub struct StreamWriter<T> {
    handle: u32,
    /// The reader is gone. Rule: another write traps.
    done: bool,
    _items: PhantomData<T>,
}

impl<T: Item> StreamWriter<T> {
    /// # Safety
    /// The handle is a writable end of a stream of such items, and belongs to the caller.
    pub unsafe fn from_handle(handle: u32) -> Self {
        StreamWriter { handle, done: false, _items: PhantomData }
    }

    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Writes some items of the buffer, whatever the reader takes at once.
    pub fn write<S: Storage<T::Lowered>>(self, buffer: Buffer<T, S>) -> InFlight<StreamWrite<T, S>> {
        InFlight::new(WriteStart { writer: self, buffer, all: false })
    }

    /// Writes all items of the buffer, unless the reader goes.
    pub fn write_all<S: Storage<T::Lowered>>(self, buffer: Buffer<T, S>) -> InFlight<StreamWrite<T, S>> {
        InFlight::new(WriteStart { writer: self, buffer, all: true })
    }
}

impl<T> Drop for StreamWriter<T> {
    fn drop(&mut self) {
        unsafe { abi::stream_drop_writable(self.handle) }
    }
}

pub struct WriteStart<T: Item, S: Storage<T::Lowered>> {
    pub buffer: Buffer<T, S>,
    pub writer: StreamWriter<T>,
    all: bool,
}

pub struct Writing<T: Item, S: Storage<T::Lowered>> {
    buffer: Buffer<T, S>,
    writer: StreamWriter<T>,
    all: bool,
    /// How many items the host was lent.
    lent: usize,
    result: u32,
}

/// The buffer has what was not written.
pub struct Written<T: Item, S: Storage<T::Lowered>> {
    pub buffer: Buffer<T, S>,
    pub writer: StreamWriter<T>,
    pub result: u32,
}

pub struct StreamWrite<T, S>(PhantomData<(T, S)>);

unsafe impl<T: Item, S: Storage<T::Lowered>> Operation for StreamWrite<T, S> {
    type Start = WriteStart<T, S>;
    type InProgress = Writing<T, S>;
    type Done = Written<T, S>;

    fn begin(start: WriteStart<T, S>) -> Writing<T, S> {
        Writing { buffer: start.buffer, writer: start.writer, all: start.all, lent: 0, result: COMPLETED }
    }

    unsafe fn call(state: &mut Writing<T, S>) -> u32 {
        if state.writer.done {
            return DROPPED;
        }
        let (items, count) = state.buffer.items();
        state.lent = count;
        unsafe { abi::stream_write(state.writer.handle, items, count) }
    }

    fn waitable(state: &Writing<T, S>) -> u32 {
        state.writer.handle
    }

    fn settle(state: &mut Writing<T, S>, code: u32) -> Settled {
        if code == BLOCKED {
            return Settled::Lent;
        }
        let (result, count) = (code & 0xf, (code >> 4) as usize);
        // A conforming host gives no such count; that the cursor stays in the buffer must not rest on it.
        if result > CANCELLED || count > state.lent {
            reject();
        }
        state.lent = 0;
        state.result = result;
        // Rule: DROPPED and CANCELLED may come with a count, too. Keeps completion-race.
        state.buffer.take(count);
        if result == DROPPED {
            state.writer.done = true;
        }
        if state.all && result == COMPLETED && count > 0 && !state.buffer.is_empty() {
            return Settled::Again;
        }
        Settled::Final
    }

    unsafe fn cancel(state: &mut Writing<T, S>) -> u32 {
        unsafe { abi::stream_cancel_write(state.writer.handle) }
    }

    fn finish(state: Writing<T, S>) -> Written<T, S> {
        let Writing { mut buffer, writer, result, .. } = state;
        buffer.free_sent();
        Written { buffer, writer, result }
    }
}

/// The readable end.
pub struct StreamReader<T> {
    handle: u32,
    done: bool,
    _items: PhantomData<T>,
}

impl<T: Item> StreamReader<T> {
    /// # Safety
    /// The handle is a readable end of a stream of such items, and belongs to the caller.
    pub unsafe fn from_handle(handle: u32) -> Self {
        StreamReader { handle, done: false, _items: PhantomData }
    }

    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Reads into the room of the buffer.
    pub fn read<S: Storage<T::Lowered>>(self, buffer: Buffer<T, S>) -> InFlight<StreamRead<T, S>> {
        InFlight::new(ReadStart { reader: self, buffer })
    }
}

impl<T> Drop for StreamReader<T> {
    fn drop(&mut self) {
        unsafe { abi::stream_drop_readable(self.handle) }
    }
}

pub struct ReadStart<T: Item, S: Storage<T::Lowered>> {
    pub buffer: Buffer<T, S>,
    pub reader: StreamReader<T>,
}

pub struct Reading<T: Item, S: Storage<T::Lowered>> {
    buffer: Buffer<T, S>,
    reader: StreamReader<T>,
    lent: usize,
    result: u32,
}

/// The buffer has what was read, behind what it had before.
pub struct ReadDone<T: Item, S: Storage<T::Lowered>> {
    pub buffer: Buffer<T, S>,
    pub reader: StreamReader<T>,
    pub result: u32,
}

pub struct StreamRead<T, S>(PhantomData<(T, S)>);

unsafe impl<T: Item, S: Storage<T::Lowered>> Operation for StreamRead<T, S> {
    type Start = ReadStart<T, S>;
    type InProgress = Reading<T, S>;
    type Done = ReadDone<T, S>;

    fn begin(start: ReadStart<T, S>) -> Reading<T, S> {
        Reading { buffer: start.buffer, reader: start.reader, lent: 0, result: COMPLETED }
    }

    unsafe fn call(state: &mut Reading<T, S>) -> u32 {
        if state.reader.done {
            return DROPPED;
        }
        let (space, count) = state.buffer.space();
        state.lent = count;
        unsafe { abi::stream_read(state.reader.handle, space, count) }
    }

    fn waitable(state: &Reading<T, S>) -> u32 {
        state.reader.handle
    }

    fn settle(state: &mut Reading<T, S>, code: u32) -> Settled {
        if code == BLOCKED {
            return Settled::Lent;
        }
        let (result, count) = (code & 0xf, (code >> 4) as usize);
        if result > CANCELLED || count > state.lent {
            reject();
        }
        state.lent = 0;
        state.result = result;
        // Items that came are ours, whether or not anybody waits for them still.
        state.buffer.receive(count);
        if result == DROPPED {
            state.reader.done = true;
        }
        Settled::Final
    }

    unsafe fn cancel(state: &mut Reading<T, S>) -> u32 {
        unsafe { abi::stream_cancel_read(state.reader.handle) }
    }

    fn finish(state: Reading<T, S>) -> ReadDone<T, S> {
        let Reading { buffer, reader, result, .. } = state;
        ReadDone { buffer, reader, result }
    }
}

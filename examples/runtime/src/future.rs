//! Reads and writes of futures: one item, inside the operation.

use crate::abi::{self, BLOCKED, CANCELLED, COMPLETED, DROPPED};
use crate::buffer::{Buffer, Item};
use crate::operation::{InFlight, Operation, Settled};
use crate::reject;
use crate::storage::Inline;
use std::marker::PhantomData;

type Slot<T> = Buffer<T, Inline<<T as Item>::Lowered>>;

fn slot<T: Item>() -> Slot<T> {
    Buffer::new(Inline::new())
}

/// The writable end. A future always gets an item: when nobody wrote one, the drop writes `T::default()`.
pub struct FutureWriter<T: Item + Default> {
    handle: u32,
    /// The item was taken, or the reader is gone.
    done: bool,
    _item: PhantomData<T>,
}

impl<T: Item + Default> FutureWriter<T> {
    /// # Safety
    /// The handle is a writable end of a future of such an item, and belongs to the caller.
    pub unsafe fn from_handle(handle: u32) -> Self {
        FutureWriter { handle, done: false, _item: PhantomData }
    }

    pub fn write(self, item: T) -> InFlight<FutureWrite<T>> {
        let mut slot = slot::<T>();
        if slot.push(item).is_err() {
            reject();
        }
        InFlight::new(WriteStart { slot, writer: self })
    }
}

impl<T: Item + Default> Drop for FutureWriter<T> {
    fn drop(&mut self) {
        // Rule: dropping the writable end traps unless it is DONE. Keeps end-dropped-idle.
        if !self.done {
            let mut slot = slot::<T>();
            if slot.push(T::default()).is_err() {
                reject();
            }
            let (item, _) = slot.items();
            // Lent during this call only: the synchronous form answers when the copy is over.
            match unsafe { abi::future_write_and_wait(self.handle, item) } {
                COMPLETED => slot.take(1),
                DROPPED => {}
                _ => reject(),
            }
        }
        unsafe { abi::future_drop_writable(self.handle) }
    }
}

pub struct WriteStart<T: Item + Default> {
    slot: Slot<T>,
    pub writer: FutureWriter<T>,
}

pub struct Writing<T: Item + Default> {
    slot: Slot<T>,
    writer: FutureWriter<T>,
    result: u32,
}

/// What became of the item: unless it was taken, it comes back, and after CANCELLED the write can be tried again.
pub struct Written<T: Item + Default> {
    pub item: Option<T>,
    pub writer: FutureWriter<T>,
    pub result: u32,
}

pub struct FutureWrite<T>(PhantomData<T>);

unsafe impl<T: Item + Default> Operation for FutureWrite<T> {
    type Start = WriteStart<T>;
    type InProgress = Writing<T>;
    type Done = Written<T>;

    fn begin(start: WriteStart<T>) -> Writing<T> {
        Writing { slot: start.slot, writer: start.writer, result: COMPLETED }
    }

    unsafe fn call(state: &mut Writing<T>) -> u32 {
        // Rule: a write traps after DROPPED.
        if state.writer.done {
            return DROPPED;
        }
        let (item, _) = state.slot.items();
        unsafe { abi::future_write(state.writer.handle, item) }
    }

    fn waitable(state: &Writing<T>) -> u32 {
        state.writer.handle
    }

    fn settle(state: &mut Writing<T>, code: u32) -> Settled {
        match code {
            BLOCKED => return Settled::Lent,
            COMPLETED => {
                state.slot.take(1);
                state.writer.done = true;
            }
            DROPPED => state.writer.done = true,
            CANCELLED => {}
            _ => reject(),
        }
        state.result = code;
        Settled::Final
    }

    unsafe fn cancel(state: &mut Writing<T>) -> u32 {
        unsafe { abi::future_cancel_write(state.writer.handle) }
    }

    fn finish(state: Writing<T>) -> Written<T> {
        let Writing { mut slot, writer, result } = state;
        slot.free_sent();
        Written { item: slot.pop(), writer, result }
    }
}

/// The readable end.
pub struct FutureReader<T: Item> {
    handle: u32,
    _item: PhantomData<T>,
}

impl<T: Item> FutureReader<T> {
    /// # Safety
    /// The handle is a readable end of a future of such an item that was not read, and belongs to the caller.
    pub unsafe fn from_handle(handle: u32) -> Self {
        FutureReader { handle, _item: PhantomData }
    }

    pub fn read(self) -> InFlight<FutureRead<T>> {
        InFlight::new(self)
    }
}

impl<T: Item> Drop for FutureReader<T> {
    fn drop(&mut self) {
        unsafe { abi::future_drop_readable(self.handle) }
    }
}

pub struct Reading<T: Item> {
    slot: Slot<T>,
    reader: FutureReader<T>,
}

pub enum ReadDone<T: Item> {
    Item(T),
    /// The read can be tried again.
    Cancelled(FutureReader<T>),
}

pub struct FutureRead<T>(PhantomData<T>);

unsafe impl<T: Item> Operation for FutureRead<T> {
    type Start = FutureReader<T>;
    type InProgress = Reading<T>;
    type Done = ReadDone<T>;

    fn begin(start: FutureReader<T>) -> Reading<T> {
        Reading { slot: slot::<T>(), reader: start }
    }

    unsafe fn call(state: &mut Reading<T>) -> u32 {
        let (space, _) = state.slot.space();
        unsafe { abi::future_read(state.reader.handle, space) }
    }

    fn waitable(state: &Reading<T>) -> u32 {
        state.reader.handle
    }

    fn settle(state: &mut Reading<T>, code: u32) -> Settled {
        match code {
            BLOCKED => return Settled::Lent,
            COMPLETED => state.slot.receive(1),
            CANCELLED => {}
            // Rule: only writers see DROPPED.
            _ => reject(),
        }
        Settled::Final
    }

    unsafe fn cancel(state: &mut Reading<T>) -> u32 {
        unsafe { abi::future_cancel_read(state.reader.handle) }
    }

    fn finish(state: Reading<T>) -> ReadDone<T> {
        let Reading { mut slot, reader } = state;
        match slot.pop() {
            Some(item) => ReadDone::Item(item),
            None => ReadDone::Cancelled(reader),
        }
    }
}

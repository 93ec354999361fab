//! An `async fn` over the operations: dropped half-way, it drops whichever of them is in flight.

use crate::abi::{COMPLETED, DROPPED};
use crate::buffer::{Buffer, Item};
use crate::storage::Heap;
use crate::stream::{ReadDone, StreamReader, StreamWriter, Written};

/// Passes on all items, `capacity` at a time, until one side is gone.
pub async fn relay<T: Item>(mut reader: StreamReader<T>, mut writer: StreamWriter<T>, capacity: usize) {
    loop {
        let read: ReadDone<T, Heap<T::Lowered>> = reader.read(Buffer::new(Heap::new(capacity))).await;
        if read.buffer.is_empty() {
            return;
        }
        let written: Written<T, Heap<T::Lowered>> = writer.write_all(read.buffer).await;
        if read.result == DROPPED || written.result != COMPLETED {
            return;
        }
        reader = read.reader;
        writer = written.writer;
    }
}

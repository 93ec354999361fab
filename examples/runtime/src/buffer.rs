//! Items in the form of the host, and who owns which.

use crate::abi::LONGEST;
use crate::storage::Storage;
use std::marker::PhantomData;

/// A type that streams and futures carry. `lower`, `lift` and `sent` are the user's code: they may unwind.
pub trait Item: Sized {
    /// The form in memory. A copy of it owns nothing.
    type Lowered: Copy;

    fn lower(self) -> Self::Lowered;

    /// # Safety
    /// Once for each lowered item that the host did not take, or that it wrote.
    unsafe fn lift(lowered: Self::Lowered) -> Self;

    /// Frees what the host has copied and left behind (lists, not handles).
    ///
    /// # Safety
    /// Once for each lowered item that the host took.
    unsafe fn sent(lowered: Self::Lowered);
}

impl Item for u32 {
    type Lowered = u32;

    fn lower(self) -> u32 {
        self
    }

    unsafe fn lift(lowered: u32) -> u32 {
        lowered
    }

    unsafe fn sent(_: u32) {}
}

/// A queue of items over some memory. Items `[freed, taken)` were taken by the host and have something left to free;
/// `[taken, end)` are ours; `[end, capacity)` is room.
///
/// A write lends `[taken, end)`, a read lends `[end, capacity)`: while that lasts, the operation owns the buffer and touches
/// neither the cursors nor the memory.
pub struct Buffer<T: Item, S: Storage<T::Lowered>> {
    storage: S,
    freed: usize,
    taken: usize,
    end: usize,
    _items: PhantomData<T>,
}

impl<T: Item, S: Storage<T::Lowered>> Buffer<T, S> {
    pub fn new(storage: S) -> Self {
        Buffer { storage, freed: 0, taken: 0, end: 0, _items: PhantomData }
    }

    /// How many items are ours.
    pub fn len(&self) -> usize {
        self.end - self.taken
    }

    pub fn is_empty(&self) -> bool {
        self.end == self.taken
    }

    /// How many more items fit.
    pub fn room(&self) -> usize {
        self.storage.capacity() - self.end
    }

    /// Gives the item back when there is no room.
    pub fn push(&mut self, item: T) -> Result<(), T> {
        if self.room() == 0 {
            return Err(item);
        }
        // Keeps panic-in-callback: should `lower` unwind, the item is not counted.
        let lowered = item.lower();
        unsafe { self.storage.base().add(self.end).write(lowered) };
        self.end += 1;
        Ok(())
    }

    pub fn pop(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        self.free_sent();
        let at = self.taken;
        // Keeps panic-in-callback, partial-write: the cursors move first, so that what unwinds is not lifted again.
        self.taken = at + 1;
        self.freed = at + 1;
        Some(unsafe { T::lift(self.storage.base().add(at).read()) })
    }

    /// What a write lends: where our items are, and how many.
    pub(crate) fn items(&mut self) -> (*const u8, usize) {
        // Keeps partial-write: a resumed pointer is base + cursor * size. Keeps extent: no more than the longest buffer.
        let first = unsafe { self.storage.base().add(self.taken) };
        (first.cast::<u8>(), self.len().min(LONGEST))
    }

    /// What a read lends: where the room is, and how much.
    pub(crate) fn space(&mut self) -> (*mut u8, usize) {
        let first = unsafe { self.storage.base().add(self.end) };
        (first.cast::<u8>(), self.room().min(LONGEST))
    }

    /// The host took the first `count` items. No code of the user runs here.
    pub(crate) fn take(&mut self, count: usize) {
        self.taken += count;
    }

    /// The host wrote `count` items.
    pub(crate) fn receive(&mut self, count: usize) {
        self.end += count;
    }

    /// Frees what the host left behind of the items that it took.
    pub(crate) fn free_sent(&mut self) {
        while self.freed < self.taken {
            let at = self.freed;
            // Keeps panic-in-callback: the cursor moves before the user's code, which may unwind.
            self.freed = at + 1;
            unsafe { T::sent(self.storage.base().add(at).read()) };
        }
    }
}

impl<T: Item, S: Storage<T::Lowered>> Drop for Buffer<T, S> {
    fn drop(&mut self) {
        // Each item once: those taken are freed, ours are lifted and dropped; the memory itself goes last, as a field.
        self.free_sent();
        while let Some(item) = self.pop() {
            drop(item);
        }
    }
}

/// Elements of a stream, and a buffer of them, by what the crate lets others call: a write that has not begun gives its
/// buffer back, and one that the host answers at once moves it on.
mod client {
    use super::watch;
    use std::alloc::Layout;
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::task::{Context, Poll, Waker};
    use subject::rt::async_support::{AbiBuffer, RawStreamWriter, StreamOps};

    static ANSWER: AtomicU32 = AtomicU32::new(0);

    /// Elements that take so many bytes in Rust, and others in the canonical ABI.
    #[derive(Clone)]
    pub struct Ops<const SIZE: usize> {
        pub layout: Layout,
        pub native: bool,
        pub lists: bool,
    }

    unsafe impl<const SIZE: usize> StreamOps for Ops<SIZE> {
        type Payload = [u8; SIZE];

        fn new(&mut self) -> u64 {
            0
        }
        fn elem_layout(&self) -> Layout {
            self.layout
        }
        fn native_abi_matches_canonical_abi(&self) -> bool {
            self.native
        }
        fn contains_lists(&self) -> bool {
            self.lists
        }
        unsafe fn lower(&mut self, _: [u8; SIZE], at: *mut u8) {
            watch::used("lower", at, self.layout.size());
        }
        unsafe fn dealloc_lists(&mut self, at: *mut u8) {
            watch::used("dealloc_lists", at, self.layout.size());
        }
        unsafe fn lift(&mut self, at: *mut u8) -> [u8; SIZE] {
            watch::used("lift", at, self.layout.size());
            [0; SIZE]
        }
        unsafe fn start_write(&mut self, _: u32, at: *const u8, count: usize) -> u32 {
            watch::used("a range", at, count.saturating_mul(self.layout.size()));
            ANSWER.load(SeqCst)
        }
        unsafe fn start_read(&mut self, _: u32, _: *mut u8, _: usize) -> u32 {
            0
        }
        unsafe fn cancel_read(&mut self, _: u32) -> u32 {
            0
        }
        unsafe fn cancel_write(&mut self, _: u32) -> u32 {
            0
        }
        unsafe fn drop_readable(&mut self, _: u32) {}
        unsafe fn drop_writable(&mut self, _: u32) {}
    }

    /// `ops`: for the writers that move it on.
    pub struct Buffer<const SIZE: usize> {
        buffer: Cell<Option<AbiBuffer<Ops<SIZE>>>>,
        ops: Ops<SIZE>,
    }

    pub fn values<const SIZE: usize>(count: usize) -> Vec<[u8; SIZE]> {
        if SIZE > 0 {
            return watch::call(0, || vec![[0; SIZE]; count]);
        }
        let mut made = Vec::new();
        // SAFETY: elements without bytes have nothing that could be unset.
        unsafe { made.set_len(count) };
        made
    }

    pub fn new<const SIZE: usize>(values: Vec<[u8; SIZE]>, ops: Ops<SIZE>) -> Buffer<SIZE> {
        // SAFETY: the handle is passed to these operations alone.
        let mut writer = unsafe { RawStreamWriter::new(1, ops.clone()) };
        let buffer = pin!(writer.write(values)).cancel().1;
        Buffer { buffer: Cell::new(Some(buffer)), ops }
    }

    fn written<const SIZE: usize>(of: &Buffer<SIZE>, count: usize) {
        ANSWER.store((count as u32) << 4, SeqCst);
        // SAFETY: as above.
        let mut writer = unsafe { RawStreamWriter::new(1, of.ops.clone()) };
        let write = pin!(writer.write_buf(of.buffer.take().unwrap()));
        match write.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready((_, buffer)) => of.buffer.set(Some(buffer)),
            Poll::Pending => panic!("a write that was answered is not done"),
        };
    }

    pub fn advance<const SIZE: usize>(of: &mut Buffer<SIZE>, count: usize) {
        assert!(count < 1 << 28, "a host moves no more elements at once");
        written(of, count);
    }

    pub fn abi_ptr_and_len<const SIZE: usize>(of: &Buffer<SIZE>) {
        written(of, 0);
    }

    pub fn remaining<const SIZE: usize>(of: &Buffer<SIZE>) -> usize {
        let buffer = of.buffer.take().unwrap();
        let count = buffer.remaining();
        of.buffer.set(Some(buffer));
        count
    }

    pub fn into_vec<const SIZE: usize>(of: Buffer<SIZE>) -> Vec<[u8; SIZE]> {
        of.buffer.take().unwrap().into_vec()
    }
}

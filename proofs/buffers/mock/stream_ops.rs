/// Elements of a stream, and a buffer of them, by what the crate lets others call: a write that has not begun gives its
/// buffer back, and one that the host answers at once moves it on. It is counted which elements were handed over.
mod client {
    use super::watch;
    use std::alloc::Layout;
    use std::cell::Cell;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
    use std::task::{Context, Poll, Waker};
    use subject::rt::async_support::{AbiBuffer, RawStreamWriter, StreamOps};

    const MOST: usize = 1024;
    const LONGEST: usize = (1 << 28) - 1;
    static ANSWER: AtomicU32 = AtomicU32::new(0);
    /// Of the elements of the buffer: where the first so many were lowered to, how many were, how many there are, how
    /// many were handed over, and how many were freed or lifted.
    static PLACES: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];
    static LOWERED: AtomicUsize = AtomicUsize::new(0);
    static WHOLE: AtomicUsize = AtomicUsize::new(0);
    static HANDED: AtomicUsize = AtomicUsize::new(0);
    static USED: AtomicUsize = AtomicUsize::new(0);

    fn partial_write(what: &str) -> ! {
        watch::fault("partial-write", format_args!("{what}"))
    }

    /// An element of so many bytes is lowered here: no other may be there.
    fn lowered(at: usize, size: usize) {
        let count = LOWERED.fetch_add(1, SeqCst);
        if size > 0 && PLACES[..count.min(MOST)].iter().any(|one| one.load(SeqCst) == at) {
            partial_write("an element is lowered to where another is");
        }
        if count < MOST {
            PLACES[count].store(at, SeqCst);
        }
    }

    /// An element that was lowered is freed or lifted: one that was not before.
    fn used_up(at: usize, size: usize) {
        let count = USED.fetch_add(1, SeqCst);
        if size > 0 && PLACES[..count.min(MOST)].iter().any(|one| one.load(SeqCst) == at) {
            partial_write("an element is freed or lifted a second time");
        }
    }

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
            lowered(at as usize, self.layout.size());
        }
        unsafe fn dealloc_lists(&mut self, at: *mut u8) {
            watch::used("dealloc_lists", at, self.layout.size());
            used_up(at as usize, self.layout.size());
        }
        unsafe fn lift(&mut self, at: *mut u8) -> [u8; SIZE] {
            watch::used("lift", at, self.layout.size());
            used_up(at as usize, self.layout.size());
            [0; SIZE]
        }
        unsafe fn start_write(&mut self, _: u32, at: *const u8, count: usize) -> u32 {
            watch::used("a range", at, count.saturating_mul(self.layout.size()));
            let handed = HANDED.load(SeqCst);
            if count != WHOLE.load(SeqCst).wrapping_sub(handed).min(LONGEST) {
                partial_write("what is lent is not as many elements as are left");
            }
            if count > 0 && self.layout.size() > 0 && handed < MOST && PLACES[handed].load(SeqCst) != at as usize {
                partial_write("what is lent does not begin where the rest of the elements does");
            }
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
        WHOLE.store(values.len(), SeqCst);
        HANDED.store(0, SeqCst);
        LOWERED.store(0, SeqCst);
        USED.store(0, SeqCst);
        if ops.native {
            for (one, place) in values.iter().zip(&PLACES) {
                place.store(one as *const _ as usize, SeqCst);
            }
        }
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
        let handed = HANDED.fetch_add(count, SeqCst) + count;
        if !of.ops.lists {
            USED.store(handed, SeqCst);
        }
        if USED.load(SeqCst) != handed {
            partial_write("elements were handed over, and what they have in lists is not freed");
        }
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
        let left = of.buffer.take().unwrap().into_vec();
        if left.len() != WHOLE.load(SeqCst) - HANDED.load(SeqCst) {
            partial_write("other elements are given back than were not handed over");
        }
        left
    }
}

/// The allocator of the program. Of what is taken within a watched call it knows every block: whether it is given back
/// as it was taken, and what is used of it. Behind each there is memory that nobody may touch.
mod watch {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};

    const GUARD: usize = 1 << 16;
    const MARGIN: usize = 64;
    const MARK: u8 = 0xa5;
    const MOST: usize = 1024;

    /// `region` up to `end` is what there is for it, and from `end` on the guard.
    #[derive(Clone, Copy)]
    struct Block {
        start: usize,
        size: usize,
        align: usize,
        region: usize,
        end: usize,
        live: bool,
    }

    struct Known(UnsafeCell<[Block; MOST]>);
    // SAFETY: one call at a time is watched, in one thread.
    unsafe impl Sync for Known {}

    const NONE: Block = Block { start: 0, size: 0, align: 0, region: 0, end: 0, live: false };
    static BLOCKS: Known = Known(UnsafeCell::new([NONE; MOST]));
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static WATCHING: AtomicBool = AtomicBool::new(false);
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static REFUSED: AtomicU64 = AtomicU64::new(0);

    pub struct Watch;

    #[global_allocator]
    static ALLOCATOR: Watch = Watch;

    extern "C" {
        fn mprotect(start: *mut u8, length: usize, allowed: i32) -> i32;
    }

    unsafe impl GlobalAlloc for Watch {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            if !WATCHING.load(SeqCst) {
                return System.alloc(layout);
            }
            if layout.size() == 0 {
                fault("zero-size", format_args!("an empty block is asked for"));
            }
            let asked = ASKED.fetch_add(1, SeqCst);
            if asked < 64 && REFUSED.load(SeqCst) >> asked & 1 == 1 {
                return core::ptr::null_mut();
            }
            taken(layout)
        }

        unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
            match given_back(start as usize, layout) {
                None => System.dealloc(start, layout),
                Some(known) => {
                    let block = &mut (&mut *BLOCKS.0.get())[known];
                    block.live = false;
                    mprotect(block.region as *mut u8, block.end - block.region, 0);
                }
            }
        }

        unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            if given_back(start as usize, layout).is_none() && !WATCHING.load(SeqCst) {
                return System.realloc(start, layout, size);
            }
            let made = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !made.is_null() {
                core::ptr::copy_nonoverlapping(start, made, layout.size().min(size));
                self.dealloc(start, layout);
            }
            made
        }
    }

    /// As far at the end of its region as the alignment allows; null where there is no room.
    unsafe fn taken(layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        let known = COUNT.load(SeqCst);
        let Some(bytes) = size.checked_add(2 * GUARD - 1).map(|end| end & !(GUARD - 1)) else {
            return core::ptr::null_mut();
        };
        let Ok(whole) = Layout::from_size_align(bytes, align.max(GUARD)) else { return core::ptr::null_mut() };
        if known == MOST {
            return System.alloc(layout);
        }
        let region = System.alloc(whole) as usize;
        if region == 0 {
            return core::ptr::null_mut();
        }
        let end = region + bytes - GUARD;
        let block = Block { start: (end - size) & !(align - 1), size, align, region, end, live: true };
        for place in margins(&block) {
            *(place as *mut u8) = MARK;
        }
        mprotect(end as *mut u8, GUARD, 0);
        (&mut *BLOCKS.0.get())[known] = block;
        COUNT.store(known + 1, SeqCst);
        block.start as *mut u8
    }

    /// What is beside a block, and not of it.
    fn margins(block: &Block) -> impl Iterator<Item = usize> {
        let behind = block.start + block.size;
        (block.start.saturating_sub(MARGIN).max(block.region)..block.start)
            .chain(behind..block.end.min(behind.saturating_add(GUARD)))
    }

    fn blocks() -> &'static [Block] {
        // SAFETY: only what is taken and given back changes it.
        unsafe { &(&*BLOCKS.0.get())[..COUNT.load(SeqCst)] }
    }

    /// The block in whose memory, or in the guard behind it, this is.
    fn around(at: usize) -> Option<usize> {
        blocks().iter().position(|one| one.region <= at && at < one.end + GUARD)
    }

    /// The block, which has to be as it was taken; none if nobody watched when it was.
    fn given_back(start: usize, layout: Layout) -> Option<usize> {
        let known = around(start)?;
        let block = blocks()[known];
        if !block.live {
            fault("range-in-bounds", format_args!("a block is given back twice"));
        }
        if start != block.start {
            fault("range-in-bounds", format_args!("what is given back is not the start of a block"));
        }
        if layout.size() != block.size {
            let sizes = (block.size, layout.size());
            fault("range-in-bounds", format_args!("a block of {} bytes is given back as one of {}", sizes.0, sizes.1));
        }
        if layout.align() != block.align {
            let (was, now) = (block.align, layout.align());
            fault("aligned", format_args!("a block aligned to {was} is given back as one aligned to {now}"));
        }
        look(&block);
        Some(known)
    }

    fn look(block: &Block) {
        // SAFETY: the memory of a live block is there, up to its guard.
        if block.live && margins(block).any(|place| unsafe { *(place as *const u8) } != MARK) {
            fault("range-in-bounds", format_args!("bytes beside a block of {} were written", block.size));
        }
    }

    /// So many bytes are used from here on. Of memory that was not taken within a watched call, only whether it is there.
    pub fn used(by: &str, start: *const u8, count: usize) {
        if count == 0 {
            return;
        }
        let at = start as usize;
        if let Some(known) = around(at) {
            let block = blocks()[known];
            let fits = block.start <= at && count <= (block.start + block.size).saturating_sub(at);
            if !block.live || !fits {
                let place = at.wrapping_sub(block.start) as isize;
                let text = format_args!("{by}: {count} bytes from {place} on in a block of {}", block.size);
                fault("range-in-bounds", text);
            }
        }
        // SAFETY: that it may not be there is what is asked.
        unsafe {
            start.read_volatile();
            start.wrapping_add(count - 1).read_volatile();
        }
    }

    /// A call into the crate. `refused`: a bit for each time that the allocator is asked, from the lowest on.
    pub fn call<R>(refused: u64, run: impl FnOnce() -> R) -> R {
        ASKED.store(0, SeqCst);
        REFUSED.store(refused, SeqCst);
        WATCHING.store(true, SeqCst);
        let result = run();
        WATCHING.store(false, SeqCst);
        blocks().iter().for_each(look);
        result
    }

    /// A block that the host was given before.
    pub fn block(size: usize, align: usize) -> *mut u8 {
        // SAFETY: a host asks for no other layout.
        call(0, || unsafe { std::alloc::alloc(Layout::from_size_align_unchecked(size, align)) })
    }

    /// What a realloc hands to the host.
    pub fn handed(start: *mut u8, align: usize, size: usize) {
        if start.is_null() {
            fault("exhaustion-traps", format_args!("a null pointer is handed out"));
        }
        if size == 0 {
            if start as usize != align {
                fault("zero-size", format_args!("of nothing another address than the alignment"));
            }
            return;
        }
        match around(start as usize).map(|known| blocks()[known]) {
            Some(one) if one.live && one.start == start as usize && one.size == size && one.align == align => {}
            Some(one) if one.live && one.start == start as usize && one.size == size => {
                fault("aligned", format_args!("a block aligned to {} is handed out", one.align))
            }
            Some(one) => fault("range-in-bounds", format_args!("a block of {} bytes is handed out for {size}", one.size)),
            None => fault("range-in-bounds", format_args!("what is handed out is no block")),
        }
    }

    pub fn fault(kind: &str, text: std::fmt::Arguments) -> ! {
        WATCHING.store(false, SeqCst);
        let line = format!("fault: {kind}: {text}\n");
        let _ = std::io::stdout().write_all(line.as_bytes());
        std::process::exit(101)
    }
}

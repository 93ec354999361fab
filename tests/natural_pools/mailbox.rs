//! One-slot mailbox.
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicU8, Ordering};

const EMPTY: u8 = 0;
const FULL: u8 = 2;

pub struct Mailbox<const N: usize> {
    state: AtomicU8,
    length: UnsafeCell<usize>,
    data: UnsafeCell<MaybeUninit<[u8; N]>>,
}
unsafe impl<const N: usize> Sync for Mailbox<N> {}

impl<const N: usize> Mailbox<N> {
    pub const fn new() -> Self {
        Mailbox { state: AtomicU8::new(EMPTY), length: UnsafeCell::new(0), data: UnsafeCell::new(MaybeUninit::uninit()) }
    }
    fn post(&self, message: &[u8]) -> Result<(), ()> {
        if message.len() > N {
            return Err(());
        }
        if self.state.load(Ordering::Acquire) != EMPTY {
            return Err(());
        }
        unsafe {
            let to = (*self.data.get()).as_mut_ptr() as *mut u8;
            core::ptr::copy_nonoverlapping(message.as_ptr(), to, message.len());
            *self.length.get() = message.len();
        }
        self.state.store(FULL, Ordering::Release);
        Ok(())
    }
    fn receive(&self, into: &mut [u8]) -> Option<usize> {
        if self.state.load(Ordering::Acquire) != FULL {
            return None;
        }
        let n = unsafe {
            let n = *self.length.get();
            let from = core::slice::from_raw_parts(self.data.get() as *const u8, n);
            let n = n.min(into.len());
            into[..n].copy_from_slice(&from[..n]);
            n
        };
        self.state.store(EMPTY, Ordering::Release);
        Some(n)
    }
}
static MAILBOX: Mailbox<32> = Mailbox::new();

pub fn post(message: &[u8]) -> bool {
    MAILBOX.post(message).is_ok()
}
pub fn receive(into: &mut [u8]) -> usize {
    MAILBOX.receive(into).unwrap_or(0)
}

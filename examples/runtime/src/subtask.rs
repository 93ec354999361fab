//! A call of an imported function that takes its time: its parameters, its results, its subtask.

use crate::abi::{self, CANCELLED_BEFORE_RETURNED, CANCELLED_BEFORE_STARTED, RETURNED, STARTED, STARTING};
use crate::operation::{InFlight, Operation, Settled};
use crate::reject;
use std::alloc::{alloc, handle_alloc_error, realloc, Layout};
use std::cell::UnsafeCell;
use std::ptr;
use std::rc::Rc;

/// A resource of the host.
pub struct Parcel {
    handle: u32,
}

impl Parcel {
    /// # Safety
    /// The handle is that of a parcel, and belongs to the caller.
    pub unsafe fn from_handle(handle: u32) -> Self {
        Parcel { handle }
    }

    pub fn handle(&self) -> u32 {
        self.handle
    }

    fn give_away(self) {
        std::mem::forget(self);
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        unsafe { abi::parcel_drop(self.handle) }
    }
}

/// The parameters in memory: `own<parcel>`, `borrow<parcel>`, `list<u8>`.
#[repr(C)]
pub struct ParameterArea {
    pub owned: u32,
    pub borrowed: u32,
    pub text: *const u8,
    pub length: usize,
}

/// The result in memory: `list<u8>`.
#[repr(C)]
pub struct ResultArea {
    pub text: *mut u8,
    pub length: usize,
}

/// The host allocates result lists with this.
///
/// # Safety
/// As the canonical ABI has it.
#[export_name = "cabi_realloc"]
pub unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8 {
    let layout = unsafe { Layout::from_size_align_unchecked(new_size, align) };
    let new = if new_size == 0 {
        return align as *mut u8;
    } else if old_size == 0 {
        unsafe { alloc(layout) }
    } else {
        unsafe { realloc(old, Layout::from_size_align_unchecked(old_size, align), new_size) }
    };
    if new.is_null() {
        handle_alloc_error(layout);
    }
    new
}

/// What the parameters consist of. The area is in a box: it stays where it is when this moves.
struct Parameters {
    area: Box<ParameterArea>,
    owned: Parcel,
    text: Box<[u8]>,
}

/// The results area, in a box. Full: the host has written the result, and nobody has lifted it.
struct Results {
    area: Box<UnsafeCell<ResultArea>>,
    full: bool,
}

impl Results {
    fn lift(&mut self) -> Vec<u8> {
        self.full = false;
        let ResultArea { text, length } = unsafe { self.area.get().read() };
        if length == 0 {
            return Vec::new();
        }
        unsafe { Vec::from_raw_parts(text, length, length) }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        if self.full {
            drop(self.lift());
        }
    }
}

/// The subtask, dropped with its handle.
struct Subtask {
    handle: u32,
}

impl Drop for Subtask {
    fn drop(&mut self) {
        // Rule: traps until the resolution was delivered. The operation is closed before.
        unsafe { abi::subtask_drop(self.handle) }
    }
}

pub struct CallStart {
    pub owned: Parcel,
    pub borrowed: Rc<Parcel>,
    pub text: Box<[u8]>,
}

pub struct Calling {
    /// Keeps subtask-areas: until STARTED, or longer.
    parameters: Option<Parameters>,
    results: Results,
    /// None: resolved at once, or not called yet.
    subtask: Option<Subtask>,
    /// Rule: a lent handle must not be dropped until the resolution is delivered.
    borrowed: Rc<Parcel>,
    state: u32,
}

pub enum CallDone {
    Returned(Vec<u8>),
    /// The callee never had the parcel.
    NotStarted(Parcel),
    NotReturned,
}

pub struct Call;

impl Call {
    /// Calls `exchange`.
    pub fn exchange(owned: Parcel, borrowed: Rc<Parcel>, text: Box<[u8]>) -> InFlight<Call> {
        InFlight::new(CallStart { owned, borrowed, text })
    }
}

impl Calling {
    /// The host has read the parameters: the owned handle is gone, the memory is ours again.
    fn started(&mut self) {
        if let Some(Parameters { area, owned, text }) = self.parameters.take() {
            owned.give_away();
            drop(text);
            drop(area);
        }
    }
}

unsafe impl Operation for Call {
    type Start = CallStart;
    type InProgress = Calling;
    type Done = CallDone;

    fn begin(start: CallStart) -> Calling {
        let area = Box::new(ParameterArea {
            owned: start.owned.handle,
            borrowed: start.borrowed.handle,
            text: start.text.as_ptr(),
            length: start.text.len(),
        });
        let empty = ResultArea { text: ptr::null_mut(), length: 0 };
        Calling {
            parameters: Some(Parameters { area, owned: start.owned, text: start.text }),
            results: Results { area: Box::new(UnsafeCell::new(empty)), full: false },
            subtask: None,
            borrowed: start.borrowed,
            state: STARTING,
        }
    }

    unsafe fn call(state: &mut Calling) -> u32 {
        let parameters: *const ParameterArea = match &state.parameters {
            Some(parameters) => &*parameters.area,
            None => reject(),
        };
        let answer = unsafe { abi::exchange(parameters.cast::<u8>(), state.results.area.get().cast::<u8>()) };
        if answer >> 4 != 0 {
            state.subtask = Some(Subtask { handle: answer >> 4 });
        }
        answer & 0xf
    }

    fn waitable(state: &Calling) -> u32 {
        match &state.subtask {
            Some(subtask) => subtask.handle,
            None => reject(),
        }
    }

    fn settle(state: &mut Calling, code: u32) -> Settled {
        match code {
            STARTING => return Settled::Lent,
            STARTED => {
                state.state = STARTED;
                // The parameters only: the results area is lent until the callee is done.
                state.started();
                return Settled::Lent;
            }
            RETURNED => {
                // STARTED may never have been delivered.
                state.started();
                state.results.full = true;
            }
            CANCELLED_BEFORE_STARTED => {}
            CANCELLED_BEFORE_RETURNED => state.started(),
            _ => reject(),
        }
        state.state = code;
        Settled::Final
    }

    unsafe fn cancel(state: &mut Calling) -> u32 {
        unsafe { abi::subtask_cancel(Self::waitable(state)) }
    }

    fn finish(state: Calling) -> CallDone {
        let Calling { parameters, mut results, subtask, borrowed, state } = state;
        drop(subtask);
        drop(borrowed);
        match (state, parameters) {
            (RETURNED, _) => CallDone::Returned(results.lift()),
            (CANCELLED_BEFORE_STARTED, Some(parameters)) => CallDone::NotStarted(parameters.owned),
            _ => CallDone::NotReturned,
        }
    }
}

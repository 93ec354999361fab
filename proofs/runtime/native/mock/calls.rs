//! Asynchronous calls of an import [CABI: canon_lower, canon_subtask_cancel, subtask_event, canon_subtask_drop].
//!
//! Parameters are one list, results are one list, both in the block that the runtime allocates. The parameters are lent
//! until the guest hears STARTED, the results area until it hears of the resolution.

use crate::lease::{Lease, Shape};
use crate::{elements, fault, heap, host};
use std::cell::RefCell;
use std::collections::BTreeMap;

const STARTING: u32 = 0;
const RETURNED: u32 = 2;
const CANCELLED_BEFORE_STARTED: u32 = 3;
const CANCELLED_BEFORE_RETURNED: u32 = 4;
/// The memory of a list.
const LIST: Shape = elements::NUMBER;

struct Call {
    told: u32,
    requested: bool,
    in_set: bool,
    /// The parameters, and what they point at.
    parameters: Option<(Lease, Lease)>,
    results: Option<Lease>,
}

thread_local! {
    static CALLS: RefCell<BTreeMap<u32, Call>> = RefCell::new(BTreeMap::new());
}

fn with<R>(run: impl FnOnce(&mut BTreeMap<u32, Call>) -> R) -> R {
    heap::outside(|| CALLS.with(|calls| run(&mut calls.borrow_mut())))
}

pub(crate) fn touch(noise: u8) {
    with(|calls| {
        for call in calls.values_mut() {
            if let Some((parameters, list)) = &mut call.parameters {
                parameters.touch(noise);
                list.touch(noise);
            }
            call.results.iter_mut().for_each(|results| results.touch(noise));
        }
    });
}

pub(crate) fn is_lent() -> bool {
    with(|calls| calls.values().any(|call| call.parameters.is_some() || call.results.is_some()))
}

pub(crate) fn join(handle: u32, set: bool) -> bool {
    with(|calls| calls.get_mut(&handle).map(|call| call.in_set = set).is_some())
}

/// The import is called: the answer is the state, with a handle unless it returned at once.
pub(crate) fn start(parameters: *mut u8, results: *mut u8) -> u32 {
    host::run();
    let handle = host::new_handle();
    let state = host::next("asynchronous call") & 0xf;
    with(|calls| {
        let list = unsafe { parameters.cast::<*mut u8>().read() };
        let parameters = (Lease::open(parameters, 1, elements::TOKEN, false), Lease::open(list, 1, LIST, false));
        let results = Some(Lease::open(results, 1, elements::TOKEN, true));
        let call = Call { told: STARTING, requested: false, in_set: false, parameters: Some(parameters), results };
        calls.insert(handle, call);
    });
    hear(handle, state);
    match state {
        RETURNED => {
            with(|calls| calls.remove(&handle));
            RETURNED
        }
        _ => state | handle << 4,
    }
}

/// The guest hears of a state: what the host is done with is the guest's again.
fn hear(handle: u32, state: u32) {
    with(|calls| {
        let Some(call) = calls.get_mut(&handle) else { return };
        if state > CANCELLED_BEFORE_RETURNED || state < call.told {
            fault("no-scenario", "a state that no host gives");
        }
        call.told = state;
        if state != STARTING {
            if let Some((mut parameters, list)) = call.parameters.take() {
                if state != CANCELLED_BEFORE_STARTED {
                    host::took(parameters.consume());
                }
                parameters.close();
                list.close();
            }
        }
        if state >= RETURNED {
            if let Some(mut results) = call.results.take() {
                if state == RETURNED {
                    results.produce(host::makes());
                }
                results.close();
            }
        }
    });
}

pub(crate) fn delivery(handle: u32, state: u32) -> bool {
    let known = with(|calls| calls.get(&handle).is_some_and(|call| call.told < RETURNED));
    if known {
        hear(handle, state);
    }
    known
}

/// subtask.cancel, synchronous.
#[export_name = "[subtask-cancel]"]
extern "C" fn cancel(handle: u32) -> u32 {
    host::run();
    with(|calls| match calls.get_mut(&handle) {
        None => fault("trap-no-such-subtask", "subtask.cancel traps: no such subtask"),
        Some(call) if call.told >= RETURNED => {
            fault("trap-resolution-delivered", "subtask.cancel traps: the resolution was delivered")
        }
        Some(call) if call.requested => {
            fault("trap-cancelled-twice", "subtask.cancel traps: cancellation was asked for already")
        }
        Some(call) if call.in_set => fault("trap-in-set", "subtask.cancel traps: synchronous while in a waitable set"),
        Some(call) => call.requested = true,
    });
    let state = host::next("subtask.cancel");
    if state < RETURNED {
        host::breaks_its_word("a synchronous cancel of a subtask answers how it resolved");
    }
    host::run();
    hear(handle, state);
    state
}

/// subtask.drop.
#[export_name = "[subtask-drop]"]
extern "C" fn drop_subtask(handle: u32) {
    host::run();
    with(|calls| match calls.remove(&handle) {
        None => fault("trap-no-such-subtask", "subtask.drop traps: no such subtask"),
        Some(call) if call.told < RETURNED => {
            fault("trap-subtask-unresolved", "subtask.drop traps: the resolution was not delivered")
        }
        Some(_) => {}
    });
}

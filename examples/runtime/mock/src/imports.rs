//! The host's built-ins, under the names that the guest imports. Traps come first, in the order of the rules.

use crate::{fault, heap, run_other_code, with, Callee, Host, Kind, Lease, OnCancel, Set, Shape, State, Subtask};
use crate::{BLOCKED, CANCELLED, CANCELLED_BEFORE_RETURNED, CANCELLED_BEFORE_STARTED, COMPLETED, DROPPED};
use crate::{RETURNED, STARTED, STARTING};

const LONGEST: usize = (1 << 28) - 1;

extern "C" {
    fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, new_size: usize) -> *mut u8;
}

/// read, write.
fn copy(kind: Kind, handle: u32, at: *mut u8, count: usize, waits: bool) -> u32 {
    with(|host| {
        host.touch();
        let end = host.end(handle, kind, "read or write");
        if end.state != State::Idle {
            fault("trap-not-idle", "read or write");
        }
        if waits && end.set != 0 {
            fault("trap-in-set", "a synchronous copy");
        }
        if count > LONGEST {
            fault("trap-too-long", "read or write");
        }
        let mut lease = Lease::open(at, count, end.shape, kind.is_read());
        if end.dropped {
            lease.progress = 0;
            end.lease = Some(lease);
            return end.deliver(DROPPED);
        }
        end.lease = Some(lease);
        let Host { ends, received, .. } = host;
        let Some(end) = ends.get_mut(&handle) else {
            return BLOCKED;
        };
        if end.copy(received) > 0 {
            return end.deliver(COMPLETED);
        }
        if waits {
            // The peer comes, sooner or later: here, at once.
            end.supply.push_back(0);
            end.demand = end.demand.max(1);
            end.copy(received);
            return end.deliver(COMPLETED);
        }
        end.state = State::Copying;
        BLOCKED
    })
}

/// cancel-read, cancel-write.
fn cancel(kind: Kind, handle: u32, synchronous: bool) -> u32 {
    let choice = with(|host| {
        host.touch();
        host.cancels += 1;
        let end = host.end(handle, kind, "cancel");
        if end.state != State::Copying || end.waits {
            fault("trap-not-copying", "cancel");
        }
        if synchronous && end.set != 0 {
            fault("trap-in-set", "a synchronous cancel");
        }
        if let Some(result) = end.pending {
            return Err(end.deliver(result));
        }
        match end.on_cancel {
            OnCancel::AtOnce => Err(end.deliver(CANCELLED)),
            OnCancel::Blocked => {
                end.state = State::CancellingCopy;
                Err(BLOCKED)
            }
            OnCancel::Later(result, count) => {
                end.state = State::CancellingCopy;
                if !synchronous {
                    return Err(BLOCKED);
                }
                end.waits = true;
                Ok((result, count))
            }
        }
    });
    let (result, count) = match choice {
        Ok(later) => later,
        Err(code) => return code,
    };
    run_other_code();
    with(|host| {
        host.touch();
        let Host { ends, received, .. } = host;
        let Some(end) = ends.get_mut(&handle) else { fault("trap-no-such-end", "it went while cancelled") };
        end.supply.extend((0..count as u64).map(|item| 900 + item));
        end.demand += count;
        end.copy(received);
        end.supply.clear();
        end.demand = 0;
        end.waits = false;
        // An event that came meanwhile is the answer.
        let result = end.pending.unwrap_or(result);
        end.deliver(result)
    })
}

/// drop-readable, drop-writable.
fn drop_end(kind: Kind, handle: u32) {
    with(|host| {
        host.touch();
        let end = host.end(handle, kind, "drop");
        if matches!(end.state, State::Copying | State::CancellingCopy) {
            fault("trap-dropped-while-copying", "an end");
        }
        if kind == Kind::FutureWrite && end.state != State::Done {
            fault("trap-future-not-done", "its writer is dropped");
        }
        host.ends.remove(&handle);
    });
}

pub(crate) fn event_of(host: &mut Host, set: u32) -> Option<(u32, u32, u32)> {
    if !host.sets.contains_key(&set) {
        fault("trap-no-such-set", "wait");
    }
    for (&handle, end) in &mut host.ends {
        if end.set == set {
            if let Some(result) = end.pending {
                return Some((end.kind.event(), handle, end.deliver(result)));
            }
        }
    }
    let mut found = None;
    for (&handle, subtask) in &mut host.subtasks {
        if subtask.set == set && subtask.pending && found.is_none() {
            found = Some(handle);
        }
    }
    found.map(|handle| (1, handle, deliver_subtask(host, handle)))
}

fn deliver_subtask(host: &mut Host, handle: u32) -> u32 {
    let Host { subtasks, parcels, .. } = host;
    let Some(subtask) = subtasks.get_mut(&handle) else { fault("trap-no-such-subtask", "delivery") };
    subtask.pending = false;
    if subtask.state == STARTED {
        // The guest hears of it: the parameters are its own again.
        if let Some(lease) = subtask.parameters.take() {
            lease.close();
        }
    }
    if subtask.state >= RETURNED {
        subtask.delivered = true;
        for lease in [subtask.parameters.take(), subtask.results.take()].into_iter().flatten() {
            lease.close();
        }
        if subtask.lends {
            subtask.lends = false;
            if let Some(lends) = parcels.get_mut(&subtask.borrowed) {
                *lends -= 1;
            }
        }
    }
    subtask.state
}

/// The callee goes on to that state.
pub(crate) fn step_to(handle: u32, state: u32) {
    let length = with(|host| {
        let Host { subtasks, parcels, given, .. } = host;
        let subtask = subtasks.get_mut(&handle)?;
        if subtask.state >= RETURNED || subtask.state >= state && state != STARTING {
            return None;
        }
        if state == CANCELLED_BEFORE_STARTED && subtask.state != STARTING {
            fault("mock-host", "started before");
        }
        if state != CANCELLED_BEFORE_STARTED && state != STARTING && subtask.state == STARTING {
            start(subtask, parcels, given);
        }
        // The parameters are the host's until the guest hears; the last touch was before.
        subtask.state = state;
        (state == RETURNED).then_some(5)
    });
    if let Some(length) = length {
        let text = heap::inside(|| unsafe { cabi_realloc(std::ptr::null_mut(), 0, 1, length) });
        with(|host| {
            if let Some(results) = host.subtasks.get_mut(&handle).and_then(|subtask| subtask.results.as_mut()) {
                unsafe {
                    std::slice::from_raw_parts_mut(text, length).copy_from_slice(b"hello");
                    let area = results.bytes().cast::<(*mut u8, usize)>();
                    area.cast::<*mut u8>().write(text);
                    area.cast::<usize>().add(1).write(length);
                }
                results.written();
            }
        });
    }
}

/// The host reads the parameters: owned handles move, borrows are counted.
fn start(subtask: &mut Subtask, parcels: &mut std::collections::BTreeMap<u32, u32>, given: &mut Vec<u32>) {
    let Some(parameters) = &mut subtask.parameters else { fault("mock-host", "no parameters") };
    let area = parameters.bytes();
    let (owned, borrowed) = unsafe { (area.cast::<u32>().read(), area.cast::<u32>().add(1).read()) };
    let text = unsafe { area.add(8).cast::<*const u8>().read() };
    let length = unsafe { area.add(8).cast::<usize>().add(1).read() };
    heap::check_live(text as usize, length, "the text of the parameters");
    if unsafe { std::slice::from_raw_parts(text, length) } != b"parcel" {
        fault("wrong-value", "the text of the parameters");
    }
    match parcels.get(&owned) {
        Some(0) => parcels.remove(&owned),
        Some(_) => fault("trap-lent-handle", "an owned handle is moved while lent"),
        None => fault("trap-no-such-parcel", "lift of an owned handle"),
    };
    given.push(owned);
    match parcels.get_mut(&borrowed) {
        Some(lends) => *lends += 1,
        None => fault("trap-no-such-parcel", "lift of a borrow"),
    }
    subtask.borrowed = borrowed;
    subtask.lends = true;
}

unsafe fn no_item(_: *const u8) -> u64 {
    0
}

unsafe fn make_no_item(_: *mut u8, _: u64) {}

const fn area(size: usize) -> Shape {
    Shape { size, align: 8, inspect: no_item, produce: make_no_item }
}

fn call(parameters: *mut u8, results: *mut u8) -> u32 {
    let (handle, callee) = with(|host| {
        host.touch();
        let handle = host.name();
        let callee = host.callee.take().unwrap_or(Callee { at_once: STARTING, on_cancel: RETURNED });
        let subtask = Subtask {
            state: STARTING,
            pending: false,
            delivered: false,
            requested: false,
            set: 0,
            parameters: Some(Lease::open(parameters, 1, area(24), false)),
            results: Some(Lease::open(results, 1, area(16), true)),
            borrowed: 0,
            lends: false,
            on_cancel: callee.on_cancel,
        };
        host.subtasks.insert(handle, subtask);
        (handle, callee)
    });
    if callee.at_once != STARTING {
        step_to(handle, callee.at_once);
    }
    with(|host| {
        host.touch();
        let state = host.subtasks.get(&handle).map_or(STARTING, |subtask| subtask.state);
        let state = if state == STARTING { state } else { deliver_subtask(host, handle) };
        if state == RETURNED {
            host.subtasks.remove(&handle);
            return RETURNED;
        }
        state | handle << 4
    })
}

fn cancel_subtask(handle: u32) -> u32 {
    let target = with(|host| {
        host.touch();
        host.cancels += 1;
        let Some(subtask) = host.subtasks.get_mut(&handle) else { fault("trap-no-such-subtask", "cancel") };
        if subtask.delivered {
            fault("trap-resolution-delivered", "cancel");
        }
        if subtask.requested {
            fault("trap-cancelled-twice", "subtask");
        }
        if subtask.set != 0 {
            fault("trap-in-set", "a synchronous cancel");
        }
        subtask.requested = true;
        if subtask.state >= RETURNED {
            return None;
        }
        let wanted = subtask.on_cancel;
        Some(match (wanted, subtask.state) {
            (CANCELLED_BEFORE_STARTED, STARTED) => CANCELLED_BEFORE_RETURNED,
            (STARTED, _) => STARTED,
            _ => wanted,
        })
    });
    if let Some(state) = target {
        run_other_code();
        with(Host::touch);
        step_to(handle, state);
    }
    with(|host| {
        host.touch();
        deliver_subtask(host, handle)
    })
}

fn join(waitable: u32, set: u32) {
    with(|host| {
        host.touch();
        if set != 0 && !host.sets.contains_key(&set) {
            fault("trap-no-such-set", "join");
        }
        if let Some(end) = host.ends.get_mut(&waitable) {
            if end.waits {
                fault("trap-sync-wait", "join");
            }
            end.set = set;
        } else if let Some(subtask) = host.subtasks.get_mut(&waitable) {
            subtask.set = set;
        } else {
            fault("trap-no-such-waitable", "join");
        }
    });
}

fn wait(set: u32, payload: *mut [u32; 2], blocks: bool) -> u32 {
    let mut event = with(|host| {
        host.touch();
        event_of(host, set)
    });
    if event.is_none() && blocks {
        waited(set, true);
        run_other_code();
        waited(set, false);
        event = with(|host| {
            host.touch();
            event_of(host, set)
        });
    }
    match event {
        Some((event, waitable, code)) => {
            unsafe { payload.write([waitable, code]) };
            event
        }
        None if blocks => fault("deadlock", "nothing will ever happen"),
        None => {
            unsafe { payload.write([0, 0]) };
            0
        }
    }
}

fn waited(set: u32, waited: bool) {
    with(|host| {
        if let Some(set) = host.sets.get_mut(&set) {
            set.waited = waited;
        }
    });
}

macro_rules! built_ins {
    ($($name:literal $function:ident($($argument:ident: $type:ty),*) $(-> $answer:ty)? $body:block)*) => {
        $(
            #[export_name = $name]
            extern "C" fn $function($($argument: $type),*) $(-> $answer)? $body
        )*
    };
}

built_ins! {
    "[waitable-set-new]" waitable_set_new() -> u32 {
        with(|host| {
            let set = host.name();
            host.sets.insert(set, Set::default());
            set
        })
    }
    "[waitable-set-drop]" waitable_set_drop(set: u32) {
        with(|host| {
            host.touch();
            match host.sets.remove(&set) {
                None => fault("trap-no-such-set", "drop"),
                Some(set) if set.waited => fault("trap-set-waited-on", "drop"),
                Some(_) => {}
            }
            let member = host.ends.values().any(|end| end.set == set);
            if member || host.subtasks.values().any(|subtask| subtask.set == set) {
                fault("trap-set-not-empty", "drop");
            }
        });
    }
    "[waitable-set-wait]" waitable_set_wait(set: u32, payload: *mut [u32; 2]) -> u32 { wait(set, payload, true) }
    "[waitable-set-poll]" waitable_set_poll(set: u32, payload: *mut [u32; 2]) -> u32 { wait(set, payload, false) }
    "[waitable-join]" waitable_join(waitable: u32, set: u32) { join(waitable, set) }
    "[task-return]run" task_return() {
        with(|host| {
            host.touch();
            if std::mem::replace(&mut host.resolved, true) {
                fault("trap-resolved-twice", "task.return");
            }
        });
    }
    "[task-cancel]" task_cancel() {
        with(|host| {
            host.touch();
            if !host.cancel_asked || std::mem::replace(&mut host.resolved, true) {
                fault("trap-not-cancelled", "task.cancel");
            }
        });
    }
    "[subtask-cancel]" subtask_cancel(subtask: u32) -> u32 { cancel_subtask(subtask) }
    "[subtask-drop]" subtask_drop(handle: u32) {
        with(|host| {
            host.touch();
            match host.subtasks.remove(&handle) {
                None => fault("trap-no-such-subtask", "drop"),
                Some(subtask) if !subtask.delivered => fault("trap-subtask-unresolved", "drop"),
                Some(_) => {}
            }
        });
    }
    "[async-lower][stream-read-0]exchange" stream_read(end: u32, items: *mut u8, count: usize) -> u32 {
        copy(Kind::StreamRead, end, items, count, false)
    }
    "[async-lower][stream-write-0]exchange" stream_write(end: u32, items: *mut u8, count: usize) -> u32 {
        copy(Kind::StreamWrite, end, items, count, false)
    }
    "[async-lower][future-read-1]exchange" future_read(end: u32, item: *mut u8) -> u32 {
        copy(Kind::FutureRead, end, item, 1, false)
    }
    "[async-lower][future-write-1]exchange" future_write(end: u32, item: *mut u8) -> u32 {
        copy(Kind::FutureWrite, end, item, 1, false)
    }
    "[future-write-1]exchange" future_write_and_wait(end: u32, item: *mut u8) -> u32 {
        copy(Kind::FutureWrite, end, item, 1, true)
    }
    "[stream-cancel-read-0]exchange" stream_cancel_read(end: u32) -> u32 { cancel(Kind::StreamRead, end, true) }
    "[stream-cancel-write-0]exchange" stream_cancel_write(end: u32) -> u32 { cancel(Kind::StreamWrite, end, true) }
    "[future-cancel-read-1]exchange" future_cancel_read(end: u32) -> u32 { cancel(Kind::FutureRead, end, true) }
    "[future-cancel-write-1]exchange" future_cancel_write(end: u32) -> u32 { cancel(Kind::FutureWrite, end, true) }
    "[async-lower][stream-cancel-read-0]exchange" stream_cancel_read_later(end: u32) -> u32 {
        cancel(Kind::StreamRead, end, false)
    }
    "[async-lower][stream-cancel-write-0]exchange" stream_cancel_write_later(end: u32) -> u32 {
        cancel(Kind::StreamWrite, end, false)
    }
    "[stream-drop-readable-0]exchange" stream_drop_readable(end: u32) { drop_end(Kind::StreamRead, end) }
    "[stream-drop-writable-0]exchange" stream_drop_writable(end: u32) { drop_end(Kind::StreamWrite, end) }
    "[future-drop-readable-1]exchange" future_drop_readable(end: u32) { drop_end(Kind::FutureRead, end) }
    "[future-drop-writable-1]exchange" future_drop_writable(end: u32) { drop_end(Kind::FutureWrite, end) }
    "[async-lower]exchange" exchange(parameters: *mut u8, results: *mut u8) -> u32 { call(parameters, results) }
    "[resource-drop]parcel" parcel_drop(parcel: u32) {
        with(|host| {
            host.touch();
            match host.parcels.remove(&parcel) {
                None => fault("trap-no-such-parcel", "drop"),
                Some(0) => {}
                Some(_) => fault("trap-lent-handle", "a parcel is dropped while lent"),
            }
        });
    }
}

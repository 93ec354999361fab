//! The lease automaton of each end [CABI: stream_copy, future_copy, cancel_copy, drop], with the answers of the scenario.

use crate::host::{self, BLOCKED};
use crate::lease::Lease;
use crate::{fault, heap};
use std::cell::RefCell;
use std::collections::BTreeMap;

const COMPLETED: u32 = 0;
const DROPPED: u32 = 1;
const CANCELLED: u32 = 2;
const LONGEST: usize = (1 << 28) - 1;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    StreamRead,
    StreamWrite,
    FutureRead,
    FutureWrite,
}

impl Kind {
    pub fn is_read(self) -> bool {
        matches!(self, Kind::StreamRead | Kind::FutureRead)
    }

    pub fn is_future(self) -> bool {
        matches!(self, Kind::FutureRead | Kind::FutureWrite)
    }

    fn copy(self) -> &'static str {
        match self {
            Kind::StreamRead => "stream.read",
            Kind::StreamWrite => "stream.write",
            Kind::FutureRead => "future.read",
            Kind::FutureWrite => "future.write",
        }
    }

    fn cancel(self) -> &'static str {
        match self {
            Kind::StreamRead => "stream.cancel-read",
            Kind::StreamWrite => "stream.cancel-write",
            Kind::FutureRead => "future.cancel-read",
            Kind::FutureWrite => "future.cancel-write",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Idle,
    Copying,
    CancellingCopy,
    Done,
}

struct End {
    kind: Kind,
    state: State,
    lease: Option<Lease>,
    in_set: bool,
}

thread_local! {
    static ENDS: RefCell<BTreeMap<u32, End>> = const { RefCell::new(BTreeMap::new()) };
}

fn with<R>(run: impl FnOnce(&mut BTreeMap<u32, End>) -> R) -> R {
    heap::outside(|| ENDS.with(|ends| run(&mut ends.borrow_mut())))
}

/// Traps unless there is such an end.
fn with_end<R>(kind: Kind, handle: u32, call: &str, run: impl FnOnce(&mut End) -> R) -> R {
    with(|ends| match ends.get_mut(&handle) {
        Some(end) if end.kind == kind => run(end),
        _ => fault("trap-no-such-end", &format!("{call} traps: no such end")),
    })
}

pub(crate) fn touch(noise: u8) {
    with(|ends| ends.values_mut().filter_map(|end| end.lease.as_mut()).for_each(|lease| lease.touch(noise)));
}

pub(crate) fn is_lent() -> bool {
    with(|ends| ends.values().any(|end| end.lease.is_some()))
}

pub(crate) fn join(handle: u32, set: bool) -> bool {
    with(|ends| ends.get_mut(&handle).map(|end| end.in_set = set).is_some())
}

/// Both ends of a stream or future: reader, writer. The one that the scenario is not about is given away.
pub(crate) fn new_pair(reader: Kind, writer: Kind) -> u64 {
    let new_end = |kind| {
        let handle = host::new_handle();
        with(|ends| ends.insert(handle, End { kind, state: State::Idle, lease: None, in_set: false }));
        u64::from(handle)
    };
    new_end(reader) | new_end(writer) << 32
}

/// read, write: traps unless the end is IDLE. Then the lease is open, until an answer other than BLOCKED.
pub(crate) fn copy(kind: Kind, handle: u32, at: *mut u8, count: usize) -> u32 {
    host::run();
    let call = kind.copy();
    with_end(kind, handle, call, |end| {
        let state = end.state;
        say!("{call}(end {handle}, {count} elements), the end is {state:?}");
        if state != State::Idle {
            fault("trap-not-idle", &format!("{call} traps: the end is not IDLE but {state:?}"));
        }
        if count > LONGEST {
            fault("trap-too-long", &format!("{call} traps: longer than the longest buffer"));
        }
        end.lease = Some(Lease::open(at, count, host::shape(), kind.is_read()));
        let code = host::next(call);
        end.hear(code, State::Copying, &[COMPLETED, DROPPED]);
        code
    })
}

/// cancel-read, cancel-write, synchronous: traps unless the end is COPYING, and in a set.
pub(crate) fn cancel(kind: Kind, handle: u32) -> u32 {
    host::run();
    let call = kind.cancel();
    with_end(kind, handle, call, |end| {
        let state = end.state;
        say!("{call}(end {handle}), the end is {state:?}");
        if state != State::Copying {
            fault("trap-not-copying", &format!("{call} traps: the end is not COPYING but {state:?}"));
        }
        if end.in_set {
            fault("trap-in-set", &format!("{call} traps: synchronous while in a waitable set"));
        }
    });
    let code = host::next(call);
    host::run();
    if code == BLOCKED {
        host::breaks_its_word("a synchronous cancel never answers BLOCKED");
    }
    with_end(kind, handle, call, |end| end.hear(code, State::CancellingCopy, &[COMPLETED, DROPPED, CANCELLED]));
    code
}

/// drop-readable, drop-writable: traps while copying, and of a future's writer unless DONE.
pub(crate) fn drop_end(kind: Kind, handle: u32) {
    host::run();
    let state = with_end(kind, handle, "drop", |end| end.state);
    if matches!(state, State::Copying | State::CancellingCopy) {
        fault("trap-dropped-while-copying", "an end is dropped that is copying");
    }
    if kind == Kind::FutureWrite && state != State::Done {
        fault("trap-future-not-done", "the writer of a future is dropped before it is DONE");
    }
    with(|ends| ends.remove(&handle));
}

/// An event of the end: false if there is none to have.
pub(crate) fn delivery(handle: u32, code: u32) -> bool {
    with(|ends| match ends.get_mut(&handle) {
        Some(end) if end.lease.is_some() && code != BLOCKED => {
            let cancelled = end.state == State::CancellingCopy;
            end.hear(
                code,
                State::Idle,
                if cancelled { &[COMPLETED, DROPPED, CANCELLED] } else { &[COMPLETED, DROPPED] },
            );
            true
        }
        _ => false,
    })
}

impl End {
    /// An answer: after BLOCKED the lease stays open; every other one closes it, with so many elements copied.
    fn hear(&mut self, code: u32, blocked: State, possible: &[u32]) {
        if code == BLOCKED {
            self.state = blocked;
            return;
        }
        let (result, count) = match self.kind.is_future() {
            true => (code, usize::from(code == COMPLETED)),
            false => (code & 0xf, (code >> 4) as usize),
        };
        if !possible.contains(&result) || self.kind == Kind::FutureRead && result == DROPPED {
            fault("no-scenario", &format!("{code:#x} is no answer here"));
        }
        if let Some(lease) = self.lease.take() {
            self.copied(lease, count);
        }
        let done = result == DROPPED || self.kind.is_future() && result == COMPLETED;
        self.state = if done { State::Done } else { State::Idle };
    }

    fn copied(&self, mut lease: Lease, count: usize) {
        if count > lease.count {
            host::breaks_its_word("no count is above what was offered");
        }
        for _ in 0..count.min(lease.count) {
            if self.kind.is_read() {
                lease.produce(host::makes());
            } else {
                host::took(lease.consume());
            }
        }
        lease.close();
    }
}

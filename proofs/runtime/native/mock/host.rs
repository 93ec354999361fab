//! The lease automaton of each end [CABI: stream_copy, future_copy, cancel_copy, drop], with the answers of the scenario.

use crate::lease::{Lease, Shape};
use crate::{fault, heap, say, task};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

pub const BLOCKED: u32 = 0xffff_ffff;
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

#[derive(Default)]
struct Host {
    shape: Option<Shape>,
    ends: BTreeMap<u32, End>,
    answers: VecDeque<(&'static str, u32)>,
    noise: u8,
    numbers: u64,
}

thread_local! {
    static HOST: RefCell<Host> = RefCell::new(Host::default());
}

fn with<R>(run: impl FnOnce(&mut Host) -> R) -> R {
    heap::outside(|| HOST.with(|host| run(&mut host.borrow_mut())))
}

pub fn start(shape: Shape) {
    with(|host| host.shape = Some(shape));
}

/// The next answer: what the host says to that built-in, or that event.
pub fn answers(call: &'static str, code: u32) {
    with(|host| host.answers.push_back((call, code)));
}

/// The host runs: it touches all that it is lent, and its task's callbacks must lead to memory that is there.
pub fn run() {
    with(Host::touch);
    task::check_entries();
}

pub fn is_lent() -> bool {
    with(|host| host.ends.values().any(|end| end.lease.is_some()))
}

/// The scenario has no answer left that the guest did not ask for.
pub fn expect_no_more(step: u32) {
    with(|host| {
        if let Some((call, _)) = host.answers.front() {
            fault("other-path", &format!("step {step} is over, and the guest did not call {call}"));
        }
    });
}

/// Both ends of a stream or future: reader, writer. The one that the scenario is not about is given away.
pub(crate) fn new_pair(reader: Kind, writer: Kind) -> u64 {
    with(|host| {
        let first = host.ends.keys().next_back().copied().unwrap_or(0) + 1;
        for (handle, kind) in [(first, reader), (first + 1, writer)] {
            host.ends.insert(handle, End { kind, state: State::Idle, lease: None, in_set: false });
        }
        u64::from(first) | u64::from(first + 1) << 32
    })
}

/// read, write: traps unless the end is IDLE. Then the lease is open, until an answer other than BLOCKED.
pub(crate) fn copy(kind: Kind, handle: u32, at: *mut u8, count: usize) -> u32 {
    run();
    with(|host| {
        let call = kind.copy();
        let state = host.end(handle, kind, call).state;
        say(&format!("{call}(end {handle}, {count} elements), the end is {state:?}"));
        if state != State::Idle {
            fault("trap-not-idle", &format!("{call} traps: the end is not IDLE but {state:?}"));
        }
        if count > LONGEST {
            fault("trap-too-long", &format!("{call} traps: longer than the longest buffer"));
        }
        let shape = host.shape.expect("a shape");
        host.end(handle, kind, call).lease = Some(Lease::open(at, count, shape, kind.is_read()));
        let code = host.next(call);
        host.hear(handle, code, State::Copying);
        code
    })
}

/// cancel-read, cancel-write, synchronous: traps unless the end is COPYING, and in a set.
pub(crate) fn cancel(kind: Kind, handle: u32) -> u32 {
    run();
    with(|host| {
        let call = kind.cancel();
        let End { state, in_set, .. } = *host.end(handle, kind, call);
        say(&format!("{call}(end {handle}), the end is {state:?}"));
        if state != State::Copying {
            fault("trap-not-copying", &format!("{call} traps: the end is not COPYING but {state:?}"));
        }
        if in_set {
            fault("trap-in-set", &format!("{call} traps: synchronous while in a waitable set"));
        }
        let code = host.next(call);
        host.touch();
        host.hear(handle, code, State::CancellingCopy);
        code
    })
}

/// drop-readable, drop-writable: traps while copying, and of a future's writer unless DONE.
pub(crate) fn drop_end(kind: Kind, handle: u32) {
    run();
    with(|host| {
        let state = host.end(handle, kind, "drop").state;
        if matches!(state, State::Copying | State::CancellingCopy) {
            fault("trap-dropped-while-copying", "an end is dropped that is copying");
        }
        if kind == Kind::FutureWrite && state != State::Done {
            fault("trap-future-not-done", "the writer of a future is dropped before it is DONE");
        }
        host.ends.remove(&handle);
    });
}

/// waitable.join.
pub(crate) fn join(handle: u32, set: bool) {
    run();
    with(|host| match host.ends.get_mut(&handle) {
        Some(end) => end.in_set = set,
        None => fault("trap-no-such-waitable", "waitable.join traps: no such waitable"),
    });
}

/// An event reaches the guest, with the next answer of the scenario as its code: the lease closes.
pub(crate) fn delivery(handle: u32) -> u32 {
    with(|host| {
        let code = host.next("waitable-set delivery");
        match host.ends.get(&handle) {
            Some(end) if end.lease.is_some() && code != BLOCKED => host.hear(handle, code, State::Idle),
            _ => fault("no-scenario", "an event where nothing is lent"),
        }
        code
    })
}

impl Host {
    fn end(&mut self, handle: u32, kind: Kind, call: &str) -> &mut End {
        match self.ends.get_mut(&handle) {
            Some(end) if end.kind == kind => end,
            _ => fault("trap-no-such-end", &format!("{call} traps: no such end")),
        }
    }

    fn touch(&mut self) {
        self.noise = self.noise.wrapping_mul(13).wrapping_add(7);
        let noise = self.noise;
        self.ends.values_mut().filter_map(|end| end.lease.as_mut()).for_each(|lease| lease.touch(noise));
    }

    fn next(&mut self, call: &str) -> u32 {
        match self.answers.pop_front() {
            Some((expected, code)) if expected == call => {
                say(&format!("{call}: the host answers {code:#x}"));
                code
            }
            Some((expected, _)) => fault("other-path", &format!("{call}, where the scenario has {expected}")),
            None => fault("other-path", &format!("{call}, where the scenario has nothing")),
        }
    }

    /// An answer: after BLOCKED the lease stays open; every other one closes it, with so many elements copied.
    fn hear(&mut self, handle: u32, code: u32, blocked: State) {
        let Some(end) = self.ends.get_mut(&handle) else { return };
        if code == BLOCKED {
            end.state = blocked;
            return;
        }
        let (result, count) = match end.kind.is_future() {
            true => (code, usize::from(code == COMPLETED)),
            false => (code & 0xf, (code >> 4) as usize),
        };
        if result > CANCELLED {
            fault("no-scenario", "a code that no host gives");
        }
        if let Some(mut lease) = end.lease.take() {
            for _ in 0..count.min(lease.count) {
                if end.kind.is_read() {
                    self.numbers += 1;
                    lease.produce(self.numbers);
                } else {
                    lease.consume();
                }
            }
            lease.close();
        }
        let done = result == DROPPED || end.kind.is_future() && result == COMPLETED;
        end.state = if done { State::Done } else { State::Idle };
    }
}

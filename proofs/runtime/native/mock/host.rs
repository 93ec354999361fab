//! The lease automaton of each end [CABI: stream_copy, future_copy, cancel_copy, drop], with the answers of the scenario.

use crate::lease::{Lease, Shape};
use crate::{calls, fault, heap, task};
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

struct Answer {
    call: &'static str,
    code: u32,
    /// The built-in blocks before it answers: other guest code runs.
    late: bool,
}

#[derive(Default)]
struct Host {
    shape: Option<Shape>,
    ends: BTreeMap<u32, End>,
    answers: VecDeque<Answer>,
    /// Of the next copy, whatever the scenario has: it is written in the background.
    takes: bool,
    handles: u32,
    noise: u8,
    numbers: u64,
    /// The numbers of the elements that the host took from this operation, and made for it.
    taken: Vec<u64>,
    produced: Vec<u64>,
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
    with(|host| host.answers.push_back(Answer { call, code, late: false }));
}

/// The built-in blocks, and then that is its answer.
pub fn answers_late(call: &'static str, code: u32) {
    with(|host| host.answers.push_back(Answer { call, code, late: true }));
}

/// The next copy that the scenario has no answer for is taken at once.
pub(crate) fn takes_the_next() {
    with(|host| host.takes = true);
}

/// An element that the host took from this operation.
pub(crate) fn took(number: u64) {
    with(|host| host.taken.push(number));
}

/// An element that the host makes for this operation.
pub(crate) fn makes() -> u64 {
    let number = new_number();
    with(|host| host.produced.push(number));
    number
}

pub(crate) fn new_number() -> u64 {
    with(|host| {
        host.numbers += 1;
        host.numbers
    })
}

/// From now on elements are another operation's.
pub(crate) fn forget_elements() {
    with(|host| (host.taken, host.produced) = Default::default());
}

/// The numbers of what the host took from this operation, and of what it made for it.
pub(crate) fn elements() -> (Vec<u64>, Vec<u64>) {
    with(|host| (host.taken.clone(), host.produced.clone()))
}

/// The host runs: it touches all that it is lent, and its task's callbacks must lead to memory that is there.
pub fn run() {
    let noise = with(|host| {
        host.touch();
        host.noise
    });
    calls::touch(noise);
    task::check_entries();
}

pub(crate) fn is_lent() -> bool {
    calls::is_lent() || with(|host| host.ends.values().any(|end| end.lease.is_some()))
}

/// The answer of the scenario to this call.
pub(crate) fn next(call: &str) -> u32 {
    with(|host| host.next(call))
}

/// The lowest that no end had: what is dropped is not reused.
pub(crate) fn new_handle() -> u32 {
    with(|host| {
        host.handles += 1;
        host.handles
    })
}

/// The scenario has no answer left that the guest did not ask for.
pub fn expect_no_more(step: u32) {
    with(|host| {
        if let Some(Answer { call, .. }) = host.answers.front() {
            fault("other-path", &format!("step {step} is over, and the guest did not call {call}"));
        }
    });
}

/// Both ends of a stream or future: reader, writer. The one that the scenario is not about is given away.
pub(crate) fn new_pair(reader: Kind, writer: Kind) -> u64 {
    let new_end = |kind| {
        let handle = new_handle();
        with(|host| host.ends.insert(handle, End { kind, state: State::Idle, lease: None, in_set: false }));
        u64::from(handle)
    };
    new_end(reader) | new_end(writer) << 32
}

/// read, write: traps unless the end is IDLE. Then the lease is open, until an answer other than BLOCKED.
pub(crate) fn copy(kind: Kind, handle: u32, at: *mut u8, count: usize) -> u32 {
    run();
    with(|host| {
        let call = kind.copy();
        let state = host.end(handle, kind, call).state;
        say!("{call}(end {handle}, {count} elements), the end is {state:?}");
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
        say!("{call}(end {handle}), the end is {state:?}");
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
    let is_call = calls::join(handle, set);
    with(|host| match host.ends.get_mut(&handle) {
        Some(end) => end.in_set = set,
        None if is_call => {}
        None => fault("trap-no-such-waitable", "waitable.join traps: no such waitable"),
    });
}

/// An event reaches the guest, with the next answer of the scenario as its code: the lease closes.
pub(crate) fn delivery(handle: u32) -> u32 {
    let code = next("waitable-set delivery");
    if calls::delivery(handle, code) {
        return code;
    }
    with(|host| {
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
        if std::mem::take(&mut self.takes) && call == "future.write" {
            return COMPLETED;
        }
        match self.answers.pop_front() {
            Some(Answer { call: expected, code, late }) if expected == call => {
                if late {
                    task::check_blocking();
                }
                say!("{call}: the host answers {code:#x}");
                code
            }
            Some(Answer { call: expected, .. }) => {
                fault("other-path", &format!("{call}, where the scenario has {expected}"))
            }
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
                    self.produced.push(self.numbers);
                    lease.produce(self.numbers);
                } else {
                    self.taken.push(lease.consume());
                }
            }
            lease.close();
        }
        let done = result == DROPPED || end.kind.is_future() && result == COMPLETED;
        end.state = if done { State::Done } else { State::Idle };
    }
}

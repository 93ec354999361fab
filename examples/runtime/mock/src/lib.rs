//! A host to test the runtime against, written from the rules of the canonical ABI alone: it traps on every illegal call,
//! and whenever it may run it reads and writes all memory that it is lent at that moment.
//!
//! A fault ends the process at once with its name: a trap cannot be caught, and what comes after it says nothing.

// These two are the ones that counterexamples are confirmed with.
#[path = "../../../../proofs/runtime/native/mock/heap.rs"]
pub mod heap;
mod imports;
#[path = "../../../../proofs/runtime/native/mock/lease.rs"]
mod lease;

pub use heap::{allocations, live_blocks, outside, Tracker};
pub use lease::{Lease, Shape};

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

/// Ends the process. The runner looks for this line.
pub fn fault(name: &str, about: &str) -> ! {
    eprintln!("fault: {name}: {about}");
    std::process::exit(101)
}

pub const BLOCKED: u32 = 0xffff_ffff;
pub const COMPLETED: u32 = 0;
pub const DROPPED: u32 = 1;
pub const CANCELLED: u32 = 2;
pub const STARTING: u32 = 0;
pub const STARTED: u32 = 1;
pub const RETURNED: u32 = 2;
pub const CANCELLED_BEFORE_STARTED: u32 = 3;
pub const CANCELLED_BEFORE_RETURNED: u32 = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    StreamRead,
    StreamWrite,
    FutureRead,
    FutureWrite,
}

impl Kind {
    fn event(self) -> u32 {
        match self {
            Kind::StreamRead => 2,
            Kind::StreamWrite => 3,
            Kind::FutureRead => 4,
            Kind::FutureWrite => 5,
        }
    }

    fn is_read(self) -> bool {
        matches!(self, Kind::StreamRead | Kind::FutureRead)
    }

    fn is_future(self) -> bool {
        matches!(self, Kind::FutureRead | Kind::FutureWrite)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Idle,
    Copying,
    CancellingCopy,
    Done,
}

/// What the host does with a cancel when no event is queued.
#[derive(Clone, Copy, Debug)]
pub enum OnCancel {
    /// Lets go: CANCELLED, 0.
    AtOnce,
    /// Blocks, runs other guest code, copies so many items, then answers with the result.
    Later(u32, usize),
    /// Answers BLOCKED to the synchronous form: what hypothesis H2 rules out.
    Blocked,
}

/// The host's view of the guest's end of a stream or future.
struct End {
    kind: Kind,
    shape: Shape,
    state: State,
    pending: Option<u32>,
    lease: Option<Lease>,
    set: u32,
    waits: bool,
    /// The peer is gone.
    dropped: bool,
    /// Items that the peer wants to write, or how many it wants to read.
    supply: VecDeque<u64>,
    demand: usize,
    on_cancel: OnCancel,
    /// How much above the truth the next count is: what the rules rule out.
    lie: u32,
}

struct Subtask {
    state: u32,
    pending: bool,
    delivered: bool,
    requested: bool,
    set: u32,
    parameters: Option<Lease>,
    results: Option<Lease>,
    borrowed: u32,
    lends: bool,
    on_cancel: u32,
}

/// What the next call of `exchange` does at once, and how its subtask takes a cancel.
#[derive(Clone, Copy, Debug)]
pub struct Callee {
    pub at_once: u32,
    pub on_cancel: u32,
}

#[derive(Default)]
struct Set {
    waited: bool,
}

#[derive(Default)]
struct Host {
    ends: BTreeMap<u32, End>,
    subtasks: BTreeMap<u32, Subtask>,
    sets: BTreeMap<u32, Set>,
    /// Resources, with the count of lends.
    parcels: BTreeMap<u32, u32>,
    given: Vec<u32>,
    callee: Option<Callee>,
    received: Vec<u64>,
    noise: u8,
    /// The task whose callback runs: it was asked to cancel; it has returned, or said that it is cancelled.
    cancel_asked: bool,
    resolved: bool,
    cancels: u32,
}

thread_local! {
    static HOST: RefCell<Host> = RefCell::new(Host::default());
    static OTHER_CODE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

fn with<R>(run: impl FnOnce(&mut Host) -> R) -> R {
    outside(|| HOST.with(|host| run(&mut host.borrow_mut())))
}

impl Host {
    /// The lowest number that is free: what is dropped is soon reused. All tables of an instance are one.
    fn name(&self) -> u32 {
        let taken = |name: &u32| {
            let set_or_parcel = self.sets.contains_key(name) || self.parcels.contains_key(name);
            set_or_parcel || self.ends.contains_key(name) || self.subtasks.contains_key(name)
        };
        (1..).find(|name| !taken(name)).unwrap_or(0)
    }

    fn end(&mut self, handle: u32, kind: Kind, what: &str) -> &mut End {
        match self.ends.get_mut(&handle) {
            Some(end) if end.kind == kind => end,
            _ => fault("trap-no-such-end", what),
        }
    }

    /// The host runs: it touches all that it is lent, and looks whether the guest touched it.
    fn touch(&mut self) {
        self.noise = self.noise.wrapping_mul(13).wrapping_add(7);
        let noise = self.noise;
        for end in self.ends.values_mut() {
            if let Some(lease) = &mut end.lease {
                lease.touch(noise);
            }
        }
        for subtask in self.subtasks.values_mut() {
            for lease in [&mut subtask.parameters, &mut subtask.results].into_iter().flatten() {
                lease.touch(noise);
            }
        }
    }
}

impl End {
    /// Copies between the peer and the open lease, as much as both have.
    fn copy(&mut self, received: &mut Vec<u64>) -> usize {
        let Some(lease) = &mut self.lease else { return 0 };
        let mut count = 0;
        while lease.progress < lease.count {
            if self.kind.is_read() {
                let Some(item) = self.supply.pop_front() else { break };
                lease.produce(item);
            } else {
                if self.demand == 0 {
                    break;
                }
                self.demand -= 1;
                received.push(lease.consume());
            }
            count += 1;
        }
        count
    }

    fn code(&self, result: u32) -> u32 {
        let progress = self.lease.as_ref().map_or(0, |lease| lease.progress);
        if self.kind.is_future() {
            result
        } else {
            result | (progress as u32 + self.lie) << 4
        }
    }

    /// Delivery: the lease closes.
    fn deliver(&mut self, result: u32) -> u32 {
        let code = self.code(result);
        if let Some(lease) = self.lease.take() {
            lease.close();
        }
        self.pending = None;
        let finished = result == DROPPED || (self.kind.is_future() && result == COMPLETED);
        self.state = if finished { State::Done } else { State::Idle };
        code
    }
}

/// Puts the host's next choices back to nothing; what the guest holds is lost to it.
pub fn reset() {
    with(|host| *host = Host::default());
    outside(|| OTHER_CODE.with(|code| *code.borrow_mut() = None));
    lease::forget_all();
}

/// The end of the guest, and what is at the other end.
pub fn new_end(kind: Kind, shape: Shape) -> u32 {
    with(|host| {
        let handle = host.name();
        let end = End {
            kind,
            shape,
            state: State::Idle,
            pending: None,
            lease: None,
            set: 0,
            waits: false,
            dropped: false,
            supply: VecDeque::new(),
            demand: 0,
            on_cancel: OnCancel::AtOnce,
            lie: 0,
        };
        host.ends.insert(handle, end);
        handle
    })
}

pub fn on_cancel(handle: u32, choice: OnCancel) {
    with(|host| host.ends.get_mut(&handle).expect("an end").on_cancel = choice);
}

/// The host breaks its word: counts are that much too high.
pub fn lie(handle: u32, extra: u32) {
    with(|host| host.ends.get_mut(&handle).expect("an end").lie = extra);
}

/// Runs while the next cancel or wait blocks.
pub fn other_code(run: impl FnOnce() + 'static) {
    outside(|| OTHER_CODE.with(|code| *code.borrow_mut() = Some(Box::new(run))));
}

fn run_other_code() {
    if let Some(run) = outside(|| OTHER_CODE.with(|code| code.borrow_mut().take())) {
        run();
    }
}

/// The host runs, and does nothing but touch what it is lent.
pub fn run() {
    with(Host::touch);
}

/// The peer copies: it writes these items, or reads up to as many.
pub fn peer_writes(handle: u32, items: &[u64]) {
    with(|host| {
        host.touch();
        let Host { ends, received, .. } = host;
        let Some(end) = ends.get_mut(&handle) else { return };
        end.supply.extend(items);
        if end.copy(received) > 0 && end.pending.is_none() {
            end.pending = Some(COMPLETED);
        }
    });
}

pub fn peer_reads(handle: u32, count: usize) {
    with(|host| {
        host.touch();
        let Host { ends, received, .. } = host;
        let Some(end) = ends.get_mut(&handle) else { return };
        end.demand += count;
        if end.copy(received) > 0 && end.pending.is_none() {
            end.pending = Some(COMPLETED);
        }
    });
}

/// The peer goes. Rule: a parked end is released with DROPPED, over a queued COMPLETED.
pub fn peer_drops(handle: u32) {
    with(|host| {
        host.touch();
        let Some(end) = host.ends.get_mut(&handle) else { return };
        // Of a future only the reader goes before the copy; after the copy both are done.
        if end.kind == Kind::FutureRead || (end.kind.is_future() && end.pending == Some(COMPLETED)) {
            return;
        }
        end.dropped = true;
        if end.lease.is_some() {
            end.pending = Some(DROPPED);
        }
    });
}

/// The items that the guest wrote, in order.
pub fn received() -> Vec<u64> {
    HOST.with(|host| host.borrow().received.clone())
}

pub fn is_lent(handle: u32) -> bool {
    with(|host| host.ends.get(&handle).is_some_and(|end| end.lease.is_some()))
}

/// How many ends, subtasks, sets and parcels the guest holds.
pub fn held() -> (usize, usize, usize, usize) {
    with(|host| (host.ends.len(), host.subtasks.len(), host.sets.len(), host.parcels.len()))
}

pub fn cancels() -> u32 {
    with(|host| host.cancels)
}

pub fn new_parcel() -> u32 {
    with(|host| {
        let handle = host.name();
        host.parcels.insert(handle, 0);
        handle
    })
}

/// The parcels that callees got.
pub fn given() -> Vec<u32> {
    HOST.with(|host| host.borrow().given.clone())
}

pub fn next_callee(at_once: u32, on_cancel: u32) {
    with(|host| host.callee = Some(Callee { at_once, on_cancel }));
}

/// The subtask that was made last.
pub fn last_subtask() -> u32 {
    with(|host| host.subtasks.keys().next_back().copied().unwrap_or(0))
}

/// The callee starts, or resolves, of itself.
pub fn callee_steps(handle: u32, state: u32) {
    with(Host::touch);
    imports::step_to(handle, state);
    with(|host| {
        if let Some(subtask) = host.subtasks.get_mut(&handle) {
            subtask.pending = true;
        }
    });
}

pub fn subtask_state(handle: u32) -> Option<u32> {
    with(|host| host.subtasks.get(&handle).map(|subtask| subtask.state))
}

/// An event of the set, as a callback gets it: the host has run meanwhile.
pub fn next_event(set: u32) -> Option<(u32, u32, u32)> {
    with(|host| {
        host.touch();
        imports::event_of(host, set)
    })
}

/// The next event of the task is TASK_CANCELLED.
pub fn cancel_task() {
    with(|host| host.cancel_asked = true);
}

/// A callback answered: EXIT, or WAIT on a set that is there.
pub fn callback_answers(answer: u32) -> Option<u32> {
    with(|host| {
        host.touch();
        match answer & 0xf {
            0 if !host.resolved => fault("trap-exit-unresolved", "the task has not returned"),
            0 => None,
            2 if host.sets.contains_key(&(answer >> 4)) => Some(answer >> 4),
            _ => fault("trap-callback-code", "no such code or set"),
        }
    })
}

//! The host: it answers as the scenario says, and knows each element that it took or made.

use crate::lease::Shape;
use crate::{calls, ends, fault, heap, task};
use std::cell::RefCell;
use std::collections::VecDeque;

pub const BLOCKED: u32 = 0xffff_ffff;
const TAKEN: u32 = 0;

struct Answer {
    call: &'static str,
    code: u32,
    /// The built-in blocks before it answers: other guest code runs.
    late: bool,
}

#[derive(Default)]
struct Host {
    shape: Option<Shape>,
    answers: VecDeque<Answer>,
    /// Of the next copy, whatever the scenario has: it is written in the background.
    takes: bool,
    handles: u32,
    breaks_its_word: bool,
    noise: u8,
    numbers: u64,
    /// The numbers of the elements that the host took from this operation, and made for it.
    taken: Vec<u64>,
    produced: Vec<u64>,
    /// Of the elements that were dropped since.
    dropped: Vec<u64>,
    /// Elements without memory of their own, which the heap does not tell apart, that are the client's again.
    lifted: Vec<u64>,
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

/// From now on the host may do what it never does by the hypotheses.
pub fn may_break_its_word() {
    with(|host| host.breaks_its_word = true);
}

/// What it does now is against that hypothesis.
pub(crate) fn breaks_its_word(hypothesis: &str) {
    say!("the host breaks its word: {hypothesis}");
    if !with(|host| host.breaks_its_word) {
        fault("no-scenario", hypothesis);
    }
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

/// User code has made that element the client's.
pub(crate) fn is_lifted(number: u64) {
    let twice = with(|host| {
        let twice = host.lifted.contains(&number);
        host.lifted.push(number);
        twice
    });
    if twice {
        fault("lifted-twice", "an element that the client has already is lifted once more");
    }
}

/// It is in the host's form again.
pub(crate) fn is_lowered(number: u64) {
    with(|host| host.lifted.retain(|&one| one != number));
}

/// From now on elements are another operation's.
pub(crate) fn forget_elements() {
    with(|host| (host.taken, host.produced, host.dropped) = Default::default());
}

/// The numbers of what the host took from this operation, and of what it made for it.
pub(crate) fn elements() -> (Vec<u64>, Vec<u64>) {
    with(|host| (host.taken.clone(), host.produced.clone()))
}

/// That element is gone.
pub(crate) fn is_dropped(number: u64) {
    with(|host| host.dropped.push(number));
}

/// The numbers of the elements that were dropped.
pub(crate) fn dropped() -> Vec<u64> {
    with(|host| host.dropped.clone())
}

/// The host runs: it touches all that it is lent, and its task's callbacks must lead to memory that is there.
pub fn run() {
    let noise = with(|host| {
        host.noise = host.noise.wrapping_mul(13).wrapping_add(7);
        host.noise
    });
    ends::touch(noise);
    calls::touch(noise);
    task::check_entries();
}

pub(crate) fn shape() -> Shape {
    with(|host| host.shape).unwrap_or_else(|| fault("no-scenario", "nothing is known of an element"))
}

/// The answer of the scenario to this call.
pub(crate) fn next(call: &str) -> u32 {
    if call == "future.write" && with(|host| std::mem::take(&mut host.takes)) {
        return TAKEN;
    }
    match with(|host| host.answers.pop_front()) {
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

/// waitable.join.
pub(crate) fn join(handle: u32, set: bool) {
    run();
    if !ends::join(handle, set) && !calls::join(handle, set) {
        fault("trap-no-such-waitable", "waitable.join traps: no such waitable");
    }
}

/// An event reaches the guest, with the next answer of the scenario as its code: the lease closes.
pub(crate) fn delivery(handle: u32) -> u32 {
    let code = next("waitable-set delivery");
    if !ends::delivery(handle, code) && !calls::delivery(handle, code) {
        fault("no-scenario", "an event where nothing is lent");
    }
    code
}

//! The crate's own tasks, driven step by step: the host starts one or calls it back, and what user code does meanwhile
//! (a future that is polled and dropped, a callback that runs) stands in the same list of steps.

use crate::subject::runtime::{block_on, callback, start_task};
use crate::{fault, heap, task, Unwinds};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::c_void;
use std::future::Future;
use std::panic::{catch_unwind, panic_any, AssertUnwindSafe, PanicHookInfo};
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, Waker};

/// Whose events the task waits for.
const WAITABLE: u32 = 7;
const EVENT_NONE: u32 = 0;
const EVENT_STREAM_READ: u32 = 2;
const EVENT_TASK_CANCELLED: u32 = 6;
const YIELD: u32 = 1;
const WAIT: u32 = 2;

/// What the host knows of the task.
#[derive(Default)]
struct Host {
    generation: u32,
    steps: VecDeque<&'static str>,
    taken: u32,
    quiet: bool,
    /// The members of each set.
    sets: BTreeMap<u32, Vec<u32>>,
    made: u32,
    /// What the task answered last: EXIT, YIELD, or WAIT with a set.
    answered: u32,
    context: usize,
    runs: bool,
}

thread_local! {
    static HOST: RefCell<Host> = RefCell::new(Host::default());
}

fn with<R>(run: impl FnOnce(&mut Host) -> R) -> R {
    heap::outside(|| HOST.with(|host| run(&mut host.borrow_mut())))
}

/// Before the first step: the generation of the C ABI that operations use their task by.
pub fn start(generation: u32) {
    std::panic::set_hook(Box::new(panicked));
    with(|host| (host.generation, host.runs) = (generation, true));
    heap::track();
}

/// The crate's own panic is a fault if it is where the scenario ends; it may be in a frame that no panic leaves.
fn panicked(panic: &PanicHookInfo<'_>) {
    if panic.payload().is::<Unwinds>() {
        say!("user code panics");
        return;
    }
    let inside = panic.location().map_or(String::new(), |at| {
        let file = at.file().rsplit_once("/src/").map_or(at.file(), |(_, inside)| inside);
        format!("src/{file}:{}", at.line())
    });
    let text = panic.payload().downcast_ref::<&str>().copied();
    let text = text.or(panic.payload().downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    let said = format!("the crate panics at {inside}: {}", text.replace('\n', " "));
    if with(|host| host.steps.is_empty()) {
        fault("crate-panics", &said);
    }
    fault("other-path", &said)
}

/// The next step.
pub fn then(step: &'static str) {
    with(|host| host.steps.push_back(step));
}

/// From now on what an operation asks of its task must not need an allocator.
pub fn without_allocation() {
    with(|host| host.quiet = true);
}

/// All steps, and then the end: the last one may leave the task where it is.
pub fn run() -> ! {
    loop {
        let step = next();
        let act = || match step {
            "start" => answered(exported_start()),
            "block_on" => block_on(Scripted),
            "event" => called_back(&[WAIT], event),
            "event NONE" => called_back(&[YIELD], || (EVENT_NONE, 0, 0)),
            "event TASK_CANCELLED" => called_back(&[WAIT, YIELD], || (EVENT_TASK_CANCELLED, 0, 0)),
            other => fault("other-path", &format!("no guest code runs, where the scenario has {other}")),
        };
        if catch_unwind(AssertUnwindSafe(act)).is_err() {
            say!("user code panicked, and the client goes on");
        }
        heap::check_freed();
    }
}

/// What comes next, if there is anything.
fn next() -> &'static str {
    heap::check_freed();
    let found = with(|host| {
        host.taken += 1;
        host.steps.pop_front().map(|step| (host.taken, step))
    });
    let Some((number, step)) = found else { crate::finish() };
    heap::outside(|| println!("step {number}: {step}"));
    step
}

/// Generated exports are `extern "C"`: a panic that comes there ends the process.
extern "C" fn exported_start() -> u32 {
    start_task(Scripted) as u32
}

extern "C" fn exported_callback(code: u32, waitable: u32, payload: u32) -> u32 {
    unsafe { callback(code, waitable, payload) }
}

/// An event comes to a task that answered one of `after`.
fn called_back(after: &[u32], event: fn() -> (u32, u32, u32)) {
    let last = with(|host| host.answered) & 0xf;
    if !after.contains(&last) {
        fault("other-path", &format!("the task answered {last}, where the scenario has one of {after:?}"));
    }
    let (code, waitable, payload) = event();
    answered(exported_callback(code, waitable, payload));
}

fn answered(code: u32) {
    say!("the task answers {code:#x}");
    with(|host| host.answered = code);
}

/// The event of a member of the set that is waited for.
fn event() -> (u32, u32, u32) {
    match with(|host| host.sets.get(&(host.answered >> 4)).and_then(|set| set.first().copied())) {
        Some(waitable) => (EVENT_STREAM_READ, waitable, 0),
        None => fault("no-scenario", "an event, and nothing is in the set"),
    }
}

/// The future of the task: what it does is in the steps.
struct Scripted;

impl Future for Scripted {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match user_code(Some(context.waker()), &["the future is ready", "the future is pending", "the future panics"]) {
            "the future is ready" => Poll::Ready(()),
            "the future is pending" => Poll::Pending,
            _ => panic_any(Unwinds),
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let ends = ["the future's drop returns", "the future's drop panics"];
        if user_code(None, &ends) == ends[1] {
            panic_any(Unwinds);
        }
    }
}

/// What operations ask of their task where user code runs, and the future of the waker that it was given, up to the end of
/// that code: one of `ends`.
fn user_code(waker: Option<&Waker>, ends: &[&'static str]) -> &'static str {
    loop {
        match next() {
            "register" => asked(register),
            "unregister" => asked(unregister),
            "wake" => match waker {
                Some(waker) => waker.wake_by_ref(),
                None => fault("no-scenario", "a waker is used where no future is polled"),
            },
            end if ends.contains(&end) => return end,
            other => fault("other-path", &format!("user code goes on to {ends:?}, where the scenario has {other}")),
        }
    }
}

fn asked(act: impl FnOnce()) {
    let before = heap::allocations();
    act();
    if with(|host| host.quiet) && heap::allocations() != before {
        fault("allocates", "the guest allocates");
    }
}

unsafe extern "C" fn woken(_slot: *mut c_void, _code: u32) {
    user_code(None, &["a callback returns"]);
}

fn register() {
    let (owner, register, _) = current();
    unsafe { register(owner, WAITABLE, woken, ptr::null_mut()) };
}

fn unregister() {
    let (owner, _, unregister) = current();
    unsafe { unregister(owner, WAITABLE) };
}

fn current() -> task::Asked {
    let found = task::current(with(|host| host.generation));
    found.unwrap_or_else(|| fault("no-current-task", "user code runs while there is no current task"))
}

// The host's built-ins

fn running() {
    if !with(|host| host.runs) {
        fault("no-scenario", "a set is used, and no operation does that");
    }
}

#[export_name = "[waitable-set-new]"]
extern "C" fn set_new() -> u32 {
    running();
    with(|host| {
        host.made += 1;
        host.sets.insert(host.made, Vec::new());
        host.made
    })
}

#[export_name = "[waitable-set-drop]"]
extern "C" fn set_drop(set: u32) {
    running();
    match with(|host| host.sets.remove(&set)) {
        None => fault("trap-no-such-set", "waitable-set.drop traps: no such set"),
        Some(members) if !members.is_empty() => {
            fault("trap-set-has-members", "waitable-set.drop traps: the set has members")
        }
        Some(_) => say!("waitable-set.drop"),
    }
}

#[export_name = "[waitable-join]"]
extern "C" fn join(waitable: u32, set: u32) {
    running();
    if waitable != WAITABLE {
        fault("trap-no-such-waitable", "waitable.join traps: no such waitable");
    }
    say!("waitable.join({waitable}, {set})");
    let there = with(|host| {
        host.sets.values_mut().for_each(|members| members.retain(|&one| one != waitable));
        set == 0 || host.sets.get_mut(&set).map(|members| members.push(waitable)).is_some()
    });
    if !there {
        fault("trap-no-such-set", "waitable.join traps: no such set");
    }
}

/// Nothing is there yet: a host may always say so.
#[export_name = "[waitable-set-poll]"]
unsafe extern "C" fn set_poll(_set: u32, payload: *mut [u32; 2]) -> u32 {
    running();
    unsafe { payload.write([0, 0]) };
    EVENT_NONE
}

#[export_name = "[waitable-set-wait]"]
unsafe extern "C" fn set_wait(set: u32, payload: *mut [u32; 2]) -> u32 {
    running();
    match next() {
        "end of the wait" => (),
        other => fault("other-path", &format!("the set is waited for, where the scenario has {other}")),
    }
    with(|host| host.answered = WAIT | set << 4);
    let (code, waitable, of) = event();
    unsafe { payload.write([waitable, of]) };
    code
}

#[export_name = "[context-get-0]"]
extern "C" fn context_get() -> *mut u8 {
    with(|host| host.context as *mut u8)
}

#[export_name = "[context-set-0]"]
extern "C" fn context_set(value: *mut u8) {
    with(|host| host.context = value as usize);
}

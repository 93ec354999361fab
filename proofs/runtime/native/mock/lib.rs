//! A host to confirm counterexamples with. It traps where the rules of the canonical ABI say so, answers as the scenario
//! says, and whenever it may run it reads and writes all that it is lent at that moment.
//!
//! A fault ends the process at once with its name: a trap cannot be caught, and what comes after it says nothing.

macro_rules! say {
    ($($words:tt)*) => {
        $crate::heap::outside(|| println!("    {}", format_args!($($words)*)))
    };
}

mod built_ins;
mod calls;
mod client;
mod ends;
pub mod elements;
#[cfg(feature = "futures")]
pub mod futures;
pub mod heap;
pub mod host;
#[allow(dead_code)] // some of it only other mock hosts need
mod lease;
pub mod streams;
mod subject;
#[cfg(feature = "subtasks")]
pub mod subtasks;
pub mod task;
#[cfg(feature = "tasks")]
pub mod tasks;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

#[global_allocator]
static HEAP: heap::Tracker = heap::Tracker;

/// Whoever runs this program looks for the line.
pub fn fault(name: &str, about: &str) -> ! {
    heap::outside(|| println!("fault: {name}: {about}"));
    std::process::exit(101)
}

/// Whether the crate panicked by itself.
pub(crate) static PANICKED: AtomicBool = AtomicBool::new(false);

/// What user code unwinds with, when the scenario says that it does.
pub struct Unwinds;

/// Before the first step: the version of the task's C ABI, and how an element looks.
pub fn start(task_version: u32, shape: lease::Shape) {
    std::panic::set_hook(Box::new(|panic| {
        heap::outside(|| println!("    panic: {}", panic.to_string().replace('\n', " ")));
    }));
    host::start(shape);
    task::start(task_version);
    heap::track();
}

/// One action of the client or of the host. The host runs before and after it, and meanwhile at each of its calls.
pub fn step(number: u32, title: &str, act: impl FnOnce()) {
    heap::outside(|| println!("step {number}: {title}"));
    host::run();
    if let Err(payload) = catch_unwind(AssertUnwindSafe(act)) {
        let whose = if payload.is::<Unwinds>() { "user code" } else { "the crate" };
        PANICKED.fetch_or(whose == "the crate", Ordering::Relaxed);
        say!("{whose} panicked, and the client goes on");
    }
    elements::forget_unwinds();
    host::run();
    heap::check_freed();
    host::expect_no_more(number);
}

/// As `step`, for what must not need an allocator.
pub fn step_without_allocation(number: u32, title: &str, act: impl FnOnce()) {
    step(number, title, || {
        let before = heap::allocations();
        act();
        if heap::allocations() != before {
            fault("allocates", "the guest allocates");
        }
    });
}

/// What the client still has is no part of the scenario: it is not dropped.
pub fn finish() -> ! {
    println!("no fault");
    std::process::exit(0)
}

//! A task: its waitable set, and which operation waits for which waitable.

use crate::abi::{self, EVENT_NONE, EVENT_TASK_CANCELLED};
use crate::reject;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How many operations a task can wait for. A table of fixed size: registering allocates nothing. Keeps scalar-zero-alloc.
pub const ENTRIES: usize = 16;

#[derive(Clone, Copy)]
struct Entry {
    waitable: u32,
    code: *const Cell<Option<u32>>,
}

/// Shared by its executor and by every operation that is registered, so that the set is empty when it is dropped.
pub struct Task {
    set: u32,
    entries: [Cell<Option<Entry>>; ENTRIES],
    /// How many entries there are.
    waiting: Cell<usize>,
    cancelled: Cell<bool>,
}

impl Task {
    pub fn new() -> Rc<Self> {
        Rc::new(Task {
            set: unsafe { abi::waitable_set_new() },
            entries: [const { Cell::new(None) }; ENTRIES],
            waiting: Cell::new(0),
            cancelled: Cell::new(false),
        })
    }

    pub fn set(&self) -> u32 {
        self.set
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// How many operations are registered.
    pub fn waiting(&self) -> usize {
        self.waiting.get()
    }

    /// From now on `code` gets what events of the waitable bring, until it is unregistered.
    pub(crate) fn register(&self, waitable: u32, code: *const Cell<Option<u32>>) {
        for entry in &self.entries {
            if entry.get().is_none() {
                entry.set(Some(Entry { waitable, code }));
                self.waiting.set(self.waiting.get() + 1);
                unsafe { abi::waitable_join(waitable, self.set) };
                return;
            }
        }
        // What was lent stays with the operation, which cancels when it is dropped.
        panic!("too many operations in one task");
    }

    pub(crate) fn unregister(&self, waitable: u32) {
        // Keeps set-empty: the waitable leaves the set as well as the table.
        unsafe { abi::waitable_join(waitable, 0) };
        for entry in &self.entries {
            if let Some(Entry { waitable: found, .. }) = entry.get() {
                if found == waitable {
                    // Keeps waker-unregistered.
                    entry.set(None);
                    self.waiting.set(self.waiting.get() - 1);
                }
            }
        }
    }

    /// An event.
    pub fn deliver(&self, event: u32, waitable: u32, code: u32) {
        match event {
            EVENT_NONE => return,
            EVENT_TASK_CANCELLED => {
                self.cancelled.set(true);
                return;
            }
            _ => {}
        }
        for entry in &self.entries {
            if let Some(Entry { waitable: found, code: place }) = entry.get() {
                if found == waitable {
                    // An operation unregisters before it goes, so the place is there.
                    unsafe { (*place).set(Some(code)) };
                    return;
                }
            }
        }
        // The set has only what the table has.
        reject();
    }

    /// Waits for an event of the set and delivers it.
    pub fn wait(&self) {
        let mut payload = [0; 2];
        let event = unsafe { abi::waitable_set_wait(self.set, &mut payload) };
        self.deliver(event, payload[0], payload[1]);
    }

    /// Delivers an event of the set, if there is one.
    pub fn poll(&self) -> bool {
        let mut payload = [0; 2];
        let event = unsafe { abi::waitable_set_poll(self.set, &mut payload) };
        self.deliver(event, payload[0], payload[1]);
        event != EVENT_NONE
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // Rule: traps while the set has members. There are none: each would hold the task.
        unsafe { abi::waitable_set_drop(self.set) }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Task>>> = const { RefCell::new(None) };
}

/// The task whose executor runs.
pub fn current() -> Option<Rc<Task>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// Puts back the task that was current, when the call inside returns or unwinds.
struct Restore(Option<Rc<Task>>);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = self.0.take();
        let _ours = CURRENT.with(|current| current.replace(before));
    }
}

/// Runs with `task` as the current one. Calls nest: another task may run inside a cancel that blocks. Keeps blocking-cancel.
pub fn enter<R>(task: &Rc<Task>, run: impl FnOnce() -> R) -> R {
    let _restore = Restore(CURRENT.with(|current| current.replace(Some(Rc::clone(task)))));
    run()
}

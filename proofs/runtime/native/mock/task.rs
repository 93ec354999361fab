//! The current task as an operation finds it: the C ABI `wasip3_task`, versions 1 and 2, with a map of callbacks.
//!
//! `waitable_register` joins the waitable to the task's set and keeps callback and pointer; `waitable_unregister` takes
//! both back; an event is delivered once, after the waitable left both.

use crate::{fault, heap, host};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;

pub(crate) type Callback = unsafe extern "C" fn(*mut c_void, u32);
pub(crate) type Register = unsafe extern "C" fn(*mut c_void, u32, Callback, *mut c_void) -> *mut c_void;
pub(crate) type Unregister = unsafe extern "C" fn(*mut c_void, u32) -> *mut c_void;

#[repr(C)]
struct Task {
    version: u32,
    task: *mut c_void,
    waitable_register: Register,
    waitable_unregister: Unregister,
    vtable: &'static Table,
}

#[repr(C)]
struct Table {
    waitable_register: Register,
    waitable_unregister: Unregister,
    clone: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    drop: unsafe extern "C" fn(*mut c_void),
}

static TABLE: Table =
    Table { waitable_register: register, waitable_unregister: unregister, clone: clone_task, drop: drop_task };

/// Whose a task is, and what operations ask of it.
#[cfg(feature = "tasks")]
pub(crate) type Asked = (*mut c_void, Register, Unregister);

/// Of the current task, as the crate set it, if there is one: by the functions of a generation of the C ABI, which from
/// the second on are in a table.
#[cfg(feature = "tasks")]
pub(crate) fn current(generation: u32) -> Option<Asked> {
    let task = CURRENT.with(Cell::get).cast::<Task>();
    if task.is_null() {
        return None;
    }
    // By field: what the first generation made ends before the table.
    unsafe {
        let owner = (*task).task;
        if generation == 1 {
            return Some((owner, (*task).waitable_register, (*task).waitable_unregister));
        }
        let table = (*task).vtable;
        Some((owner, table.waitable_register, table.waitable_unregister))
    }
}

/// What the task keeps: a pointer to it is the `ptr` of the structure.
#[derive(Default)]
struct Entries {
    map: RefCell<BTreeMap<u32, (Callback, *mut c_void)>>,
    clones: Cell<u32>,
}

const TASKS: usize = 2;

thread_local! {
    static ENTRIES: [Entries; TASKS] = Default::default();
    static CURRENT: Cell<*mut c_void> = const { Cell::new(ptr::null_mut()) };
    static VERSION: Cell<u32> = const { Cell::new(1) };
}

pub(crate) fn start(version: u32) {
    VERSION.with(|kept| kept.set(version));
    switch_to(0);
}

/// From now on that task is the current one.
pub fn switch_to(index: usize) {
    heap::outside(|| {
        let entries = ENTRIES.with(|all| &raw const all[index]).cast_mut().cast();
        let task = Task {
            version: VERSION.with(Cell::get),
            task: entries,
            waitable_register: register,
            waitable_unregister: unregister,
            vtable: &TABLE,
        };
        CURRENT.with(|current| current.set(Box::into_raw(Box::new(task)).cast()));
    });
}

/// The host delivers an event to the task that has a callback for it, with the code of the scenario.
pub fn deliver() {
    host::run();
    let found = heap::outside(|| {
        ENTRIES.with(|all| {
            let owner = all.iter().find(|task| !task.map.borrow().is_empty())?;
            owner.map.borrow_mut().pop_first()
        })
    });
    let Some((waitable, (callback, slot))) = found else {
        fault("no-scenario", "an event, and nothing is registered");
    };
    let code = host::delivery(waitable);
    host::join(waitable, false);
    check_slot(slot);
    unsafe { callback(slot, code) };
}

/// No entry outlives the completion slot that it points at.
pub(crate) fn check_entries() {
    ENTRIES.with(|all| {
        for task in all {
            task.map.borrow().values().for_each(|&(_, slot)| check_slot(slot));
        }
    });
}

/// Other guest code runs: it finds the current task, and no callback of what is being cancelled.
pub(crate) fn check_blocking() {
    if CURRENT.with(Cell::get).is_null() {
        fault("no-current-task", "a cancel blocks while there is no current task");
    }
    if ENTRIES.with(|all| all.iter().any(|task| !task.map.borrow().is_empty())) {
        fault("registered-while-blocked", "a cancel blocks while its callback is registered");
    }
}

fn check_slot(slot: *mut c_void) {
    if heap::is_freed(slot as usize, 1) {
        fault("dangling-callback", "the task has a callback whose completion slot is gone");
    }
}

fn of(task: *mut c_void) -> &'static Entries {
    unsafe { &*task.cast::<Entries>() }
}

unsafe extern "C" fn register(task: *mut c_void, waitable: u32, callback: Callback, slot: *mut c_void) -> *mut c_void {
    say!("waitable_register({waitable})");
    host::join(waitable, true);
    let elsewhere = |other: &Entries| !ptr::eq(other, of(task)) && other.map.borrow().contains_key(&waitable);
    if ENTRIES.with(|all| all.iter().any(elsewhere)) {
        fault("registered-with-two-tasks", "an operation registers with a task while another still has its callback");
    }
    let old = heap::outside(|| of(task).map.borrow_mut().insert(waitable, (callback, slot)));
    old.map_or(ptr::null_mut(), |(_, slot)| slot)
}

unsafe extern "C" fn unregister(task: *mut c_void, waitable: u32) -> *mut c_void {
    say!("waitable_unregister({waitable})");
    host::join(waitable, false);
    let old = heap::outside(|| of(task).map.borrow_mut().remove(&waitable));
    old.map_or(ptr::null_mut(), |(_, slot)| slot)
}

unsafe extern "C" fn clone_task(task: *mut c_void) -> *mut c_void {
    of(task).clones.set(of(task).clones.get() + 1);
    task
}

unsafe extern "C" fn drop_task(task: *mut c_void) {
    match of(task).clones.get().checked_sub(1) {
        Some(left) => of(task).clones.set(left),
        None => fault("double-free", "a task is dropped more often than it was cloned"),
    }
}

#[export_name = "wasip3_task_set"]
extern "C" fn task_set(task: *mut c_void) -> *mut c_void {
    CURRENT.with(|current| current.replace(task))
}

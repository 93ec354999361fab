//! An operation of the host that takes its time, and how it is polled, cancelled and dropped.

use crate::abi::BLOCKED;
use crate::reject;
use crate::task::{self, Task};
use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// What a code means for the memory that is lent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// Something is lent still.
    Lent,
    /// Nothing is lent, and there is more to do: call again.
    Again,
    /// Nothing is lent any more.
    Final,
}

/// Start -> InProgress -> Done.
///
/// # Safety
/// `InProgress` owns all memory that `call` lends, inside itself (then at its address) or elsewhere. `settle` answers `Lent` as
/// long as anything is lent, and frees and moves nothing of it. `cancel` is the synchronous form.
pub unsafe trait Operation {
    /// What goes in.
    type Start;
    /// What is kept while the host is at it.
    type InProgress;
    /// What comes out, finished or cancelled.
    type Done;

    fn begin(start: Self::Start) -> Self::InProgress;

    /// Calls the host: a code, or BLOCKED.
    ///
    /// # Safety
    /// The state stays where it is until `settle` says that nothing is lent.
    unsafe fn call(state: &mut Self::InProgress) -> u32;

    fn waitable(state: &Self::InProgress) -> u32;

    /// Takes note of a code. Runs no code of the user.
    fn settle(state: &mut Self::InProgress, code: u32) -> Settled;

    /// # Safety
    /// Something is lent, the waitable is in no set, and nobody cancelled before.
    unsafe fn cancel(state: &mut Self::InProgress) -> u32;

    /// Nothing is lent. May run code of the user.
    fn finish(state: Self::InProgress) -> Self::Done;
}

enum Stage<O: Operation> {
    Start(O::Start),
    InProgress(O::InProgress),
    Done,
}

/// What a cancelled operation leaves.
pub enum Cancelled<O: Operation> {
    NeverStarted(O::Start),
    Done(O::Done),
    /// It was done before.
    Nothing,
}

/// An operation with its state. Pinned before the first poll: from then on the host may know an address in it, and the task
/// knows that of `code`.
pub struct InFlight<O: Operation> {
    stage: Stage<O>,
    /// Where the task puts the code of an event.
    code: Cell<Option<u32>>,
    /// The task whose set the waitable is in. Shared, so that the task outlives the registration.
    task: Option<Rc<Task>>,
    _pinned: PhantomPinned,
}

impl<O: Operation> InFlight<O> {
    pub fn new(start: O::Start) -> Self {
        InFlight { stage: Stage::Start(start), code: Cell::new(None), task: None, _pinned: PhantomPinned }
    }

    pub fn poll_in(self: Pin<&mut Self>, task: &Rc<Task>) -> Poll<O::Done> {
        let this = unsafe { self.get_unchecked_mut() };
        if let Stage::Start(_) = this.stage {
            if let Stage::Start(start) = mem::replace(&mut this.stage, Stage::Done) {
                // Keeps address-stability: the payload goes to its place first, and its address out after that.
                this.stage = Stage::InProgress(O::begin(start));
            }
            let code = match &mut this.stage {
                Stage::InProgress(state) => unsafe { O::call(state) },
                _ => reject(),
            };
            return this.advance(code, task);
        }
        match &this.stage {
            // Keeps code-matches-lease: a code is taken out, so that it is applied once.
            Stage::InProgress(_) => match this.code.take() {
                Some(code) => this.advance(code, task),
                None => {
                    this.register(task);
                    Poll::Pending
                }
            },
            _ => panic!("polled after it was done"),
        }
    }

    /// Applies a code, and calls again as long as the operation asks for it.
    fn advance(&mut self, first: u32, task: &Rc<Task>) -> Poll<O::Done> {
        let mut code = first;
        loop {
            let settled = match &mut self.stage {
                Stage::InProgress(state) => O::settle(state, code),
                _ => reject(),
            };
            match settled {
                Settled::Lent => {
                    self.register(task);
                    return Poll::Pending;
                }
                Settled::Again => {
                    code = match &mut self.stage {
                        Stage::InProgress(state) => unsafe { O::call(state) },
                        _ => reject(),
                    };
                }
                Settled::Final => break,
            }
        }
        // Keeps waker-unregistered: before the state goes, and with it the handle.
        self.unregister();
        match mem::replace(&mut self.stage, Stage::Done) {
            Stage::InProgress(state) => Poll::Ready(O::finish(state)),
            _ => reject(),
        }
    }

    pub fn cancel(self: Pin<&mut Self>) -> Cancelled<O> {
        let this = unsafe { self.get_unchecked_mut() };
        this.close();
        match mem::replace(&mut this.stage, Stage::Done) {
            Stage::Start(start) => Cancelled::NeverStarted(start),
            Stage::InProgress(state) => Cancelled::Done(O::finish(state)),
            Stage::Done => Cancelled::Nothing,
        }
    }

    /// Afterwards nothing is lent.
    fn close(&mut self) {
        // Rule: a synchronous cancel of a member of a set traps. Keeps unregister-before-cancel.
        self.unregister();
        if let Stage::InProgress(state) = &mut self.stage {
            // Keeps completion-race: a code that was delivered but not seen yet is honoured.
            if let Some(code) = self.code.take() {
                // Rule: a cancel traps after the delivery. Keeps cancel-once.
                if O::settle(state, code) != Settled::Lent {
                    return;
                }
            }
            let code = unsafe { O::cancel(state) };
            // Keeps cancel-is-final: anything else ends here, with nothing freed.
            if code == BLOCKED || O::settle(state, code) == Settled::Lent {
                reject();
            }
        }
    }

    fn register(&mut self, task: &Rc<Task>) {
        if let Some(old) = &self.task {
            if Rc::ptr_eq(old, task) {
                return;
            }
        }
        // Keeps cross-task: it leaves the old task first.
        self.unregister();
        if let Stage::InProgress(state) = &self.stage {
            task.register(O::waitable(state), &self.code);
            self.task = Some(Rc::clone(task));
        }
    }

    fn unregister(&mut self) {
        if let Some(task) = self.task.take() {
            if let Stage::InProgress(state) = &self.stage {
                task.unregister(O::waitable(state));
            }
        }
    }
}

impl<O: Operation> Future for InFlight<O> {
    type Output = O::Done;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<O::Done> {
        let task = task::current().expect("polled inside a task");
        self.poll_in(&task)
    }
}

impl<O: Operation> Drop for InFlight<O> {
    fn drop(&mut self) {
        // Keeps cancel-on-drop, cancel-before-free: the fields go after this, when nothing is lent.
        self.close();
    }
}

//! One exported async function: its future, polled at each event.

use crate::abi::{self, EVENT_NONE, EXIT, WAIT};
use crate::task::{enter, Task};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

pub struct Executor {
    /// Dropped before the task, so that its operations are.
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    task: Rc<Task>,
}

impl Executor {
    pub fn new(future: impl Future<Output = ()> + 'static) -> Self {
        Executor { future: Some(Box::pin(future)), task: Task::new() }
    }

    pub fn task(&self) -> &Rc<Task> {
        &self.task
    }

    /// The first call of the export.
    pub fn start(&mut self) -> u32 {
        self.callback(EVENT_NONE, 0, 0)
    }

    /// The callback of the export: EXIT, or WAIT and the set.
    pub fn callback(&mut self, event: u32, waitable: u32, code: u32) -> u32 {
        if self.future.is_none() {
            return EXIT;
        }
        self.task.deliver(event, waitable, code);
        let future = &mut self.future;
        let is_cancelled = self.task.is_cancelled();
        enter(&self.task, || {
            let done = match future {
                Some(future) => {
                    let mut context = Context::from_waker(Waker::noop());
                    is_cancelled || future.as_mut().poll(&mut context) == Poll::Ready(())
                }
                None => true,
            };
            if done {
                *future = None;
            }
        });
        if self.future.is_some() {
            return WAIT | self.task.set() << 4;
        }
        // Rule: EXIT traps unless the task has returned, or was cancelled and has said so.
        unsafe {
            if is_cancelled {
                abi::task_cancel();
            } else {
                abi::task_return();
            }
        }
        EXIT
    }
}

//! A small async runtime for components, written to be proved: every buffer that it lends to the host stays where it
//! is, alive and untouched, until the host has given it back.
//!
//! Each comment that begins with "Keeps" names the obligation of a runtime that the line below carries, each that begins with
//! "Rule" the rule of the canonical ABI that makes it necessary.
//!
//! Operations go Start -> InProgress -> Done (`operation`). Their memory is a heap block, a slot inside the pinned
//! operation, or a block of a static pool (`storage`). `task` has the waitable set and delivers events.

#![deny(unsafe_op_in_unsafe_fn)]

pub mod abi;
pub mod buffer;
pub mod executor;
pub mod future;
pub mod operation;
pub mod relay;
pub mod storage;
pub mod stream;
pub mod subtask;
pub mod task;

/// The host broke a rule that memory safety rests on: end here. Unwinding would drop what may still be lent.
#[cold]
pub(crate) fn reject() -> ! {
    std::process::abort()
}

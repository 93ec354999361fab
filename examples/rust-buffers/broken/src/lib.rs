//! The twins of `../right`, each broken by one change: blocks that are overrun, given back as others, empty or null.

#![no_std]

extern crate alloc;

pub mod aligned;
pub mod empty;
pub mod fallible;
pub mod filled;
pub mod indexed;
pub mod realloc;
pub mod scrubbed;

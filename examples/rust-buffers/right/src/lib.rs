//! Types that own a block of the allocator, and a realloc for the canonical ABI. Each module has a twin in `../broken`
//! that one change breaks.

#![no_std]

extern crate alloc;

pub mod aligned;
pub mod empty;
pub mod fallible;
pub mod filled;
pub mod indexed;
pub mod realloc;
pub mod scrubbed;

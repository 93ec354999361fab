//! Static pools as embedded crates have them. Each module has a twin in `../broken` that one change breaks.

#![no_std]

pub mod aligned_arena;
pub mod bump_arena;
pub mod client_table;
pub mod numbered_table;
pub mod one_shot;
pub mod owned_blocks;
pub mod queue;
pub mod slots;

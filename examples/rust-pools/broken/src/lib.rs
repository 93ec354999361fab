//! The pools of `../right`, each with one change that breaks it.

#![no_std]

pub mod aligned_arena;
pub mod bump_arena;
pub mod client_table;
pub mod numbered_table;
pub mod one_shot;
pub mod owned_blocks;
pub mod queue;
pub mod slots;

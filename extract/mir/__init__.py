"""Compiled Rust (rustc's MIR text) to a typed tree, and the compiler driven to write it."""

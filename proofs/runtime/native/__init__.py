"""Counterexamples about a Rust runtime, run on the unmodified crate under a mock host."""

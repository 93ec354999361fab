"""The sources of a Rust crate, read into the facts that the MIR text leaves out."""

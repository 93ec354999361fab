"""What is decided of buffers that a crate takes from the allocator."""

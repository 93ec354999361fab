"""Buffers that a crate takes from the allocator and gives back, from its MIR."""

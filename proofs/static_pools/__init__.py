"""Proofs about static pools of crates, from their MIR."""

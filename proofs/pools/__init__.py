"""Proofs about static pools: invariants that are guessed and kept, counterexamples that are searched for and run."""

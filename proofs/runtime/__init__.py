"""Verdicts about runtimes: an invariant found by one engine, checked by another in a process of its own."""

"""Replay: drives the very file that was refuted, in wasmtime, until the goal is seen or the budget ends."""

from __future__ import annotations

from proofs.replay.parent import replay
from proofs.replay.request import Goal, MadeCall, MemoryGrow, ReachFunction, Replay, ReplayRoot

__all__ = ["Goal", "MadeCall", "MemoryGrow", "ReachFunction", "Replay", "ReplayRoot", "replay"]

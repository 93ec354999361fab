"""Models to verdicts: engines, replay, re-check."""

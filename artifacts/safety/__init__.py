"""The safety case of a run: an argument in the Goal Structuring Notation whose states come from certificates."""

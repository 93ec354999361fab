"""Files to facts: no solver, no formula."""

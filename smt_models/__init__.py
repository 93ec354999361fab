"""Facts to models: graphs, terms, systems, rules."""

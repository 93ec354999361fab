"""Static pools in linear memory: what calls do to them, as transition systems."""

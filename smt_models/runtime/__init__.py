"""A runtime's MIR executed symbolically over a store of places, into guarded steps of a transition system."""

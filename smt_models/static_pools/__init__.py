"""Static pools of a crate, bit-precise from its MIR: statics as cells, public functions as guarded steps over them."""

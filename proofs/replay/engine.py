"""wasmtime, set up for guests that nobody trusts: every proposal on, interruptible, compiled as quickly as can be."""

from __future__ import annotations

import math
import os
import threading
import time

import wasmtime

_WINCH = 2  # wasmtime_strategy_t of the C interface; the Python property knows only Cranelift
_TICK = 0.02
# Winch refuses these; with one of them on, the engine cannot even be made.
_CRANELIFT_ONLY = ("gc", "function_references", "exceptions", "tail_call", "threads", "relaxed_simd")
_PROPOSALS = ("memory64", "multi_memory", "wide_arithmetic", "custom_page_sizes", "simd", "reference_types")


def make_engine(baseline: bool) -> wasmtime.Engine:
    """With Winch (`baseline`): 4 to 10 times quicker at compiling. With Cranelift: every module that wasmtime takes."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    if baseline:
        wasmtime._ffi.wasmtime_config_strategy_set(config.ptr(), _WINCH)
    else:
        config.cranelift_opt_level = "none"
        config.shared_memory = True
    for proposal in _PROPOSALS:
        setattr(config, f"wasm_{proposal}", True)
    for proposal in _CRANELIFT_ONLY:
        setattr(config, f"wasm_{proposal}", not baseline)
    return wasmtime.Engine(config)


class Ticker:
    """Lets time pass for the guests of an engine, from a thread; at the last moment it ends the process."""

    def __init__(self, engine: wasmtime.Engine, last_moment: float) -> None:
        self._engine = engine
        self._last_moment = last_moment
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while time.monotonic() < self._last_moment:
            time.sleep(_TICK)
            self._engine.increment_epoch()
        os._exit(1)


def ticks(seconds: float) -> int:
    return max(2, math.ceil(seconds / _TICK))

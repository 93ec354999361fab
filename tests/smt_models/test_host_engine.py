"""Rules of the lease automaton as a real engine has them: a component that holds both ends of a stream, in wasmtime."""

from __future__ import annotations

import ctypes
from functools import cache

import pytest
import wasmtime
from wasmtime import _bindings as bindings  # component-model-async has no name of its own in the Python interface yet
from wasmtime import component

BLOCKED = 0xFFFF_FFFF
COMPLETED, DROPPED, CANCELLED = 0, 1, 2
COMPONENT = """(component
  (core module $memory (memory (export "m") 1))
  (core instance $memory (instantiate $memory))
  (type $stream (stream u8))
  (core func $new (canon stream.new $stream))
  (core func $read (canon stream.read $stream async (memory (core memory $memory "m"))))
  (core func $write (canon stream.write $stream async (memory (core memory $memory "m"))))
  (core func $cancel-read (canon stream.cancel-read $stream))
  (core func $cancel-write (canon stream.cancel-write $stream))
  (core func $drop-readable (canon stream.drop-readable $stream))
  (core func $drop-writable (canon stream.drop-writable $stream))
  (core module $guest
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "cancel-read" (func $cancel-read (param i32) (result i32)))
    (import "" "cancel-write" (func $cancel-write (param i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (global $r (mut i32) (i32.const 0))
    (global $w (mut i32) (i32.const 0))
    (func (export "open") (local $both i64)
      (local.set $both (call $new))
      (global.set $r (i32.wrap_i64 (local.get $both)))
      (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32)))))
    (func (export "read") (result i32) (call $read (global.get $r) (i32.const 8) (i32.const 2)))
    (func (export "write") (result i32) (call $write (global.get $w) (i32.const 16) (i32.const 3)))
    (func (export "cancel-read") (result i32) (call $cancel-read (global.get $r)))
    (func (export "cancel-write") (result i32) (call $cancel-write (global.get $w)))
    (func (export "drop-readable") (result i32) (call $drop-readable (global.get $r)) (i32.const 0))
    (func (export "drop-writable") (result i32) (call $drop-writable (global.get $w)) (i32.const 0)))
  (core instance $guest (instantiate $guest (with "" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "write" (func $write))
    (export "cancel-read" (func $cancel-read)) (export "cancel-write" (func $cancel-write))
    (export "drop-readable" (func $drop-readable)) (export "drop-writable" (func $drop-writable))))))
  (func (export "open") (canon lift (core func $guest "open")))
  (func (export "read") (result u32) (canon lift (core func $guest "read")))
  (func (export "write") (result u32) (canon lift (core func $guest "write")))
  (func (export "cancel-read") (result u32) (canon lift (core func $guest "cancel-read")))
  (func (export "cancel-write") (result u32) (canon lift (core func $guest "cancel-write")))
  (func (export "drop-readable") (result u32) (canon lift (core func $guest "drop-readable")))
  (func (export "drop-writable") (result u32) (canon lift (core func $guest "drop-writable"))))"""


@cache
def engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    for name in ("wasmtime_config_wasm_component_model_async_set", "wasmtime_config_concurrency_support_set"):
        switch = getattr(bindings.dll, name)  # type: ignore[attr-defined]  # its own C API
        switch.restype, switch.argtypes = None, [ctypes.c_void_p, ctypes.c_bool]
        switch(ctypes.cast(config.ptr(), ctypes.c_void_p), True)
    return wasmtime.Engine(config)


def answers(*calls: str) -> list[int | str]:
    """What each call answers; at last why it traps, if it does."""
    store = wasmtime.Store(engine())
    instance = component.Linker(engine()).instantiate(store, component.Component(engine(), COMPONENT))
    found: list[int | str] = []
    for name in ("open", *calls):
        function = instance.get_func(store, name)
        assert function is not None
        try:
            found.append(function(store))
            function.post_return(store)
        except wasmtime.WasmtimeError as error:
            return [*found[1:], str(error).strip().splitlines()[-1]]
    return found[1:]


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        # A cancel takes the buffer back, and the end is IDLE again.
        (("write", "cancel-write", "write"), [BLOCKED, CANCELLED, BLOCKED]),
        (("read", "cancel-read", "read"), [BLOCKED, CANCELLED, BLOCKED]),
        # Dropping one end releases the other with DROPPED.
        (("write", "drop-readable", "cancel-write"), [BLOCKED, 0, DROPPED]),
        (("read", "drop-writable", "cancel-read"), [BLOCKED, 0, DROPPED]),
        (("drop-readable", "write", "drop-writable"), [0, DROPPED, 0]),
        (("drop-writable", "read", "drop-readable"), [0, DROPPED, 0]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_answers(calls: tuple[str, ...], said: list[int]) -> None:
    assert answers(*calls) == said


@pytest.mark.parametrize(
    "calls",
    [
        ("drop-readable", "write", "write"),  # DONE: traps unless IDLE
        ("drop-writable", "read", "read"),
        ("write", "drop-readable", "cancel-write", "write"),
        ("read", "drop-writable", "cancel-read", "read"),
        ("write", "write"),
        ("read", "read"),
        ("cancel-write",),  # traps unless COPYING
        ("cancel-read",),
        ("drop-readable", "write", "cancel-write"),
        ("write", "drop-writable"),  # traps while copying
        ("read", "drop-readable"),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_traps(calls: tuple[str, ...]) -> None:
    found = answers(*calls)
    assert len(found) == len(calls)
    assert isinstance(found[-1], str), found
    assert all(isinstance(one, int) for one in found[:-1]), found

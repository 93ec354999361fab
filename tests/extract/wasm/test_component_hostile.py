"""Damaged and malicious components: an answer in little time, and no error but InputError."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from component_text import assembled, component, evaluated, raw, section

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.component import COMPONENT_HEADER

SEED = 20_261_121
RICH = """(component
  (import "wasi:io/streams@0.2.3" (instance $streams
    (export "output-stream" (type $o (sub resource)))
    (export "write" (func (param "self" (borrow $o)) (param "b" (list u8)) (result (result (list u8)))))))
  (alias export $streams "output-stream" (type $o))
  (core type $mt (module (type (func)) (import "a" "b" (func (type 0))) (export "c" (memory 1))))
  (core module $Libc
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (memory.grow (i32.const 1))))
  (core instance $libc (instantiate $Libc))
  (core func $write (canon lower (func $streams "write")
    (memory (core memory $libc "memory")) (realloc (core func $libc "cabi_realloc"))))
  (core func $drop (canon resource.drop $o))
  (core module $Main
    (import "host" "write" (func (param i32 i32 i32 i32)))
    (import "host" "drop" (func (param i32)))
    (func (export "f") (param i32 i32) (result i32) (i32.const 0))
    (func (export "dtor") (param i32)))
  (core instance $main (instantiate $Main (with "host" (instance
    (export "write" (func $write)) (export "drop" (func $drop))))))
  (component $Inner
    (import "f" (func $f (param "a" string) (result u32)))
    (import "r" (type $r (sub resource)))
    (alias outer 1 $Libc (core module $L))
    (core instance $l (instantiate $L))
    (core func (canon resource.drop $r))
    (core func (canon lower (func $f) (memory (core memory $l "memory"))))
    (export "g" (func $f)))
  (type $r (resource (rep i32) (dtor (core func $main "dtor"))))
  (type $s (stream string))
  (core func (canon stream.read $s async
    (memory (core memory $libc "memory")) (realloc (core func $libc "cabi_realloc"))))
  (func $f (param "a" string) (result u32) (canon lift (core func $main "f")
    (memory (core memory $libc "memory")) (realloc (core func $libc "cabi_realloc"))))
  (instance $i (instantiate $Inner (with "f" (func $f)) (with "r" (type $r))))
  (export "api" (instance $i)))"""


def _answer(data: bytes) -> None:
    with suppress(InputError):
        evaluated(data)


def test_the_sample_is_whole() -> None:
    world = evaluated(assembled(RICH))
    assert (len(world.instances), len(world.canons)) == (3, 6)


def test_every_truncation_is_answered() -> None:
    data = assembled(RICH)
    for size in range(8, len(data)):
        _answer(data[:size])


def test_mutations_are_answered() -> None:
    print(f"seed {SEED}")
    numbers = random.Random(SEED)
    data = assembled(RICH)
    for _ in range(6000):
        mutant = bytearray(data)
        for _ in range(numbers.choice((1, 1, 1, 2, 5))):
            at = numbers.randrange(8, len(mutant))
            match numbers.randrange(4):
                case 0:
                    mutant[at] = numbers.randrange(256)
                case 1:
                    mutant[at] ^= 1 << numbers.randrange(8)
                case 2:
                    del mutant[at : at + numbers.randrange(1, 4)]
                case _:
                    mutant[at:at] = numbers.randbytes(numbers.randrange(1, 4))
        _answer(bytes(mutant))


def _refused(data: bytes, what: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluated(data)
    assert what in f"{caught.value.found}; {caught.value.expected}"


def _nested_twice(levels: int, core: str) -> bytes:
    """Components that each instantiate the one before twice."""
    text = f"(component $c0 {core})"
    for level in range(1, levels + 1):
        text += f"""(component $c{level} (alias outer 1 $c{level - 1} (component $c))
          (instance (instantiate $c)) (instance (instantiate $c)))"""
    return assembled(f"(component {text} (instance (instantiate $c{levels})))")


@pytest.mark.parametrize("core", ["", "(core module $M) (core instance (instantiate $M))"])
def test_exponentially_many_instances(core: str) -> None:
    _refused(_nested_twice(40, core), f"at most {limits.MAX_INSTANCES}")


def test_a_chain_of_instantiations() -> None:
    text = "(component $c0)"
    for level in range(1, 500):
        text += f"(component $c{level} (alias outer 1 $c{level - 1} (component $c)) (instance (instantiate $c)))"
    _refused(assembled(f"(component {text} (instance (instantiate $c499)))"), "nested instantiations")


def test_a_component_does_not_see_itself() -> None:
    itself = section(6, b"\x01\x04\x02\x01\x00") + section(5, b"\x01\x00\x00\x00")
    inner = section(4, COMPONENT_HEADER + itself)
    _refused(raw(inner, section(5, b"\x01\x00\x00\x00")), "component index 0; an index below 0")


def test_components_nested_too_deeply() -> None:
    data = COMPONENT_HEADER
    for _ in range(300):
        size = len(data)
        data = COMPONENT_HEADER + b"\x04" + bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + data
    _refused(data, "components and types nested")


def test_types_nested_too_deeply() -> None:
    content = b"\x01" + b"\x42\x01\x01" * 2000 + b"\x42\x00"
    size = len(content)
    data = COMPONENT_HEADER + b"\x07" + bytes([size & 0x7F | 0x80, size >> 7]) + content
    _refused(data, "components and types nested")


def test_instance_types_that_hold_each_other() -> None:
    text = "(type $t0 (instance))"
    for level in range(1, 60):
        text += f"""(type $t{level} (instance (alias outer 1 $t{level - 1} (type $t))
          (export "a" (instance (type $t))) (export "b" (instance (type $t)))))"""
    _refused(assembled(f'(component {text} (import "i" (instance (type $t59))))'), "bytes of definitions to evaluate")


def test_instances_that_hold_each_other_have_names_of_bounded_length() -> None:
    text = '(core module $M (func (export "f"))) (core instance $m (instantiate $M))'
    text += '(func $f (canon lift (core func $m "f"))) (instance $i0 (export "f" (func $f)))'
    for level in range(1, 60):
        text += f'(instance $i{level} (export "a" (instance $i{level - 1})) (export "b" (instance $i{level - 1})))'
    world = component(f'{text} (export "x" (instance $i59))')
    assert world.canons[0].name.startswith("x#a#a#")

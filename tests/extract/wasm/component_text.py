"""Components from text and from bytes, and their worlds."""

from __future__ import annotations

from functools import cache

import wasmtime

from extract.digest import Digest
from extract.subject import SubjectFile
from extract.wasm.component import COMPONENT_HEADER
from extract.wasm.linking import world_of_component
from extract.wasm.world import CanonicalDefinition, World

FILE = "test.wasm"


@cache
def assembled(text: str) -> bytes:
    return bytes(wasmtime.wat2wasm(text))


def evaluated(data: bytes) -> World:
    return world_of_component(SubjectFile(FILE, FILE, len(data), Digest(data), data, False))


def component(text: str) -> World:
    """The world of a component; `text`: its fields in the text format."""
    return evaluated(assembled(f"(component {text})"))


def section(number: int, content: bytes) -> bytes:
    """One section; the content is shorter than 128 bytes."""
    assert len(content) < 128
    return bytes((number, len(content))) + content


def raw(*sections: bytes) -> bytes:
    """A component of sections that the text format does not let one write."""
    return COMPONENT_HEADER + b"".join(sections)


def kinds(world: World) -> list[str]:
    return [canon.kind for canon in world.canons]


def only(world: World, kind: str) -> CanonicalDefinition:
    """The one canonical definition of a kind."""
    (found,) = [canon for canon in world.canons if canon.kind == kind]
    return found


MEMORY = """
  (core module $Main
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    {functions})
  (core instance $main (instantiate $Main))
"""
OPTIONS = '(memory (core memory $main "memory")) (realloc (core func $main "cabi_realloc"))'


def lifted(parameters: str, core: str, result: str = "", core_result: str = "") -> World:
    """A component that lifts one function `f` of these types, with memory and realloc."""
    function = f'(func (export "f") {core} {core_result} unreachable)'
    return component(
        MEMORY.format(functions=function)
        + f'(func (export "f") {parameters} {result} (canon lift (core func $main "f") {OPTIONS}))'
    )


def lowered(types: str, function: str) -> World:
    """A component that lowers one function of the host of this type, with memory and realloc."""
    return component(
        f'{types} (import "f" (func $f {function}))'
        + MEMORY.format(functions="")
        + f"(core func (canon lower (func $f) {OPTIONS}))"
    )

"""A subject file to its world: the entrance of this room."""

from __future__ import annotations

from extract.errors import ByteOffset, InputError
from extract.subject import SubjectFile
from extract.wasm.sections import MODULE_HEADER, read_module
from extract.wasm.types import TypeStore
from extract.wasm.world import CoreInstance, FromHost, World

COMPONENT_HEADER = b"\0asm\x0d\0\x01\0"


def read_world(subject: SubjectFile) -> World:
    """Reads a core module (rule G1) or a component (rule G2). Raises InputError."""
    header = bytes(subject.data[:8])
    if header == MODULE_HEADER:
        return _world_of_module(subject)
    if header == COMPONENT_HEADER:
        from extract.wasm.linking import world_of_component

        return world_of_component(subject)
    raise InputError(
        subject.path,
        ByteOffset(0),
        f"bytes {header.hex(' ')}",
        "the header of a core module (version 1) or of a component",
    )


def _world_of_module(subject: SubjectFile) -> World:
    store = TypeStore()
    module = read_module(subject.data, 0, len(subject.data), subject.path, store)
    host = tuple([FromHost(f"{item.module}.{item.name}") for item in module.imports])
    instance = CoreInstance(0, module, "", host)
    return World(subject, False, store, (instance,), (), (), (), {})

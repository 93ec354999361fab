"""A copy of a core module with more exports, and with traps for some bodies; every other byte is that of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from extract.wasm.module import ExternKind, Module
from extract.wasm.reader import Buffer, Reader
from extract.wasm.types import read_value_type
from proofs.replay import leb

_GLOBAL, _EXPORT, _CODE, _CUSTOM = 6, 7, 10, 0
_ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
_TRAP = b"\x00\x00\x0b"  # no locals; unreachable; end
FLAG = "proofmark:reached"


class AddedExport(NamedTuple):
    name: str
    kind: ExternKind
    position: int


@dataclass(frozen=True, slots=True)
class Changes:
    """`flagged`: bodies that first set the exported global FLAG. `kept`: bodies that stay (None: all); others trap."""

    exports: tuple[AddedExport, ...] = ()
    flagged: frozenset[int] = frozenset()
    kept: frozenset[int] | None = None

    def nothing(self) -> bool:
        return not self.exports and not self.flagged and self.kept is None


class Section(NamedTuple):
    number: int
    start: int
    content: int
    end: int


def sections(data: Buffer, module: Module) -> Iterator[Section]:
    reader = Reader(data, module.start + 8, module.end, "")
    while not reader.at_end():
        start = reader.position
        number = reader.byte()
        content = reader.sub(reader.u32(), "a section")
        yield Section(number, start, content.position, content.end)


def copy_module(data: Buffer, module: Module, changes: Changes) -> bytes:
    """The bytes of the module, changed. A changed copy has no custom sections: they tell of offsets that have moved."""
    if changes.nothing():
        return bytes(data[module.start : module.end])
    present = {section.number: section for section in sections(data, module) if section.number != _CUSTOM}
    exports = [leb.export(*added) for added in changes.exports]
    if changes.flagged:
        exports.append(leb.export(FLAG, ExternKind.GLOBAL, len(module.globals)))
    out = [bytes(data[module.start : module.start + 8])]
    for number in _ORDER:
        section = present.get(number)
        if number == _EXPORT and exports:
            out.append(leb.section(number, _longer(data, section, exports)))
        elif number == _GLOBAL and changes.flagged:
            out.append(leb.section(number, _longer(data, section, [b"\x7f\x01\x41\x00\x0b"])))  # mutable i32, 0
        elif section and number == _CODE and (changes.flagged or changes.kept is not None):
            out.append(leb.section(number, _bodies(data, module, section, changes)))
        elif section:
            out.append(bytes(data[section.start : section.end]))
    return b"".join(out)


def _longer(data: Buffer, section: Section | None, items: list[bytes]) -> bytes:
    """A vector section's content with items at its end."""
    if section is None:
        return leb.vector(items)
    reader = Reader(data, section.content, section.end, "")
    count = reader.u32()
    return leb.unsigned(count + len(items)) + bytes(data[reader.position : section.end]) + b"".join(items)


def _bodies(data: Buffer, module: Module, section: Section, changes: Changes) -> bytes:
    reader = Reader(data, section.content, section.end, "")
    count = reader.u32()
    out = [leb.unsigned(count)]
    last = reader.position
    for defined, end in enumerate(module.code.ends):
        function = module.imported_functions + defined
        if function in changes.flagged:
            body = _flagged(data, module, module.code.starts[defined], end)
            out.append(leb.unsigned(len(body)) + body)
        elif changes.kept is not None and function not in changes.kept:
            out.append(leb.unsigned(len(_TRAP)) + _TRAP)
        else:
            out.append(bytes(data[last:end]))
        last = end
    return b"".join(out)


def _flagged(data: Buffer, module: Module, start: int, end: int) -> bytes:
    """A body that sets FLAG to 1 before it does anything else."""
    reader = Reader(data, start, end, "")
    for _ in range(reader.u32()):
        reader.u32()
        read_value_type(reader, module.scope)
    code = reader.position
    return bytes(data[start:code]) + b"\x41\x01\x24" + leb.unsigned(len(module.globals)) + bytes(data[code:end])

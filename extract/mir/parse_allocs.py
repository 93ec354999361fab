"""The bytes and pointers of an allocation [rustc_middle::mir::pretty: write_allocation_bytes]."""

from __future__ import annotations

import re

from extract.mir import limits
from extract.mir.lexer import Unrecognised, to_int
from extract.mir.tree import Memory, Relocation

_POINTER = re.compile(r"╾[─ ]*+([^─╼]*+)[─ ]*+╼")
_TARGET = re.compile(r"(a(?:lloc)?[0-9]+)(?:\+(0x[0-9a-fA-F]+))?(<imm>)?(?: \(([0-9]+) ptr bytes?\))?")
_PIECE = re.compile(r"\x00([0-9]+)\x00|([0-9a-f]{2})|(__)|\s+")


def parse_memory(size: int, align: int, lines: list[str]) -> Memory:
    """From the lines between the braces. Raises Unrecognised."""
    if size > limits.MAX_FILE_BYTES:
        raise Unrecognised("the size")
    pointers: list[tuple[str, int, bool]] = []

    def note(found: re.Match[str]) -> str:
        target = _TARGET.fullmatch(found[1].strip())
        if target is None:
            raise Unrecognised(found[1])
        name = target[1] if target[1].startswith("alloc") else "alloc" + target[1][1:]
        pointers.append((name, to_int(target[2], 16) if target[2] else 0, target[3] is not None))
        return f" \0{len(pointers) - 1}\0 "

    text = _POINTER.sub(note, " ".join([_bytes_of(line) for line in lines]))
    pieces: list[int | None] = []
    plain = len(re.findall(r"(?<![\x00\w])(?:[0-9a-f]{2}|__)(?![\x00\w])", text))
    width, rest = divmod(size - plain, len(pointers)) if pointers else (0, size - plain)
    if rest or width not in ((2, 4, 8) if pointers else (0,)):
        raise Unrecognised("the number of bytes")
    relocations: list[Relocation] = []
    position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise Unrecognised(text[position : position + 20])
        position = piece.end()
        if piece[1] is not None:
            relocations.append(Relocation(len(pieces), *pointers[int(piece[1])]))
            pieces.extend([None] * width)
        elif piece[2] is not None:
            pieces.append(int(piece[2], 16))
        elif piece[3] is not None:
            pieces.append(None)
    if len(pieces) != size:
        raise Unrecognised("the number of bytes")
    return Memory(size, align, tuple(pieces), tuple(relocations))


def _bytes_of(line: str) -> str:
    """Without the offset before and the characters after."""
    head, bar, rest = line.partition("│")
    if not bar:
        raise Unrecognised(line)
    if head.strip().startswith("0x"):
        head, bar, _ = rest.partition("│")
        if not bar:
            raise Unrecognised(line)
    return head.strip()

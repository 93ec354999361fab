"""The events of many bodies in one pass: by the same patterns, of which PCRE2 makes machine code.

Bodies are joined into one text, before each a separator. No instruction reaches across it: the longest that can end in
any byte takes 16 behind its opcode (`v128.const`), and no integer ends in bytes that all are to be continued. No
instruction begins with it: where one lacks bytes, or is none, the pass stops. So it has gone over all bodies, each from
its first byte to its last, if it comes to the end of the text and has met as many separators as stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from proofs.recheck.faults import Malformed
from proofs.recheck.instructions import EVENT, LOCALS, UNEVENTFUL, read_locals, step
from proofs.recheck.reader import Reader

SEPARATOR = b"\xff" * 23 + b"\x00"
BEHIND = b"\xff" * 5  # each event: it has no more than 4 in a row, ends in another byte, and begins with one
FEW = 100  # times that the pass stops: to go on takes it as long as 20 instructions take `re`
_EVENTS = rb"\G(?:%s)*+(?:(%s)|%s(?:%s))" % (UNEVENTFUL, EVENT, re.escape(SEPARATOR), LOCALS)
_KNOWN = rb"(?:%s|%s)*+" % (UNEVENTFUL, EVENT)
_EMPTY = b"\x00"  # a body, behind the last separator: no locals


@dataclass(frozen=True, slots=True)
class CompiledScan:
    """A pattern of PCRE2. `each`: its matches, of one event or separator each, stand one behind the other. `fault`:
    what PCRE2 raises at a limit of its own.
    """

    each: Any
    fault: type[Exception]

    def events(self, bodies: Sequence[bytes]) -> set[bytes] | None:
        """The distinct events of bodies, given without their last `end`. None where something is wrong with one, or too
        much is there that the patterns do not know: then nothing is said of any.
        """
        text = SEPARATOR.join((b"", *bodies, _EMPTY))
        events = {b""}
        position = separators = 0
        try:
            for _ in range(FEW):
                said, count = self.each.subn(rb"\1" + BEHIND, text[position:])
                *found, rest = said.split(BEHIND, count)  # in `rest`, as it is, what the pass has not come to
                events.update(found)
                separators += found.count(b"")  # one for each
                if not rest:
                    return events - {b""} if separators == len(bodies) + 1 else None
                position = _known().match(text, len(text) - len(rest)).end()
                is_locals = text.startswith(SEPARATOR, position)
                separators += is_locals
                position += is_locals * len(SEPARATOR)
                end = text.find(SEPARATOR, position)
                if end < 0:  # the last body lacks bytes, and part of a separator was taken for them
                    return None
                reader = Reader(text, position, end)
                if is_locals:
                    read_locals(reader)
                else:
                    events.add(step(reader))
                position = reader.position
        except (Malformed, self.fault):
            pass
        return None


@cache
def _known() -> Any:
    """All instructions that the patterns know. Made where a pass stops, and without machine code, of which PCRE2 makes
    no use for a match that has to begin where it is asked for.
    """
    import pcre2  # type: ignore[import-untyped]

    return pcre2.compile(_KNOWN, pcre2.DOTALL, jit=False)


@cache
def compiled_scan() -> CompiledScan | None:
    """None where PCRE2, or its compiler for this processor, is not at hand: `scan` of `instructions` finds the same."""
    try:
        import pcre2
    except ImportError:
        return None
    try:
        return CompiledScan(pcre2.compile(_EVENTS, pcre2.DOTALL), pcre2.LibraryError)
    except pcre2.LibraryError:
        return None

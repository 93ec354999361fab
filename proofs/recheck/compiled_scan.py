"""The events of many bodies in one pass: by the same patterns, of which PCRE2 makes machine code.

Bodies are joined into one text, behind each a separator. No instruction reaches across it: the longest that can end in
any byte takes 16 behind its opcode (`v128.const`), and no integer ends in bytes that all are to be continued. No
instruction begins with it: where one lacks bytes, or is none, the pass stops. So it has gone over all bodies, each from
its first byte to its last, if it comes to the end of the text and has met as many separators as there are bodies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from proofs.recheck.instructions import EVENT, UNEVENTFUL

SEPARATOR = b"\xff" * 23 + b"\x00"
BEHIND = b"\xff" * 5  # each event: it has no more than 4 in a row, ends in another byte, and begins with one
_EVENTS = rb"\G(?:%s)*+(?:(%s)|%s)" % (UNEVENTFUL, EVENT, re.escape(SEPARATOR))
_KNOWN = rb"(?:%s|%s)*+" % (UNEVENTFUL, EVENT)


@dataclass(frozen=True, slots=True)
class CompiledScan:
    """Patterns of PCRE2. `each`: its matches, of one event or separator each, stand one behind the other; `known`: all
    instructions that the patterns know. `fault`: what PCRE2 raises at a limit of its own.
    """

    each: Any
    known: Any
    fault: type[Exception]

    def events(self, code: Sequence[bytes]) -> set[bytes] | None:
        """The distinct events of bodies, given without locals and without their last `end`. None where the pattern does
        not know all that is there: then nothing is said of any.
        """
        try:
            said, count = self.each.subn(rb"\1" + BEHIND, SEPARATOR.join((*code, b"")))
        except self.fault:
            return None
        *found, rest = said.split(BEHIND, count)  # in `rest`, as it is, what the pass has not come to
        if rest or found.count(b"") != len(code):  # one for each separator
            return None
        return set(found) - {b""}

    def events_before(self, data: bytes, position: int, end: int) -> tuple[set[bytes], int] | None:
        """Of code: the events of all instructions up to the first that the patterns do not know, and where that is."""
        try:
            stop: int = self.known.match(data, position, end).end()
        except self.fault:
            return None
        events = self.events([data[position:stop]])
        return None if events is None else (events, stop)


@cache
def compiled_scan() -> CompiledScan | None:
    """None where PCRE2, or its compiler for this processor, is not at hand: `scan` of `instructions` finds the same."""
    try:
        import pcre2  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        each, known = (pcre2.compile(pattern, pcre2.DOTALL) for pattern in (_EVENTS, _KNOWN))
        return CompiledScan(each, known, pcre2.LibraryError)
    except pcre2.LibraryError:
        return None

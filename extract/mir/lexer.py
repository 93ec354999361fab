"""One line of MIR text to tokens, and a cursor over them."""

from __future__ import annotations

import re
from typing import NoReturn

from extract.mir import limits
from extract.mir.types import Span

# Every alternative is linear: what does not close is one token up to the end, so that no later start reads it again.
_TOKENS = re.compile(
    r"""
    b?"(?:[^"\\]|\\.)*+(?:"|$)                    # a string
  | b?'(?:[^'\\]|\\u\{[0-9a-fA-F]++\}|\\x..|\\.)' # a character
  | '\w++ | '\{erased\} | '\?\d++                 # a lifetime
  | <impl\ at\ [^<>]*+>                           # an impl of the crate, by its place
  | \{(?:\w++\ ?)++@(?:[^{}]*+\})?                # a closure, async block or coroutine, by its place, or by its path
  | \{(?:\w++:?)++\#\d++\}                        # something without a name, by its number
  | \{(?:async\ |gen\ )*+(?:fn|closure)\ body\ of\  # the future of an `async fn`
  | &/\*tls\*/
  | r\#\w++ | variant\#\d++ | [^\W\d]\w*+
  | 0x[0-9a-fA-F]++ | \d++(?:\.\d++)?(?:[eE][+-]?\d++)?(?:_?[A-Za-z]\w*+)?
  | :: | -> | => | \.\.= | \.\.
  | \S
    """,
    re.VERBOSE,
)
_SPAN = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,9}): ([0-9]{1,9}):([0-9]{1,9})(?: \(#([0-9]{1,9})\))?")
_LOCAL = re.compile(r"_([0-9]{1,9})")
_BLOCK = re.compile(r"bb([0-9]{1,9})")
_DIGITS = {10: re.compile(r"-?[0-9]{1,40}"), 16: re.compile(r"0x[0-9a-fA-F]{1,64}")}
IDENTIFIER = re.compile(r"(?:r#)?[^\W\d]\w*")


class Unrecognised(Exception):
    """The line is not in the grammar. Never leaves the parser: it becomes an UnknownConstruct."""


class TooDeep(Exception):
    """The line is nested beyond the limit."""


def read_span(text: str) -> tuple[Span, int | None] | None:
    """`FILE:L:C: L:C`, perhaps with a syntax context."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    file, line, column, end_line, end_column, context = found.groups()
    return Span(file, int(line), int(column), int(end_line), int(end_column)), int(context) if context else None


def to_int(text: str, base: int = 10) -> int:
    """A number of sane length, hexadecimal ones with `0x`."""
    if not _DIGITS[base].fullmatch(text):
        raise Unrecognised(text)
    return int(text, base)


class Cursor:
    """Over the tokens of one line. It notes the locals and blocks that the line mentions."""

    __slots__ = ("_depth", "blocks", "locals", "position", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens = _TOKENS.findall(text)
        self.tokens.append("")
        self.position = 0
        self._depth = 0
        self.locals: set[int] = set()
        self.blocks: set[int] = set()

    def peek(self) -> str:
        """The next token, empty at the end."""
        return self.tokens[self.position]  # type: ignore[no-any-return]

    def after(self) -> str:
        """The token after the next."""
        return self.tokens[self.position + 1] if self.tokens[self.position] else ""

    def next(self) -> str:
        token: str = self.tokens[self.position]
        if not token:
            raise Unrecognised("the end")
        self.position += 1
        return token

    def accept(self, token: str) -> bool:
        if self.tokens[self.position] == token:
            self.position += 1
            return True
        return False

    def expect(self, *tokens: str) -> None:
        for token in tokens:
            if self.tokens[self.position] != token:
                self.fail()
            self.position += 1

    def fail(self) -> NoReturn:
        raise Unrecognised(self.peek() or "the end")

    def end(self) -> None:
        if self.tokens[self.position]:
            self.fail()

    def enter(self) -> None:
        self._depth += 1
        if self._depth > limits.MAX_NESTING:
            raise TooDeep

    def leave(self) -> None:
        self._depth -= 1

    def depth(self) -> int:
        return self._depth

    def back_to(self, position: int, depth: int) -> None:
        """Undoes what was read since: for the few places where the grammar needs a second try."""
        self.position = position
        self._depth = depth

    def local(self) -> int:
        found = _LOCAL.fullmatch(self.next())
        if found is None:
            self.position -= 1
            self.fail()
        number = int(found[1])
        self.locals.add(number)
        return number

    def block(self) -> int:
        found = _BLOCK.fullmatch(self.next())
        if found is None:
            self.position -= 1
            self.fail()
        number = int(found[1])
        self.blocks.add(number)
        return number

    def number(self) -> int:
        return to_int(self.next())

    def identifier(self) -> str:
        token = self.next()
        if not IDENTIFIER.fullmatch(token):
            self.position -= 1
            self.fail()
        return token

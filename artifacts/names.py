"""Names out of hostile files, made safe to show.

A module may name its functions anything: terminal escapes, right-to-left overrides, new lines, a megabyte of text.
Certificates keep names as they are (JSON escapes them); everything that people read goes through here.
"""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 240
"""Longest name, in characters, in a report for people or services; longer ones lose their middle."""

_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_MARKDOWN = {ord(c): f"&#{ord(c)};" for c in "\\`*_[]<>#|~&@:$"}

_WWW = re.compile(r"(?<=www)\.", re.IGNORECASE)
"""What makes a link of a name in GitHub's Markdown without any other sign."""


def unicode_only(text: str) -> str:
    """`text` without lone surrogates, which a path that is not UTF-8 brings along and UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encodable(text: str) -> str:
    """`text` with lone surrogates written as escapes: for digests, which tell apart all names."""
    return text.encode("utf-8", "backslashreplace").decode()


def shortened(text: str, limit: int) -> str:
    """`text` with its middle replaced by an ellipsis if it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    tail = limit - 1 - head
    return text[:head] + "…" + text[len(text) - tail :]


def visible(text: str, limit: int = NAME_LIMIT) -> str:
    """`text` for people: shortened, and with control, format and unassigned characters written as escapes.

    What comes out is one line, is safe on a terminal, and is allowed in XML 1.0.
    """
    short = shortened(text, limit)
    if text.isascii() and text.isprintable():  # as nearly all are: nothing of it is escaped
        return short
    return "".join(_escape(c) if unicodedata.category(c) in _ESCAPED else c for c in short)


def _escape(c: str) -> str:
    code = ord(c)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def markdown_code(text: str, limit: int = NAME_LIMIT) -> str:
    """`text` as inline code of GitHub's Markdown, in a table cell too.

    Character references and a `<code>` element: inside it no link, mention or issue reference is made, and nothing
    in the name can close it, as it can a span of backticks.
    """
    safe = visible(text, limit).translate(_MARKDOWN)
    return f"<code>{_WWW.sub('&#46;', safe)}</code>"


def columns(text: str) -> int:
    """How many columns of a fixed-width font `text` takes: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)

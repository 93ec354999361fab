"""Tokens and token trees (reference, "Tokens"), as macros see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from extract.errors import InputError
from extract.rust import limits
from extract.rust.places import Span
from extract.rust.text import Text, Token

_IDENTIFIER = r"[^\W\d]\w*"
_TOKEN = re.compile(
    rf"""
    (?P<skip>\s+|//[^\n]*)
  | (?P<comment>/\*)
  | (?P<raw>(?:b|c)?r(?P<hashes>\#*)")
  | (?P<string>(?:b|c)?"(?:[^"\\]|\\.)*"\w*)
  | (?P<character>b?'(?:[^'\\\n]|\\(?:u\{{[^}}]*\}}|x[0-9a-fA-F]{{2}}|.))')
  | (?P<lifetime>'(?:r\#)?{_IDENTIFIER})
  | (?P<identifier>(?:r\#)?{_IDENTIFIER})
  | (?P<number>\d(?:[eE][+-]\d|\w)*(?:\.\d(?:[eE][+-]\d|\w)*|\.(?![.\w]))?)
  | (?P<punctuation><<=|>>=|\.\.\.|\.\.=|::|->|=>|==|!=|<=|>=|&&|\|\||\+=|-=|\*=|/=|%=|\^=|&=|\|=|<<|>>|\.\.
      |[-+*/%^!&|=<>@.,;:\#$?~\\])
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_CLOSES = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between a pair of delimiters, with them."""

    open: Token
    trees: tuple[Tree, ...]
    close: Token


Tree = Token | Group


def tokens_of(text: Text, start: int = 0, end: int | None = None) -> tuple[Token, ...]:
    """The tokens between two byte offsets. Raises InputError at what is no token."""
    end = len(text.data) if end is None else end
    source = text.data[start:end].decode("utf-8", "replace")
    return tuple(_scan(text, source, start))


def _scan(text: Text, source: str, start: int) -> Iterator[Token]:
    at, offset, spaced = 0, start, False
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            _fail(text.span(offset, offset + 1), f"`{source[at]}`", "a token")
        stop = found.end()
        kind = found.lastgroup or ""
        match kind:
            case "comment":
                stop = _comment_end(source, at)
            case "raw" | "hashes":
                kind = "string"
                closing = source.find('"' + found["hashes"], stop)
                stop = len(source) if closing < 0 else closing + 1 + len(found["hashes"])
        piece = source[at:stop]
        size = len(piece.encode())
        if kind in ("skip", "comment"):
            spaced = True
        else:
            yield Token(kind, piece, spaced, text.trail(offset, offset + size))
            spaced = False
        at, offset = stop, offset + size


def _comment_end(source: str, at: int) -> int:
    """Block comments nest."""
    depth = 0
    for edge in _COMMENT.finditer(source, at):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(source)


def _fail(place: Span, found: str, expected: str) -> NoReturn:
    raise InputError(place.file, place.start, found, expected)


def trees_of(tokens: Sequence[Token]) -> tuple[Tree, ...]:
    """Pairs the delimiters. Raises InputError where they do not pair."""
    stack: list[tuple[Token | None, list[Tree]]] = [(None, [])]
    for token in tokens:
        match token.kind:
            case "open":
                if len(stack) > limits.MAX_SYNTAX_DEPTH:
                    place = token.trail[0][1]
                    _fail(place, "deeper nesting", f"delimiters nested at most {limits.MAX_SYNTAX_DEPTH} deep")
                stack.append((token, []))
            case "close":
                opening, trees = stack.pop()
                if opening is None or _CLOSES[opening.text] != token.text:
                    _fail(token.trail[0][1], f"`{token.text}`", "paired delimiters")
                stack[-1][1].append(Group(opening, tuple(trees), token))
            case _:
                stack[-1][1].append(token)
    opening, trees = stack.pop()
    if opening is not None:
        _fail(opening.trail[0][1], f"`{opening.text}` that nothing closes", "paired delimiters")
    return tuple(trees)


def flatten(trees: Sequence[Tree]) -> Iterator[Token]:
    """The tokens of the trees, in order."""
    for tree in trees:
        match tree:
            case Token():
                yield tree
            case Group():
                yield tree.open
                yield from flatten(tree.trees)
                yield tree.close


def place_of(tree: Tree) -> Span:
    """Where a tree begins."""
    token = tree.open if isinstance(tree, Group) else tree
    return token.trail[0][1]


def is_token(tree: Tree | None, text: str) -> bool:
    return isinstance(tree, Token) and tree.text == text

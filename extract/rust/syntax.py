"""Syntax trees of Rust, made by tree-sitter, whole or not at all.

tree-sitter recovers from errors; here an error anywhere is the file's error, with its place, for a tree that was
repaired might lack an item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

from extract.errors import InputError
from extract.rust import limits
from extract.rust.places import Span
from extract.rust.text import Text, Token
from extract.rust.tokens import tokens_of

_LANGUAGE = Language(tree_sitter_rust.language())
COMMENTS = frozenset({"line_comment", "block_comment"})


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed text; `around` is how deep the place lies that it was made for."""

    text: Text
    root: Node
    around: int

    def words(self, node: Node) -> str:
        """The text of a node, with each run of white space as one blank."""
        return " ".join(self.raw(node).split())

    def raw(self, node: Node) -> str:
        return self.text.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def span(self, node: Node, last: Node | None = None) -> Span:
        """From the start of a node to the end of it, or of `last`."""
        return self.text.span(node.start_byte, (last or node).end_byte)

    def tokens(self, node: Node) -> tuple[Token, ...]:
        return tokens_of(self.text, node.start_byte, node.end_byte)


def parse(text: Text, around: int = 0) -> Syntax:
    """Parses a text whose place is `around` levels deep. Raises InputError at the first fault."""
    root = Parser(_LANGUAGE).parse(text.data).root_node
    syntax = Syntax(text, root, around)
    if root.has_error:
        fault = _first_fault(root)
        place = syntax.span(fault)
        if fault.is_missing:
            raise InputError(place.file, place.start, "something else", f"`{fault.type}`")
        found = " ".join(syntax.raw(fault).split())[:60]
        raise InputError(place.file, place.start, f"`{found}`", "Rust syntax that is known here")
    _bound_depth(syntax)
    return syntax


def _first_fault(root: Node) -> Node:
    """The innermost first error: descends through the first child that has one."""
    node = root
    while not (node.is_missing or (node.is_error and not any(child.has_error for child in node.children))):
        child = next((child for child in node.children if child.has_error), None)
        if child is None:
            return node
        node = child
    return node


def _bound_depth(syntax: Syntax) -> None:
    cursor = syntax.root.walk()
    while True:
        if cursor.depth + syntax.around > limits.MAX_SYNTAX_DEPTH and cursor.node is not None:
            place = syntax.span(cursor.node)
            expected = f"syntax nested at most {limits.MAX_SYNTAX_DEPTH} deep"
            raise InputError(place.file, place.start, "deeper nesting", expected)
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def children(node: Node) -> Iterator[Node]:
    """All children but comments."""
    return (child for child in node.children if child.type not in COMMENTS)


def named(node: Node) -> Iterator[Node]:
    """The named children but comments."""
    return (child for child in node.named_children if child.type not in COMMENTS)


def child_of(node: Node, kind: str) -> Node | None:
    """The first child of a kind."""
    return next((child for child in node.children if child.type == kind), None)


def has(node: Node, kind: str) -> bool:
    return child_of(node, kind) is not None

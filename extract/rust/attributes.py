"""Attributes: `cfg` evaluated, `cfg_attr` applied, `derive` taken apart (reference, "Attributes")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from extract.errors import InputError
from extract.rust.configuration import Configuration, split
from extract.rust.items import Attribute
from extract.rust.places import Span
from extract.rust.syntax import COMMENTS, Syntax, children
from extract.rust.text import ExpandedText, Token
from extract.rust.tokens import Group, Tree, flatten, place_of, trees_of
from extract.rust.types import Path, Segment

_KINDS = {"attribute_item", "inner_attribute_item"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """`active` is False where a `cfg` does not hold; `derives` are the paths in `derive`, each with its place."""

    active: bool = True
    listed: tuple[Attribute, ...] = ()
    derives: tuple[Path, ...] = ()

    def joined(self, other: Attributes) -> Attributes:
        return Attributes(self.active and other.active, self.listed + other.listed, self.derives + other.derives)

    def has(self, path: str) -> bool:
        return any(attribute.path == path for attribute in self.listed)

    def value(self, path: str) -> str | None:
        return next((attribute.value for attribute in self.listed if attribute.path == path), None)


def attributed(
    syntax: Syntax, nodes: Iterable[Node], configuration: Configuration
) -> Iterator[tuple[Node, Attributes]]:
    """The nodes with the attributes before them, without those that `cfg` takes away."""
    pending = Attributes()
    for node in nodes:
        if node.type == "attribute_item":
            pending = pending.joined(_read(syntax, node, configuration))
        elif node.is_named and node.type not in COMMENTS and node.type != "visibility_modifier":
            if pending.active:
                yield node, pending
            pending = Attributes()


def inner_attributes(syntax: Syntax, node: Node, configuration: Configuration) -> Attributes:
    """Those that stand inside of what they are about: `#![..]`, and what tree-sitter puts into arms and fields."""
    found = Attributes()
    for child in children(node):
        if child.type in _KINDS and (child.type == "inner_attribute_item" or _holds_its_own(node)):
            found = found.joined(_read(syntax, child, configuration))
    return found


def _holds_its_own(node: Node) -> bool:
    return node.type in ("match_arm", "field_initializer", "shorthand_field_initializer", "let_declaration")


def _read(syntax: Syntax, node: Node, configuration: Configuration) -> Attributes:
    trees = trees_of(syntax.tokens(node))
    group = trees[-1] if trees else None
    if not isinstance(group, Group):
        place = syntax.span(node)
        raise InputError(place.file, place.start, "something else", "an attribute")
    return _apply(group.trees, syntax.span(node), configuration)


def _apply(trees: Sequence[Tree], span: Span, configuration: Configuration) -> Attributes:
    match trees:
        case [Token(text="cfg"), Group() as group]:
            return Attributes(configuration.holds(_predicate(group, 1)[0]))
        case [Token(text="cfg_attr"), Group() as group]:
            predicate, *given = _predicate(group, None)
            found = Attributes()
            for one in given if configuration.holds(predicate) else ():
                found = found.joined(_apply(one, span, configuration))
            return found
        case [Token(text="unsafe"), Group() as group]:
            return _apply(group.trees, span, configuration)
        case [Token(text="derive"), Group() as group]:
            listed = (Attribute("derive", _text(trees[1:]), span),)
            return Attributes(True, listed, tuple(_path(part) for part in split(group.trees)))
        case _:
            names = 0
            for tree in trees:
                if not isinstance(tree, Token) or (tree.kind != "identifier" and tree.text != "::"):
                    break
                names += 1
            path = "".join(token.text for token in flatten(trees[:names]))
            return Attributes(True, (Attribute(path, _text(trees[names:]), span),))


def _predicate(group: Group, count: int | None) -> list[Sequence[Tree]]:
    parts = split(group.trees)
    if not parts or (count is not None and len(parts) != count):
        place = place_of(group)
        raise InputError(place.file, place.start, f"{len(parts)} predicates", "one `cfg` predicate")
    return parts


def _text(trees: Sequence[Tree]) -> str:
    return ExpandedText("", tuple(flatten(trees))).data.decode().strip()


def _path(trees: Sequence[Tree]) -> Path:
    tokens = tuple(flatten(trees))
    span = ExpandedText("", tokens)
    segments = tuple(Segment(token.text) for token in tokens if token.kind == "identifier")
    if not segments:
        place = place_of(trees[0])
        raise InputError(place.file, place.start, "something else", "a path in `derive`")
    return Path(segments, span.span(0, len(span.data)), tokens[0].text == "::")


def argument(attribute: Attribute, name: str) -> str | None:
    """The string of `name = "string"` in the arguments."""
    found = re.search(rf'\b{name}\s*=\s*"([^"]*)"', attribute.arguments)
    return found[1] if found else None

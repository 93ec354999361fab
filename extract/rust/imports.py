"""Reads `use` and `extern crate` declarations (reference, "Use declarations", "Extern crate declarations")."""

from __future__ import annotations

from tree_sitter import Node

from extract.rust.collector import Collector, Context
from extract.rust.items import ExternCrate, Import, Unread
from extract.rust.syntax import Syntax, has, named
from extract.rust.type_reader import read_path
from extract.rust.types import Path, Segment


def read_use(collector: Collector, context: Context, node: Node) -> None:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        _tree(collector, context, argument, None, has(node, "visibility_modifier"))


def _tree(collector: Collector, context: Context, node: Node, base: Path | None, public: bool) -> None:
    syntax = context.syntax
    match node.type:
        case "use_list":
            for child in named(node):
                _tree(collector, context, child, base, public)
        case "scoped_use_list":
            path = node.child_by_field_name("path")
            inner = node.child_by_field_name("list")
            joined = _join(syntax, base, path) if path is not None else _root(syntax, node, base)
            if inner is not None:
                _tree(collector, context, inner, joined, public)
        case "use_wildcard":
            path = next(named(node), None)
            joined = _join(syntax, base, path) if path is not None else _root(syntax, node, base)
            collector.imports.append(Import(context.scope, joined, None, public, syntax.span(node)))
        case "use_as_clause":
            path = node.child_by_field_name("path")
            alias = node.child_by_field_name("alias")
            if path is not None and alias is not None:
                joined = _join(syntax, base, path)
                collector.imports.append(Import(context.scope, joined, syntax.raw(alias), public, syntax.span(node)))
        case "identifier" | "scoped_identifier" | "self" | "crate" | "super":
            joined = _join(syntax, base, node)
            if joined.segments:
                name = joined.segments[-1].name
                collector.imports.append(Import(context.scope, joined, name, public, syntax.span(node)))
        case kind:
            collector.unread.append(Unread(kind, syntax.span(node), "no `use` that is known here"))


def _join(syntax: Syntax, base: Path | None, node: Node) -> Path:
    """`self` at the end of a list names what the list is of."""
    path = read_path(syntax, node)
    segments = path.segments
    if base is not None and segments[0].name == "self":
        segments = segments[1:]
    before: tuple[Segment, ...] = base.segments if base is not None else ()
    return Path(before + segments, path.span, base.is_global if base is not None else path.is_global)


def _root(syntax: Syntax, node: Node, base: Path | None) -> Path:
    """`::{..}`, `{..}` and `*` without a path before them."""
    is_global = syntax.raw(node).startswith("::")
    return base if base is not None else Path((), syntax.span(node), is_global)


def read_extern_crate(collector: Collector, context: Context, node: Node) -> None:
    name = node.child_by_field_name("name")
    alias = node.child_by_field_name("alias")
    if name is not None:
        crate = context.syntax.raw(name)
        known_as = context.syntax.raw(alias) if alias is not None else crate
        collector.extern_crates.append(ExternCrate(context.scope, known_as, crate))

"""What function bodies hold: closures, `async` blocks, items, struct literals, macros."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from tree_sitter import Node

from extract.rust.attributes import attributed, inner_attributes
from extract.rust.collector import Collector, Context
from extract.rust.items import Closure, Module, StructLiteral, TableEntry
from extract.rust.macro_use import define_macro, expanded_list
from extract.rust.places import Span
from extract.rust.syntax import child_of, children, has, named
from extract.rust.type_reader import read_path
from extract.rust.types import Path

ITEMS = frozenset(
    {
        "const_item", "enum_item", "extern_crate_declaration", "foreign_mod_item", "function_item", "impl_item",
        "macro_definition", "mod_item", "static_item", "struct_item", "trait_item", "type_item", "union_item",
        "use_declaration",
    }
)  # fmt: skip
# Library calls that make a table of functions, with the names of its fields
# (https://doc.rust-lang.org/std/task/struct.RawWakerVTable.html#method.new).
_TABLE_CALLS = {"RawWakerVTable::new": ("clone", "wake", "wake_by_ref", "drop")}
_PATHS = {"identifier", "scoped_identifier", "generic_function", "self"}


def read_body(collector: Collector, context: Context, body: Node, is_async: bool) -> None:
    """The body of a function; that of an `async fn` belongs to a coroutine, the function's first closure."""
    if is_async:
        span = context.syntax.span(body)
        path = collector.numbered(context.owner, "closure")
        collector.closures.append(Closure("async fn body", path, context.owner, span, span, True))
        context = context.owned_by(path)
    _walk(collector, context, body)


def read_expression(collector: Collector, context: Context, node: Node) -> None:
    """An initialiser."""
    _walk(collector, context, node)


def _walk(collector: Collector, context: Context, node: Node) -> None:
    """One expression or statement; goes down one Python frame or two for each level of syntax."""
    match node.type:
        case "token_tree" | "line_comment" | "block_comment" | "attribute_item" | "inner_attribute_item":
            return
        case "closure_expression":
            _closure(collector, context, node)
            return
        case "async_block":
            span = context.syntax.span(node, child_of(node, "move") or child_of(node, "async"))
            context = _coroutine(collector, context, "async block", span, node, has(node, "move"))
        case "macro_invocation":
            for inner, nodes in expanded_list(collector, context, node, "statements"):
                _statements(collector, inner, nodes)
            return
        case "const_block":
            context = context.owned_by(collector.numbered(context.owner, "constant"))
        case "struct_expression":
            _literal(collector, context, node)
        case "call_expression":
            _table_call(collector, context, node)
        case "block":
            if any(child.type in ITEMS for child in node.children):
                context = _block_scope(collector, context, node)
        case _:
            pass
    if node.child_count:
        _statements(collector, context, node.children)


def _statements(collector: Collector, context: Context, nodes: Iterable[Node]) -> None:
    for node, attributes in attributed(context.syntax, nodes, collector.configuration):
        if node.type == "macro_definition":
            define_macro(collector, context, node, attributes.has("macro_export"))
        elif node.type in ITEMS:
            before = node.prev_sibling
            listed = [node]
            while before is not None and (before.type == "attribute_item" or before.is_extra):
                listed.insert(0, before)
                before = before.prev_sibling
            collector.read_items(collector, context, listed)
        elif inner_attributes(context.syntax, node, collector.configuration).active:
            _walk(collector, context, node)


def _block_scope(collector: Collector, context: Context, node: Node) -> Context:
    path = collector.numbered(context.owner, "block")
    span = context.syntax.span(node)
    collector.modules.append(Module(path, context.scope, True, span.file, span))
    return context.in_block(path)


_Kind = Literal["closure", "async closure", "async closure body", "async block", "async fn body"]


def _coroutine(
    collector: Collector, context: Context, kind: _Kind, header: Span, whole: Node, is_move: bool
) -> Context:
    path = collector.numbered(context.owner, "closure")
    collector.closures.append(Closure(kind, path, context.owner, header, context.syntax.span(whole), is_move))
    return context.owned_by(path)


def _closure(collector: Collector, context: Context, node: Node) -> None:
    """The header reaches to the result type, if there is one, else to the second bar."""
    syntax = context.syntax
    body = node.child_by_field_name("body")
    last = node.child_by_field_name("return_type") or node.child_by_field_name("parameters")
    if body is None or last is None:
        return
    is_async, is_move = has(node, "async"), has(node, "move")
    kind: _Kind = "async closure" if is_async else "closure"
    inside = _coroutine(collector, context, kind, syntax.span(node, last), body, is_move)
    if is_async:
        inside = _coroutine(collector, inside, "async closure body", syntax.span(body), body, is_move)
    _walk(collector, inside, body)


def _literal(collector: Collector, context: Context, node: Node) -> None:
    name = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    if name is None or body is None:
        return
    entries: list[TableEntry] = []
    for child in named(body):
        if not inner_attributes(context.syntax, child, collector.configuration).active:
            continue
        match child.type:
            case "field_initializer":
                field = child.child_by_field_name("field")
                value = child.child_by_field_name("value")
                if field is not None and value is not None:
                    entries.append(_entry(context, context.syntax.raw(field), value))
            case "shorthand_field_initializer":
                last = [part for part in children(child) if part.type == "identifier"][-1:]
                entries.extend(_entry(context, context.syntax.raw(part), part) for part in last)
            case "base_field_initializer":
                entries.append(TableEntry("..", context.syntax.words(child), None))
    _add_literal(collector, context, node, read_path(context.syntax, name), tuple(entries))


def _add_literal(
    collector: Collector, context: Context, node: Node, path: Path, entries: tuple[TableEntry, ...]
) -> None:
    span = context.syntax.span(node)
    collector.literals.append(StructLiteral(path, context.owner, context.environment, entries, span))


def _entry(context: Context, field: str, value: Node) -> TableEntry:
    """Looks through `Some(..)`, which is how a table has an optional function."""
    inner = value
    if inner.type == "call_expression":
        function = inner.child_by_field_name("function")
        arguments = inner.child_by_field_name("arguments")
        given = list(named(arguments)) if arguments is not None else []
        if function is not None and context.syntax.raw(function) == "Some" and len(given) == 1:
            inner = given[0]
    path = read_path(context.syntax, inner) if inner.type in _PATHS else None
    return TableEntry(field, context.syntax.words(value), path)


def _table_call(collector: Collector, context: Context, node: Node) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or function.type != "scoped_identifier":
        return
    path = read_path(context.syntax, function)
    fields = _TABLE_CALLS.get("::".join(segment.name for segment in path.segments[-2:]))
    given = list(named(arguments))
    if fields is None or len(fields) != len(given):
        return
    made = replace(path, segments=path.segments[:-1])
    entries = tuple(_entry(context, field, value) for field, value in zip(fields, given, strict=True))
    _add_literal(collector, context, node, made, entries)

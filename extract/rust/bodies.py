"""What function bodies hold: closures, `async` blocks, items, struct literals, macros."""

from __future__ import annotations

from collections import Counter
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
    """The body of a function; that of an `async fn` belongs to a coroutine, the function's first closure.

    Each body numbers its closures anew: a macro can make two of one path.
    """
    around, collector.numbers = collector.numbers, Counter()
    if is_async:
        span = context.syntax.span(body)
        path = collector.numbered(context.owner, "closure")
        collector.closures.append(Closure("async fn body", path, context.owner, span, span, True))
        context = context.owned_by(path)
    _fragment(collector, context, (body,))
    collector.numbers = around


def read_expression(collector: Collector, context: Context, node: Node) -> None:
    """An initialiser; it numbers its closures as a body does."""
    around, collector.numbers = collector.numbers, Counter()
    _fragment(collector, context, (node,))
    collector.numbers = around


def _fragment(collector: Collector, context: Context, nodes: Iterable[Node]) -> None:
    """What was written at one place, and then what its macros make, one after another: rustc numbers closures so."""
    around, collector.deferred = collector.deferred, []
    _statements(collector, context, nodes)
    calls, collector.deferred = collector.deferred, around
    for place, call in calls:
        for inner, made in expanded_list(collector, place, call, "statements"):
            _fragment(collector, inner, made)


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
            collector.deferred.append((context, node))
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
    collector.blocks += 1
    path = f"{context.owner}::{{block#{collector.blocks}}}"
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
    is_path = inner.type in _PATHS and not (inner.type == "identifier" and _may_be_local(context, inner))
    path = read_path(context.syntax, inner) if is_path else None
    return TableEntry(field, context.syntax.words(value), path)


def _may_be_local(context: Context, node: Node) -> bool:
    """Whether something around may bind the name; within a macro that cannot be seen."""
    if context.in_macro:
        return True
    around: Node | None = node
    while around is not None and around.type not in ("function_item", "source_file"):
        around = around.parent
    return around is not None and context.syntax.raw(node) in _bound(context, around)


def _bound(context: Context, node: Node) -> set[str]:
    """All names that patterns in a function bind."""
    found: set[str] = set()
    todo = [(node, False)]
    while todo:
        at, in_pattern = todo.pop()
        if in_pattern and at.type in ("identifier", "shorthand_field_identifier"):
            found.add(context.syntax.raw(at))
        for number, child in enumerate(at.children):
            is_pattern = at.field_name_for_child(number) == "pattern" or at.type == "closure_parameters"
            todo.append((child, in_pattern or is_pattern))
    return found


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

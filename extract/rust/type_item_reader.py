"""Reads structs, unions, enums, aliases, and the impls that `derive` makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from extract.rust.attributes import Attributes, attributed
from extract.rust.collector import Collector, Context
from extract.rust.generics import Generics
from extract.rust.items import Enum, Field, Implementation, Shape, Struct, TypeAlias, Variant
from extract.rust.limits import MAX_DISCRIMINANT_BITS
from extract.rust.syntax import children, has
from extract.rust.type_reader import read_generics, read_type
from extract.rust.types import Path, Segment, Type, Unsupported

_INTEGER = re.compile(r"(-)?\s*(0x[0-9a-f_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)(?:_?[iu](?:8|16|32|64|128|size))?", re.I)


def name_of(context: Context, node: Node) -> str:
    name = node.child_by_field_name("name")
    return context.syntax.raw(name).removeprefix("r#") if name is not None else ""


def read_struct(collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
    generics = read_generics(context.syntax, node)
    inside, path = _inside(context, node, generics)
    body = node.child_by_field_name("body")
    shape, fields = _fields(collector, context, body)
    collector.structs.append(
        Struct(
            path,
            inside.environment,
            generics,
            shape,
            fields,
            node.type == "union_item",
            _representation(attributes),
            attributes.listed,
            context.syntax.span(node),
        )
    )
    _derived(collector, inside, attributes, generics)


def read_enum(collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
    generics = read_generics(context.syntax, node)
    inside, path = _inside(context, node, generics)
    collector.enums.append(
        Enum(
            path,
            inside.environment,
            generics,
            tuple(_variants(collector, context, node.child_by_field_name("body"))),
            _representation(attributes),
            attributes.listed,
            context.syntax.span(node),
        )
    )
    _derived(collector, inside, attributes, generics)


def read_alias(collector: Collector, context: Context, node: Node) -> None:
    generics = read_generics(context.syntax, node)
    inside = context.item().within(generics)
    target = node.child_by_field_name("type")
    if target is None:
        return
    path = f"{context.owner}::{name_of(context, node)}"
    aliased = read_type(context.syntax, target)
    collector.aliases.append(TypeAlias(path, inside.environment, generics, aliased, context.syntax.span(node)))


def _inside(context: Context, node: Node, generics: Generics) -> tuple[Context, str]:
    """`Self` in the item is the item with its own generics."""
    name = name_of(context, node)
    arguments: tuple[Type, ...] = tuple(
        Path((Segment(parameter),), context.syntax.span(node)) for parameter in generics.types
    )
    self_type = Path((Segment(name, arguments),), context.syntax.span(node))
    return context.item().within(generics, self_type), f"{context.owner}::{name}"


def _fields(collector: Collector, context: Context, body: Node | None) -> tuple[Shape, tuple[Field, ...]]:
    if body is None:
        return "unit", ()
    syntax = context.syntax
    fields: list[Field] = []
    if body.type == "field_declaration_list":
        for node, attributes in attributed(syntax, children(body), collector.configuration):
            declared = node.child_by_field_name("type")
            if node.type == "field_declaration" and declared is not None:
                visible = next((syntax.words(c) for c in node.children if c.type == "visibility_modifier"), "")
                field_type = read_type(syntax, declared)
                fields.append(Field(name_of(context, node), field_type, syntax.span(node), visible, attributes.listed))
        return "named", tuple(fields)
    for node, attributes in attributed(syntax, children(body), collector.configuration):
        before = node.prev_named_sibling
        visible = syntax.words(before) if before is not None and before.type == "visibility_modifier" else ""
        fields.append(Field(str(len(fields)), read_type(syntax, node), syntax.span(node), visible, attributes.listed))
    return "tuple", tuple(fields)


def _variants(collector: Collector, context: Context, body: Node | None) -> Iterator[Variant]:
    """Without a value of its own a variant has one more than that before it (reference, "Enumerations")."""
    if body is None:
        return
    before: int | None = -1
    index = 0
    for node, attributes in attributed(context.syntax, children(body), collector.configuration):
        if node.type != "enum_variant":
            continue
        value = node.child_by_field_name("value")
        text = context.syntax.words(value) if value is not None else None
        discriminant = (None if before is None else before + 1) if text is None else _integer(text)
        shape, fields = _fields(collector, context, node.child_by_field_name("body"))
        span = context.syntax.span(node)
        yield Variant(name_of(context, node), index, discriminant, text, shape, fields, attributes.listed, span)
        before = discriminant
        index += 1


def _integer(text: str) -> int | None:
    found = _INTEGER.fullmatch(text.strip("() "))
    if found is None:
        return None
    digits = found[2].replace("_", "").lower()
    if len(digits) > MAX_DISCRIMINANT_BITS + 2:
        return None
    value = int(digits, 0) if digits[:1] == "0" and digits[1:2].isalpha() else int(digits)
    return -value if found[1] else value


def _representation(attributes: Attributes) -> tuple[str, ...]:
    return tuple(
        part.strip()
        for attribute in attributes.listed
        if attribute.path == "repr"
        for part in re.split(r",(?![^(]*\))", attribute.arguments[1:-1])
        if part.strip()
    )


def _derived(collector: Collector, inside: Context, attributes: Attributes, generics: Generics) -> None:
    self_type = inside.environment.self_type
    for path in attributes.derives:
        if self_type is None:
            continue
        collector.implementations.append(
            Implementation(
                inside.owner,
                inside.environment,
                generics,
                path,
                self_type,
                (),
                (),
                (),
                negative=False,
                unsafe=False,
                derived=True,
                attributes=(),
                span=path.span,
            )
        )


def is_mutable(node: Node) -> bool:
    return has(node, "mutable_specifier")


def type_of(context: Context, node: Node) -> Type:
    declared = node.child_by_field_name("type")
    if declared is None:
        return Unsupported("no type", context.syntax.span(node))
    return read_type(context.syntax, declared)

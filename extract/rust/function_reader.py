"""Reads functions, traits, impls, constants and extern blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from extract.rust.attributes import Attributes, argument, attributed
from extract.rust.bodies import read_body, read_expression
from extract.rust.collector import Collector, Context
from extract.rust.items import (
    AssociatedType,
    Constant,
    ForeignFunction,
    Function,
    FunctionParameter,
    Implementation,
    Trait,
    Unread,
)
from extract.rust.macro_use import expanded_list
from extract.rust.syntax import child_of, children, has, named
from extract.rust.type_item_reader import is_mutable, name_of, type_of
from extract.rust.type_reader import abi_of, modifiers_of, read_bounds, read_generics, read_type
from extract.rust.types import Path, Reference, Segment, Type


def read_function(collector: Collector, context: Context, node: Node, attributes: Attributes) -> Function:
    """One function, and what its body holds."""
    syntax = context.syntax
    generics = read_generics(syntax, node)
    inside = context.within(generics)
    path = f"{context.owner}::{name_of(context, node)}"
    modifiers = child_of(node, "function_modifiers")
    body = node.child_by_field_name("body")
    header = [child for child in children(node) if body is None or child.end_byte <= body.start_byte]
    result = node.child_by_field_name("return_type")
    function = Function(
        path,
        inside.environment,
        generics,
        _parameters(collector, context, node.child_by_field_name("parameters")),
        read_type(syntax, result) if result is not None else None,
        modifiers_of(syntax, node),
        abi_of(syntax, child_of(modifiers, "extern_modifier")) if modifiers is not None else None,
        attributes.listed,
        syntax.span(node, header[-1]),
        syntax.span(body) if body is not None else None,
        _visible(context, node),
    )
    if body is not None:
        read_body(collector, inside.owned_by(path), body, function.is_async)
    return function


def _parameters(collector: Collector, context: Context, node: Node | None) -> tuple[FunctionParameter, ...]:
    if node is None:
        return ()
    syntax = context.syntax
    parameters: list[FunctionParameter] = []
    for child, _ in attributed(syntax, children(node), collector.configuration):
        match child.type:
            case "self_parameter":
                own: Type = Path((Segment("Self"),), syntax.span(child))
                if has(child, "&"):
                    lifetime = child_of(child, "lifetime")
                    own = Reference(own, is_mutable(child), syntax.raw(lifetime) if lifetime is not None else None)
                parameters.append(FunctionParameter("self", own))
            case "parameter":
                pattern = child.child_by_field_name("pattern")
                text = syntax.words(pattern) if pattern is not None else ""
                parameters.append(FunctionParameter(text, type_of(context, child)))
    return tuple(parameters)


@dataclass(slots=True)
class _Members:
    types: list[AssociatedType] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    methods: list[Function] = field(default_factory=list)


def _read_members(collector: Collector, context: Context, nodes: Iterable[Node], members: _Members) -> None:
    for node, attributes in attributed(context.syntax, nodes, collector.configuration):
        match node.type:
            case "function_item" | "function_signature_item":
                members.methods.append(read_function(collector, context, node, attributes))
            case "const_item":
                members.constants.append(read_constant(collector, context, node, attributes))
            case "type_item" | "associated_type":
                members.types.append(_associated_type(context, node))
            case "macro_invocation" | "expression_statement":
                for inner, inner_nodes in expanded_list(collector, context, node):
                    _read_members(collector, inner, inner_nodes, members)
            case "inner_attribute_item" | "empty_statement":
                pass
            case kind:
                collector.unread.append(Unread(kind, context.syntax.span(node), "no member that is known here"))


def _associated_type(context: Context, node: Node) -> AssociatedType:
    given = node.child_by_field_name("type")
    return AssociatedType(
        name_of(context, node),
        read_generics(context.syntax, node),
        read_bounds(context.syntax, node.child_by_field_name("bounds")),
        read_type(context.syntax, given) if given is not None else None,
        context.syntax.span(node),
    )


def read_trait(collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
    syntax = context.syntax
    generics = read_generics(syntax, node)
    path = f"{context.owner}::{name_of(context, node)}"
    inside = context.item().within(generics, trait=path).owned_by(path)
    members = _Members()
    body = node.child_by_field_name("body")
    _read_members(collector, inside, children(body) if body is not None else (), members)
    collector.traits.append(
        Trait(
            path,
            inside.environment,
            generics,
            read_bounds(syntax, node.child_by_field_name("bounds")),
            tuple(members.types),
            tuple(members.constants),
            tuple(members.methods),
            has(node, "unsafe"),
            attributes.listed,
            syntax.span(node),
        )
    )


def read_impl(collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
    """The header's place ends with the where clause, or is the whole impl where a macro got that from elsewhere.

    rustc: `until_within(item.span, generics.where_clause_span)`.
    """
    syntax = context.syntax
    generics = read_generics(syntax, node)
    target = node.child_by_field_name("type")
    trait = node.child_by_field_name("trait")
    clause = child_of(node, "where_clause")
    body = node.child_by_field_name("body")
    if target is None:
        return
    last = clause if clause is not None else target
    span = syntax.text.shared_span(node.start_byte, last.end_byte) or syntax.span(node)
    self_type = read_type(syntax, target)
    inside = context.item().within(generics, self_type).owned_by(f"{context.owner}::<impl at {span}>")
    members = _Members()
    _read_members(collector, inside, children(body) if body is not None else (), members)
    collector.implementations.append(
        Implementation(
            context.owner,
            inside.environment,
            generics,
            read_type(syntax, trait) if trait is not None else None,
            self_type,
            tuple(members.types),
            tuple(members.constants),
            tuple(members.methods),
            has(node, "!"),
            has(node, "unsafe"),
            derived=False,
            attributes=attributes.listed,
            span=span,
        )
    )


def read_constant(collector: Collector, context: Context, node: Node, attributes: Attributes) -> Constant:
    """A constant or static, and the closures in its initialiser."""
    path = f"{context.owner}::{name_of(context, node)}"
    value = node.child_by_field_name("value")
    if value is not None:
        read_expression(collector, context.owned_by(path), value)
    is_static = node.type == "static_item"
    return Constant(
        path,
        context.environment,
        type_of(context, node),
        context.syntax.words(value) if value is not None else None,
        ("static mut" if is_mutable(node) else "static") if is_static else "const",
        attributes.listed,
        context.syntax.span(node),
        _visible(context, node),
    )


def _visible(context: Context, node: Node) -> str:
    modifier = child_of(node, "visibility_modifier")
    return "" if modifier is None else context.syntax.words(modifier)


def read_foreign(collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
    """An extern block; without `link_name` a function's own name is used (reference, "External blocks")."""
    modules = [argument(one, "wasm_import_module") for one in attributes.listed if one.path == "link"]
    module = next((name for name in modules if name is not None), None)
    abi = abi_of(context.syntax, child_of(node, "extern_modifier"))
    body = node.child_by_field_name("body")
    for child, own in attributed(context.syntax, named(body) if body is not None else (), collector.configuration):
        match child.type:
            case "function_signature_item":
                function = replace(read_function(collector, context.item(), child, own), abi=abi)
                written = next((one for one in own.listed if one.path == "link_name"), None)
                if written is not None and written.value is None:
                    reason = "a `link_name` that is no plain string"
                    collector.unread.append(Unread(written.arguments, written.span, reason))
                name = function.name if written is None or written.value is None else written.value
                collector.functions.append(function)
                collector.foreign.append(ForeignFunction(function, module, name))
            case "static_item":
                collector.constants.append(read_constant(collector, context.item(), child, own))
            case "inner_attribute_item" | "empty_statement":
                pass
            case kind:
                reason = "no item of an extern block that is known here"
                collector.unread.append(Unread(kind, context.syntax.span(child), reason))

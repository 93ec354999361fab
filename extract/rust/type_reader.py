"""Reads types, paths, bounds and generics from syntax trees (reference, "Types", "Paths", "Generic parameters")."""

from __future__ import annotations

from tree_sitter import Node

from extract.rust.generics import GenericParameter, Generics, WherePredicate
from extract.rust.syntax import Syntax, child_of, children, has, named
from extract.rust.types import (
    Array,
    AssociatedBinding,
    Bound,
    ConstantArgument,
    Dynamic,
    FunctionPointer,
    Inferred,
    Lifetime,
    Never,
    Opaque,
    Path,
    Pointer,
    Primitive,
    Reference,
    Segment,
    Slice,
    Tuple,
    Type,
    Unsupported,
)

_PATHS = {
    "type_identifier", "identifier", "scoped_type_identifier", "scoped_identifier", "generic_type",
    "generic_type_with_turbofish", "generic_function", "self", "super", "crate", "field_identifier",
}  # fmt: skip
_CONSTANTS = {
    "block", "integer_literal", "negative_literal", "boolean_literal", "char_literal", "string_literal",
    "float_literal", "unary_expression",
}  # fmt: skip


def read_type(syntax: Syntax, node: Node) -> Type:
    """One type. What is not known comes back as Unsupported, with its place."""
    match node.type:
        case "primitive_type":
            return Primitive(syntax.raw(node))
        case kind if kind in _PATHS:
            return read_path(syntax, node)
        case "reference_type":
            lifetime = child_of(node, "lifetime")
            name = syntax.raw(lifetime) if lifetime is not None else None
            return Reference(_field(syntax, node, "type"), has(node, "mutable_specifier"), name)
        case "pointer_type":
            return Pointer(_field(syntax, node, "type"), has(node, "mutable_specifier"))
        case "unit_type":
            return Tuple(())
        case "tuple_type":
            elements = tuple(read_type(syntax, child) for child in named(node))
            is_group = len(elements) == 1 and not has(node, ",")
            return elements[0] if is_group else Tuple(elements)
        case "parenthesized_type":
            return read_type(syntax, next(named(node)))
        case "array_type":
            length = node.child_by_field_name("length")
            element = _field(syntax, node, "element")
            return Slice(element) if length is None else Array(element, syntax.words(length))
        case "function_type":
            return _function(syntax, node)
        case "never_type":
            return Never()
        case "abstract_type":
            return Opaque(_bounds(syntax, node.child_by_field_name("trait")))
        case "dynamic_type":
            return Dynamic(_bounds(syntax, node.child_by_field_name("trait")))
        case "bounded_type":
            return _bounded(syntax, node)
        case "_" | "inferred_type":
            return Inferred()
        case _ if syntax.raw(node) == "_":
            return Inferred()
        case _:
            return Unsupported(syntax.words(node), syntax.span(node))


def _field(syntax: Syntax, node: Node, name: str) -> Type:
    child = node.child_by_field_name(name)
    return Unsupported(syntax.words(node), syntax.span(node)) if child is None else read_type(syntax, child)


def read_path(syntax: Syntax, node: Node) -> Path:
    """A path, in a type or an expression."""
    match node.type:
        case "scoped_type_identifier" | "scoped_identifier":
            name = node.child_by_field_name("name")
            before = node.child_by_field_name("path")
            last = Segment(syntax.raw(name) if name is not None else "")
            span = syntax.span(node)
            if before is None:
                return Path((last,), span, is_global=True)
            if before.type == "bracketed_type":
                return _qualified(syntax, before, last, node)
            base = read_path(syntax, before)
            return Path((*base.segments, last), span, base.is_global, base.qualified, base.trait_segments)
        case "generic_type" | "generic_type_with_turbofish" | "generic_function":
            inner = node.child_by_field_name("type") or node.child_by_field_name("function")
            arguments = node.child_by_field_name("type_arguments")
            if inner is None or arguments is None:
                return Path((Segment(syntax.words(node)),), syntax.span(node))
            base = read_path(syntax, inner)
            last = Segment(base.segments[-1].name, _arguments(syntax, arguments))
            return Path(
                (*base.segments[:-1], last), syntax.span(node), base.is_global, base.qualified, base.trait_segments
            )
        case _:
            return Path((Segment(syntax.words(node)),), syntax.span(node))


def _qualified(syntax: Syntax, bracket: Node, last: Segment, whole: Node) -> Path:
    inner = next(named(bracket))
    if inner.type != "qualified_type":
        return Path((last,), syntax.span(whole), qualified=read_type(syntax, inner))
    alias = inner.child_by_field_name("alias")
    trait = read_path(syntax, alias) if alias is not None else None
    segments = trait.segments if trait is not None else ()
    is_global = trait is not None and trait.is_global
    return Path((*segments, last), syntax.span(whole), is_global, _field(syntax, inner, "type"), len(segments))


def _arguments(syntax: Syntax, node: Node) -> tuple[Type | Lifetime | ConstantArgument | AssociatedBinding, ...]:
    return tuple(_argument(syntax, child) for child in named(node))


def _argument(syntax: Syntax, node: Node) -> Type | Lifetime | ConstantArgument | AssociatedBinding:
    match node.type:
        case "lifetime":
            return Lifetime(syntax.raw(node))
        case "type_binding":
            name = node.child_by_field_name("name")
            return AssociatedBinding(syntax.raw(name) if name is not None else "", _field(syntax, node, "type"))
        case "trait_bounds":
            return AssociatedBinding("", None, read_bounds(syntax, node))
        case kind if kind in _CONSTANTS:
            return ConstantArgument(syntax.words(node))
        case _:
            return read_type(syntax, node)


def _function(syntax: Syntax, node: Node) -> Type:
    """A function pointer, or `Fn(A) -> B`, which stands for `Fn<(A,), Output = B>` (reference, "Paths in types")."""
    parameters = node.child_by_field_name("parameters")
    types = tuple(_parameter(syntax, child) for child in named(parameters)) if parameters is not None else ()
    output = node.child_by_field_name("return_type")
    result = read_type(syntax, output) if output is not None else None
    trait = node.child_by_field_name("trait")
    if trait is not None:
        path = read_path(syntax, trait)
        binding = AssociatedBinding("Output", result if result is not None else Tuple(()))
        last = Segment(path.segments[-1].name, (Tuple(types), binding))
        return Path((*path.segments[:-1], last), syntax.span(node), path.is_global)
    modifiers = child_of(node, "function_modifiers")
    extern = child_of(modifiers, "extern_modifier") if modifiers is not None else None
    unsafe = has(node, "unsafe") or (modifiers is not None and has(modifiers, "unsafe"))
    return FunctionPointer(types, result, unsafe, abi_of(syntax, extern))


def _parameter(syntax: Syntax, node: Node) -> Type:
    return _field(syntax, node, "type") if node.type == "parameter" else read_type(syntax, node)


def abi_of(syntax: Syntax, extern: Node | None) -> str | None:
    """The ABI that `extern` names; `C` where it names none (reference, "External blocks / ABI")."""
    if extern is None:
        return None
    literal = child_of(extern, "string_literal") or child_of(extern, "raw_string_literal")
    return "C" if literal is None else syntax.raw(literal).strip('r#"')


def _bounded(syntax: Syntax, node: Node) -> Type:
    """`impl A + B`, `dyn A + B`: tree-sitter has the sum outside."""
    bounds: list[Bound] = []
    is_dynamic = True
    for child in named(node):
        match child.type:
            case "abstract_type" | "dynamic_type":
                is_dynamic = child.type == "dynamic_type"
                bounds.extend(_bounds(syntax, child.child_by_field_name("trait")))
            case "bounded_type":
                inner = _bounded(syntax, child)
                if isinstance(inner, Opaque | Dynamic):
                    is_dynamic = isinstance(inner, Dynamic)
                    bounds.extend(inner.bounds)
            case _:
                bounds.extend(_bounds(syntax, child))
    return Dynamic(tuple(bounds)) if is_dynamic else Opaque(tuple(bounds))


def _bounds(syntax: Syntax, node: Node | None) -> tuple[Bound, ...]:
    if node is None:
        return ()
    match node.type:
        case "lifetime":
            return (Bound(None, syntax.raw(node)),)
        case "removed_trait_bound":
            return (Bound(read_type(syntax, next(named(node))), relaxed=True),)
        case "higher_ranked_trait_bound":
            return (Bound(_field(syntax, node, "type")),)
        case "bounded_type":
            inner = _bounded(syntax, node)
            return inner.bounds if isinstance(inner, Opaque | Dynamic) else ()
        case "parenthesized_type" | "tuple_type":
            return tuple(bound for child in named(node) for bound in _bounds(syntax, child))
        case "use_bounds" | "type_parameters" | "for_lifetimes":
            return ()
        case _:
            return (Bound(read_type(syntax, node)),)


def read_bounds(syntax: Syntax, node: Node | None) -> tuple[Bound, ...]:
    """The bounds after a colon."""
    if node is None:
        return ()
    return tuple(bound for child in named(node) for bound in _bounds(syntax, child))


def read_generics(syntax: Syntax, node: Node) -> Generics:
    """The generic parameters and the where clause of an item."""
    listed = node.child_by_field_name("type_parameters")
    parameters = tuple(_generic(syntax, child) for child in named(listed)) if listed is not None else ()
    clause = child_of(node, "where_clause")
    predicates: list[WherePredicate] = []
    for child in named(clause) if clause is not None else ():
        left = child.child_by_field_name("left")
        if child.type != "where_predicate" or left is None:
            continue
        bounds = read_bounds(syntax, child.child_by_field_name("bounds"))
        if left.type == "higher_ranked_trait_bound":
            left = left.child_by_field_name("type") or left
        subject = Lifetime(syntax.raw(left)) if left.type == "lifetime" else read_type(syntax, left)
        predicates.append(WherePredicate(subject, bounds))
    return Generics(tuple(parameter for parameter in parameters if parameter is not None), tuple(predicates))


def _generic(syntax: Syntax, node: Node) -> GenericParameter | None:
    name_node = node.child_by_field_name("name")
    name = syntax.raw(name_node) if name_node is not None else syntax.words(node)
    bounds = read_bounds(syntax, node.child_by_field_name("bounds"))
    match node.type:
        case "lifetime" | "lifetime_parameter":
            return GenericParameter(name, "lifetime", bounds, None)
        case "type_parameter" | "type_identifier":
            default = node.child_by_field_name("default_type")
            return GenericParameter(name, "type", bounds, read_type(syntax, default) if default is not None else None)
        case "const_parameter":
            return GenericParameter(name, "const", (), _field(syntax, node, "type"))
        case "attribute_item" | "metavariable":
            return None
        case _:
            return GenericParameter(name, "type", bounds, None)


def modifiers_of(syntax: Syntax, node: Node) -> frozenset[str]:
    """The words before `fn`."""
    found = child_of(node, "function_modifiers")
    return frozenset(syntax.raw(child) for child in children(found)) if found is not None else frozenset()

"""Invocations of macros: those of the crate are expanded, the standard library's have their arguments read.

Procedural macros and macros of other crates cannot be expanded here. Each such invocation is reported as unread, with
its place; only `cfg_if!` and `cfg_select!` are known by what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from tree_sitter import Node

from extract.errors import InputError
from extract.rust.collector import Collector, Context
from extract.rust.configuration import split
from extract.rust.items import Unread
from extract.rust.macro_expansion import NoRuleMatches, expand
from extract.rust.macro_rules import MacroDefinition, read_rules
from extract.rust.syntax import child_of, children, parse
from extract.rust.text import ExpandedText, Token, Trail
from extract.rust.tokens import Group, Tree, flatten, is_token, trees_of

# Macros of the standard library whose arguments are expressions (its documentation, "Macros").
_EXPRESSIONS = {
    "assert", "assert_eq", "assert_ne", "dbg", "debug_assert", "debug_assert_eq", "debug_assert_ne", "eprint",
    "eprintln", "format", "format_args", "panic", "pin", "print", "println", "ready", "todo", "unimplemented",
    "unreachable", "vec", "write", "writeln",
}  # fmt: skip
_FIRST_ONLY = {"matches", "assert_matches", "debug_assert_matches"}
_NOTHING = {
    "addr_of", "addr_of_mut", "cfg", "column", "compile_error", "concat", "env", "file", "include_bytes",
    "include_str", "is_x86_feature_detected", "line", "module_path", "offset_of", "option_env", "stringify", "asm",
    "global_asm", "naked_asm",
}  # fmt: skip
ASSEMBLY = "assembly:"
"""Begins why a macro with `sym` is not read; after it comes its text, with what it calls by that."""
_STANDARD = {"core", "std", "alloc"}
_MODULES = {"arch", "mem", "pin", "ptr", "task", "fmt"}

Position = Literal["items", "members", "statements"]
_WRAPPERS: dict[Position, tuple[str, str]] = {
    "items": ("", ""),
    "members": ("impl X {", "}"),
    "statements": ("fn f() {", "}"),
}


def define_macro(collector: Collector, context: Context, node: Node, exported: bool) -> None:
    """Takes a `macro_rules!` into scope. One that cannot be read is reported where it is used."""
    syntax = context.syntax
    trees = trees_of(syntax.tokens(node))
    name_node = node.child_by_field_name("name")
    name = syntax.raw(name_node) if name_node is not None else ""
    body = next((tree for tree in reversed(trees) if isinstance(tree, Group)), None)
    if body is None:
        return
    macro = MacroDefinition(name, context.scope, read_rules(body.trees), exported, syntax.span(node))
    context.macros[name] = macro
    collector.all_macros.setdefault(name, []).append(macro)


def expanded_list(
    collector: Collector, context: Context, node: Node, position: Position = "members"
) -> list[tuple[Context, Sequence[Node]]]:
    """What an invocation stands for, as at most one list of nodes with the context to read them in."""
    call = node if node.type == "macro_invocation" else child_of(node, "macro_invocation")
    if call is None:
        collector.unread.append(Unread(node.type, context.syntax.span(node), "no item that is known here"))
        return []
    arguments = child_of(call, "token_tree")
    called = call.child_by_field_name("macro")
    if arguments is None or called is None:
        return []
    path = context.syntax.words(called).replace(" ", "")
    span = context.syntax.span(call)
    group = trees_of(context.syntax.tokens(arguments))[0]
    assert isinstance(group, Group)
    macro = _find(collector, context, path)
    try:
        if macro is not None:
            tokens = expand(macro, group.trees, span, collector.effort)
        elif path.rpartition("::")[2] in ("cfg_if", "cfg_select"):
            tokens = _chosen(collector, group.trees)
        else:
            return _arguments(collector, context, path, group, call, position)
        return [_parsed(context, tokens, call, position)]
    except NoRuleMatches:
        reason = "no rule of the macro that is understood here takes this input"
    except InputError as error:
        if macro is None or "at most" in error.expected:
            raise
        reason = f"its expansion is not understood here: {error.found}"
    collector.unread.append(Unread(f"{path}!", span, reason))
    return []


def _find(collector: Collector, context: Context, path: str) -> MacroDefinition | None:
    """Textual scope first, then by path (reference, "Scoping, exporting, and importing")."""
    first, _, _ = path.partition("::")
    name = path.rpartition("::")[2]
    if path in context.macros:
        return context.macros[path]
    if first in _STANDARD or (name in _EXPRESSIONS | _FIRST_ONLY | _NOTHING and first == name):
        return None
    candidates = collector.all_macros.get(name, [])
    return candidates[0] if len(candidates) == 1 else None


def _parsed(
    context: Context, tokens: Sequence[Token], call: Node, position: Position
) -> tuple[Context, Sequence[Node]]:
    trail = context.syntax.text.trail(call.start_byte, call.end_byte)
    before, after = _WRAPPERS[position]
    text = ExpandedText(context.syntax.text.file, (_made(before, trail), *tokens, _made(after, trail)))
    syntax = parse(text, context.depth_of(call))
    inner = replace(context, syntax=syntax, in_macro=True)
    nodes: list[Node] = list(children(syntax.root))
    if position != "items":
        body = nodes[0].child_by_field_name("body") if nodes else None
        nodes = [child for child in children(body) if child.type not in "{}"] if body is not None else []
    return inner, nodes


def _made(text: str, trail: Trail) -> Token:
    return Token("punctuation", text, True, trail)


def _chosen(collector: Collector, trees: Sequence[Tree]) -> tuple[Token, ...]:
    """`if #[cfg(p)] { .. } else if .. else { .. }`, or `p => { .. } _ => { .. }`: the first arm that holds."""
    rest = list(trees)
    while rest:
        match rest:
            case [Token(text="else"), *rest]:
                pass
            case [
                Token(text="if"),
                Token(text="#"),
                Group(trees=[Token(text="cfg"), Group() as test]),
                Group() as body,
                *rest,
            ]:
                if collector.configuration.holds(split(test.trees)[0] if test.trees else ()):
                    return tuple(flatten(body.trees))
            case [Group() as body]:
                return tuple(flatten(body.trees))
            case _:
                arrow = next((at for at, tree in enumerate(rest) if is_token(tree, "=>")), None)
                if not arrow or arrow + 1 >= len(rest) or not isinstance(arm := rest[arrow + 1], Group):
                    raise NoRuleMatches("cfg_if")
                if is_token(rest[0], "_") or collector.configuration.holds(rest[:arrow]):
                    return tuple(flatten(arm.trees))
                rest = rest[arrow + 2 :]
                if rest and is_token(rest[0], ","):
                    rest = rest[1:]
    return ()


def _arguments(
    collector: Collector, context: Context, path: str, group: Group, call: Node, position: Position
) -> list[tuple[Context, Sequence[Node]]]:
    """The arguments of a macro that is not the crate's, read as expressions; an unknown one is reported too."""
    first, _, name = path.rpartition("::")
    is_standard = first in ("", *_STANDARD, *_MODULES) or first.removeprefix("std::") in _MODULES
    is_standard = is_standard or first.removeprefix("core::") in _MODULES
    words = [token.text for token in flatten(group.trees)]
    if "sym" in words:  # `global_asm` may go by another name
        collector.unread.append(Unread(f"{path}!", context.syntax.span(call), f"{ASSEMBLY} {' '.join(words)}"))
    if is_standard and name in _NOTHING:
        return []
    known = is_standard and name in _EXPRESSIONS | _FIRST_ONLY
    if not known:
        reason = "a macro that is not defined in this crate" if position == "statements" else "its items are not known"
        collector.unread.append(Unread(f"{path}!", context.syntax.span(call), reason))
    if position != "statements":
        return []
    parts = split(group.trees)[:1] if name in _FIRST_ONLY else split(group.trees)
    trail = context.syntax.text.trail(call.start_byte, call.end_byte)
    tokens: list[Token] = []
    for part in parts:
        for one in split(part, ";"):
            tokens += (_made("(", trail), *flatten(one), _made(");", trail))
    try:
        return [_parsed(context, tokens, call, "statements")]
    except InputError as error:
        if "at most" in error.expected:
            raise
        if known:
            reason = "arguments that are no expressions"
            collector.unread.append(Unread(f"{path}!", context.syntax.span(call), reason))
        return []

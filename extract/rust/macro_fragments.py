"""How far a fragment of a macro's input reaches (reference, "Macros by example / Metavariables").

The rules on what may follow a fragment ("Follow-set ambiguity restrictions") make its end visible in the tokens: an
expression ends at `,`, `;` or `=>`, a type at one of a few tokens. Nothing is parsed in full here; what does not
parse afterwards is found out then.
"""

from __future__ import annotations

from collections.abc import Sequence

from extract.rust.text import Token
from extract.rust.tokens import Group, Tree, is_token

_ITEM_WORDS = {
    "async", "auto", "const", "default", "enum", "extern", "fn", "impl", "macro_rules", "mod", "static", "struct",
    "trait", "type", "union", "unsafe", "use",
}  # fmt: skip
_ENDED_BY_SEMICOLON = {"const", "static", "type", "use"}


def extent(kind: str, trees: Sequence[Tree], start: int) -> int | None:
    """The end of the fragment of this kind at `start`; None if there is none."""
    if kind == "vis":
        return _visibility(trees, start)
    if start >= len(trees):
        return None
    first = trees[start]
    match kind:
        case "tt":
            return start + 1
        case "ident":
            return start + 1 if isinstance(first, Token) and first.kind == "identifier" and first.text != "_" else None
        case "lifetime":
            return start + 1 if isinstance(first, Token) and first.kind == "lifetime" else None
        case "literal":
            return _literal(trees, start)
        case "block":
            return start + 1 if isinstance(first, Group) and first.open.text == "{" else None
        case "meta":
            return _meta(trees, start)
        case "item":
            return _item(trees, start)
        case "ty" | "path":
            return _type(trees, start)
        case "expr" | "expr_2021" | "stmt":
            return _expression(trees, start)
        case "pat" | "pat_param":
            return _pattern(trees, start, kind == "pat")
        case _:
            return None


def _visibility(trees: Sequence[Tree], start: int) -> int:
    if start < len(trees) and is_token(trees[start], "pub"):
        match trees[start + 1 : start + 2]:
            case [Group(open=Token(text="("), trees=[Token(text="crate" | "self" | "super" | "in"), *_])]:
                return start + 2
        return start + 1
    return start


def _literal(trees: Sequence[Tree], start: int) -> int | None:
    at = start + 1 if is_token(trees[start], "-") else start
    match trees[at : at + 1]:
        case [Token(kind="number" | "string" | "character")] | [Token(text="true" | "false")]:
            return at + 1
    return None


def _meta(trees: Sequence[Tree], start: int) -> int | None:
    at = start
    if is_token(trees[at], "unsafe") and at + 1 < len(trees) and isinstance(trees[at + 1], Group):
        return at + 2
    while at < len(trees):
        tree = trees[at]
        if not (isinstance(tree, Token) and (tree.kind == "identifier" or tree.text == "::")):
            break
        at += 1
    if at == start:
        return None
    if at < len(trees) and isinstance(trees[at], Group):
        return at + 1
    if at < len(trees) and is_token(trees[at], "="):
        return _expression(trees, at + 1)
    return at


def _item(trees: Sequence[Tree], start: int) -> int | None:
    at = start
    while at + 1 < len(trees) and is_token(trees[at], "#") and isinstance(trees[at + 1], Group):
        at += 2
    at = _visibility(trees, at)
    if at >= len(trees) or not isinstance(trees[at], Token):
        return None
    word = trees[at]
    assert isinstance(word, Token)
    is_call = at + 1 < len(trees) and is_token(trees[at + 1], "!")
    if word.text not in _ITEM_WORDS and not is_call:
        return None
    follows = trees[at + 1] if at + 1 < len(trees) else None
    is_function = isinstance(follows, Token) and follows.text in ("fn", "unsafe", "extern", "async")
    to_semicolon = word.text in _ENDED_BY_SEMICOLON and not is_function
    while at < len(trees):
        tree = trees[at]
        at += 1
        if is_token(tree, ";") or (isinstance(tree, Group) and tree.open.text == "{" and not to_semicolon):
            return at
        if is_call and isinstance(tree, Group):
            return at + 1 if at < len(trees) and is_token(trees[at], ";") else at
    return None


_TYPE_ENDS = {",", "=>", ":", "=", ";", "|", "as", "where"}


def _type(trees: Sequence[Tree], start: int) -> int | None:
    """Up to a token of the follow set outside of angle brackets, or a brace, or a second thing."""
    at, depth, complete = start, 0, False
    while at < len(trees):
        tree = trees[at]
        if isinstance(tree, Group):
            if depth == 0 and (tree.open.text == "{" or (complete and tree.open.text == "[")):
                break
            complete = True
        elif depth == 0 and (tree.text in _TYPE_ENDS or (tree.text in (">", ">>"))):
            break
        else:
            if depth == 0 and complete and tree.kind in ("identifier", "lifetime", "number", "string"):
                break
            match tree.text:
                case "<":
                    depth += 1
                case ">" | ">>":
                    depth = max(depth - len(tree.text), 0)
                    complete = True
                case "::" | "+" | "->" | "&" | "&&" | "*" | "dyn" | "impl" | "mut" | "const" | "for" | "fn" | "?":
                    complete = False
                case "unsafe" | "extern":
                    complete = False
                case _:
                    complete = tree.kind == "identifier" or tree.text == "!"
        at += 1
    return at if at > start else None


_EXPRESSION_ENDS = {",", ";", "=>"}
_BETWEEN = {
    "as", "async", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let", "loop", "match", "move", "mut",
    "raw", "ref", "return", "static", "unsafe", "while",
}  # fmt: skip


def _expression(trees: Sequence[Tree], start: int) -> int | None:
    at, depth, operand = start, 0, False
    while at < len(trees):
        tree = trees[at]
        if isinstance(tree, Token):
            if depth == 0 and tree.text in _EXPRESSION_ENDS:
                break
            if tree.text == "|" and not operand and depth == 0:
                closing = next((i for i in range(at + 1, len(trees)) if is_token(trees[i], "|")), None)
                if closing is None:
                    return None
                at = closing
            elif tree.text == "<" and (depth or (at > start and is_token(trees[at - 1], "::"))):
                depth += 1
            elif tree.text in (">", ">>") and depth:
                depth = max(depth - len(tree.text), 0)
            is_value = tree.kind in ("identifier", "number", "string", "character") and tree.text not in _BETWEEN
            if operand and is_value and depth == 0 and not is_token(trees[at - 1], "."):
                break
            operand = is_value
        else:
            operand = True
        at += 1
    return at if at > start else None


def _pattern(trees: Sequence[Tree], start: int, alternatives: bool) -> int | None:
    at = start
    while at < len(trees):
        tree = trees[at]
        if isinstance(tree, Token) and (
            tree.text in ("=>", ",", "=", "if", "in") or (tree.text == "|" and not alternatives)
        ):
            break
        at += 1
    return at if at > start else None

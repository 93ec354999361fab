"""A body between its braces: locals, scopes, blocks."""

from __future__ import annotations

import re

from extract.mir import limits
from extract.mir.lexer import Cursor, TooDeep, Unrecognised
from extract.mir.lines import Lines
from extract.mir.operands import Constant, FunctionValue, Place
from extract.mir.operands import Field as FieldProjection
from extract.mir.parse_operands import parse_constant, parse_place, starts_place
from extract.mir.parse_statements import parse_statement
from extract.mir.parse_terminators import parse_terminator
from extract.mir.parse_types import parse_path, parse_type
from extract.mir.rvalues import AdtAggregate, Binary, Unary, Use
from extract.mir.statements import Assign, StatementKind, TerminatorKind, UnknownConstruct
from extract.mir.tree import Block, Body, DebugName, Local, Scope, Source, Statement, Terminator
from extract.mir.types import FunctionItem, Name, Path, PathType, Type

_BLOCK = re.compile(r"bb([0-9]{1,9})( \(cleanup\))?: \{")
_SCOPE = re.compile(r"scope ([0-9]{1,9})(?: \((.*)\))? \{")
_LOCAL = re.compile(r"let (mut )?_([0-9]{1,9}): (.*);")
_IGNORED = ("| ", "coverage ")

Mentions = tuple[frozenset[int], frozenset[int]]
"""The locals and the blocks that a line mentions."""


class Memory:
    """What equal lines are, so that each is parsed once. It lives as long as the reading of one file."""

    def __init__(self) -> None:
        self.types: dict[str, Type | None] = {}
        self.statements: dict[str, tuple[StatementKind | None, Mentions]] = {}
        self.terminators: dict[str, tuple[TerminatorKind | None, Mentions]] = {}

    def type(self, text: str) -> Type | None:
        if text not in self.types:
            try:
                c = Cursor(text)
                parsed = parse_type(c)
                c.end()
                self.types[text] = parsed
            except Unrecognised:
                self.types[text] = None
        return self.types[text]

    def statement(self, text: str) -> tuple[StatementKind | None, Mentions]:
        known = self.statements.get(text)
        if known is None:
            try:
                kind, c = parse_statement(_without_semicolon(text))
                known = kind, (frozenset(c.locals), frozenset())
            except Unrecognised:
                known = None, (frozenset(), frozenset())
            self.statements[text] = known
        return known

    def terminator(self, text: str) -> tuple[TerminatorKind | None, Mentions]:
        known = self.terminators.get(text)
        if known is None:
            try:
                kind, c = parse_terminator(_without_semicolon(text))
                known = kind, (frozenset(c.locals), frozenset(c.blocks))
            except Unrecognised:
                known = None, (frozenset(), frozenset())
            self.terminators[text] = known
        return known


class BodyReader:
    """Reads one body, after its opening brace and with its closing one."""

    def __init__(self, lines: Lines, memory: Memory, what: str) -> None:
        self._lines = lines
        self._memory = memory
        self._what = what
        self._locals: dict[int, Local] = {}
        self._names: list[DebugName] = []
        self._scopes: list[Scope] = [Scope(0, None, None)]
        self._blocks: dict[int, Block] = {}
        self._unknown: list[UnknownConstruct] = []
        self._mentioned: list[tuple[Mentions, int]] = []

    def read(self, parameters: tuple[Type, ...]) -> Body:
        for number, of in enumerate(parameters, 1):
            self._locals[number] = Local(number, of, False, Source(self._lines.number))
        try:
            line = self._declarations()
            while line != "}":
                line = self._block(line)
        except TooDeep as error:
            self._lines.too_deep(error)
        self._check()
        return Body(
            tuple([self._locals[number] for number in sorted(self._locals)]),
            len(parameters),
            tuple(self._names),
            tuple(self._scopes),
            tuple([self._blocks[number] for number in range(len(self._blocks))]),
            tuple(self._unknown),
        )

    def _declarations(self) -> str:
        """Up to the first block, whose head is returned, or to the end of the body."""
        open_scopes = [0]
        while True:
            line = self._lines.read(self._what)
            if line == "}":
                if len(open_scopes) > 1:
                    self._lines.fail("`}` in the first column", f"the end of scope {open_scopes[-1]}")
                return line
            text, source = self._lines.split(line)
            if text == "}" and len(open_scopes) > 1:
                open_scopes.pop()
            elif _BLOCK.fullmatch(text) and len(open_scopes) == 1:
                return line
            elif text.startswith("scope ") and text.endswith("{"):
                self._scope(text, open_scopes)
            elif not self._declaration(text, source, open_scopes[-1]) and not text.startswith(_IGNORED):
                self._unknown.append(UnknownConstruct(self._lines.number, text))
                if text.endswith(("{", "}")):
                    self._lines.fail(f"`{text[:80]}`", "a declaration, a scope or a block")

    def _scope(self, text: str, open_scopes: list[int]) -> None:
        found = _SCOPE.fullmatch(text)
        if found is None:
            self._lines.fail(f"`{text[:80]}`", "`scope N {`")
        number = int(found[1])
        if any(scope.number == number for scope in self._scopes[-1:]) or len(open_scopes) > 100_000:
            self._lines.fail(f"scope {number} again", "each scope once")
        self._scopes.append(Scope(number, open_scopes[-1], found[2]))
        open_scopes.append(number)

    def _declaration(self, text: str, source: Source, scope: int) -> bool:
        if text.startswith("debug "):
            name, found, value = text[6:].removesuffix(";").partition(" => ")
            if not found:
                return False
            self._names.append(DebugName(name, self._debug_value(value, text), scope, source))
            return True
        found_local = _LOCAL.fullmatch(text)
        if found_local is None:
            return False
        of = self._memory.type(found_local[3])
        number = int(found_local[2])
        if of is None:
            return False
        if number in self._locals:
            self._lines.fail(f"_{number} again", "each local once")
        if len(self._locals) >= limits.MAX_LOCALS:
            self._lines.fail(f"{len(self._locals)} locals", f"at most {limits.MAX_LOCALS}")
        self._locals[number] = Local(number, of, found_local[1] is not None, source)
        return True

    def _debug_value(self, text: str, line: str) -> Place | Constant | UnknownConstruct:
        try:
            c = Cursor(text)
            value: Place | Constant
            if c.accept("const"):
                value = parse_constant(c)
            else:
                value = parse_place(c) if starts_place(c) else FunctionValue(parse_path(c))
            c.end()
        except Unrecognised:
            return UnknownConstruct(self._lines.number, line)
        self._mentioned.append(((frozenset(c.locals), frozenset()), self._lines.number))
        return value

    def _block(self, head: str) -> str:
        """One block; gives the line after it."""
        found = _BLOCK.fullmatch(head.strip())
        if found is None:
            self._lines.fail(f"`{head.strip()[:80]}`", f"a block or the end of {self._what}")
        number = int(found[1])
        if number != len(self._blocks):
            self._lines.fail(f"bb{number}", f"bb{len(self._blocks)}")
        if number >= limits.MAX_BLOCKS:
            self._lines.fail(f"{number} blocks", f"at most {limits.MAX_BLOCKS}")
        body: list[tuple[str, Source]] = []
        while True:
            line = self._lines.read(f"bb{number} of {self._what}")
            text, source = self._lines.split(line)
            if text == "}":
                if line == "}":
                    self._lines.fail("`}` in the first column", f"the end of bb{number}")
                break
            while text.startswith("asm!(") and not text.endswith(";"):
                text += " " + self._lines.split(self._lines.read("an `asm!`"))[0]
            if not text.endswith(";") and (line[0] != " " or _BLOCK.fullmatch(text)):
                self._lines.fail(f"`{text[:80]}`", f"the end of bb{number}")
            body.append((text, source))
        if not body:
            self._lines.fail("the end of the block", f"the terminator of bb{number}")
        statements = tuple([Statement(self._statement(text, source), source) for text, source in body[:-1]])
        terminator = Terminator(self._terminator(*body[-1]), body[-1][1])
        self._blocks[number] = Block(number, found[2] is not None, statements, terminator)
        return self._lines.read(self._what)

    def _statement(self, text: str, source: Source) -> StatementKind:
        kind, mentions = self._memory.statement(text)
        if kind is None:
            return UnknownConstruct(source.line, text.removesuffix(";"))
        self._mentioned.append((mentions, source.line))
        return self._by_type(kind, text, source) if isinstance(kind, Assign) else kind

    def _terminator(self, text: str, source: Source) -> TerminatorKind:
        kind, mentions = self._memory.terminator(text)
        if kind is None:
            return UnknownConstruct(source.line, text.removesuffix(";"))
        self._mentioned.append((mentions, source.line))
        return kind

    def _by_type(self, kind: Assign, text: str, source: Source) -> StatementKind:
        """Tells apart what prints alike: a function from a unit struct, an operator from a tuple struct."""
        match kind.rvalue:
            case AdtAggregate(path, None, ()):
                if isinstance(self._type_of(kind.place), FunctionItem):
                    return Assign(kind.place, Use(FunctionValue(path)))
            case Binary(operator) | Unary(operator):
                match self._type_of(kind.place):
                    case PathType(Path((*_, Name(name)))) if name == operator:
                        return UnknownConstruct(source.line, text)
            case _:
                pass
        return kind

    def _type_of(self, place: Place) -> Type | None:
        match place.projections:
            case ():
                local = self._locals.get(place.local)
                return local.type if local else None
            case (*_, FieldProjection(_, of)):
                return of
            case _:
                return None

    def _check(self) -> None:
        """Every local mentioned is declared, every block mentioned exists."""
        # A declaration that is not known may be the one that is missed.
        declared = None if any(unknown.text.startswith("let ") for unknown in self._unknown) else self._locals.keys()
        for (local_numbers, block_numbers), line in self._mentioned:
            if declared is not None and not local_numbers <= declared:
                self._lines.fail(f"_{min(local_numbers - declared)}", f"a local of {self._what}", line=line)
            if block_numbers and max(block_numbers) >= len(self._blocks):
                self._lines.fail(f"bb{max(block_numbers)}", f"a block of {self._what}", line=line)


def _without_semicolon(text: str) -> str:
    if not text.endswith(";"):
        raise Unrecognised("no `;`")
    return text[:-1]

"""Reads scripts of SMT-LIB, strictly: few commands, known operators, every name declared once and before its use.

What is read here is put into queries that a solver answers; so nothing may stand in it that a query does not expect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from proofs.recheck.faults import Refused

_CORE = ("and", "or", "not", "=", "ite", "+", "-", "*", "<", "<=")
_BITS = ("not", "neg", "and", "or", "xor", "add", "sub", "mul", "udiv", "urem", "shl", "lshr", "ashr")
_ORDER = ("ult", "ule", "slt", "sle")
OPERATORS = frozenset((*_CORE, "concat", *(f"bv{name}" for name in (*_BITS, *_ORDER))))
INDEXED = frozenset(("extract", "zero_extend", "sign_extend"))
LOGICS = frozenset(("QF_BV", "ALL"))
_TOKEN = re.compile(  # and the space behind it
    r"(?:(?P<open>\()|(?P<close>\))|(?P<symbol>[A-Za-z_~!@$%^&*+=<>.?/-][0-9A-Za-z_~!@$%^&*+=<>.?/-]*)"
    r"|(?P<quoted>\|[^|\\]*\|)|(?P<bits>#x[0-9a-f]+|#b[01]+)|(?P<number>0|[1-9][0-9]*)"
    r"|(?P<comment>;[^\n]*\n)|(?P<space>\s))\s*+"
)
_INDEX = re.compile(r"[0-9]{1,9}")  # of bits: no value has as many
DEEPEST = 1 << 20
"""Brackets within brackets: what is open takes twenty times the memory of what is read. No solver follows as deep."""
_TRUTHS = frozenset(("true", "false"))
_WORDS = frozenset(("let", "true", "false", "_", "!", "as", "forall", "exists", "match", "par"))


@dataclass(frozen=True, slots=True)
class Expression:
    """A token, or a list (then `token` is empty). `name`: of a symbol, without quotes. `source`, `start`, `end`: where
    it stands, of a list; a token that stands in several places is one expression.
    """

    token: str
    name: str | None
    parts: tuple[Expression, ...] | None
    source: str = field(repr=False)
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Definition:
    sort: str
    body: str


@dataclass(frozen=True, slots=True)
class Script:
    """`constants`: sorts by name, in order; `definitions`: those without parameters."""

    logic: str
    constants: dict[str, str]
    definitions: dict[str, Definition]


def expressions(text: str, what: str) -> Iterator[Expression]:
    """Every expression at the top, in order. Raises `Refused`."""
    stack: list[tuple[int, list[Expression]]] = []
    tokens: dict[str, Expression] = {}  # few are different ones
    at = 0
    for found in _TOKEN.finditer(text):
        start, kind = found.start(), found.lastgroup
        if start != at:
            break
        at = found.end()
        if kind == "open":
            if len(stack) == DEEPEST:
                raise Refused(f"{what}: brackets within more than {DEEPEST} others, at character {start}")
            stack.append((start, []))
            continue
        if kind == "close":
            if not stack:
                raise Refused(f"{what}: a bracket that closes nothing, at character {start}")
            begun, parts = stack.pop()
            made = Expression("", None, tuple(parts), text, begun, start + 1)
        elif kind == "space":
            continue
        elif kind == "comment":
            if stack:
                raise Refused(f"{what}: a comment within an expression, at character {start}")
            continue
        elif (known := tokens.get(token := found[found.lastindex or 0])) is not None:
            made = known
        else:
            made = tokens[token] = _token(token, kind, what)
        if stack:
            stack[-1][1].append(made)
        else:
            yield made
    if at < len(text):
        raise Refused(f"{what}: what is at character {at} is no token: {text[at : at + 20]!r}")
    if stack:
        raise Refused(f"{what}: a bracket that is never closed, at character {stack[-1][0]}")


def _token(token: str, kind: str | None, what: str) -> Expression:
    name = token[1:-1] if kind == "quoted" else token if kind == "symbol" else None
    if kind == "quoted" and (not token[1:-1].isprintable() or token[1:-1] in _WORDS | OPERATORS | INDEXED):
        raise Refused(f"{what}: the name {token[:60]!r}")
    return Expression(token, name, None, token, 0, len(token))


def read_script(text: str, what: str) -> Script:
    """A script of `set-logic`, `declare-const` and `define-fun` without parameters. Raises `Refused`."""
    read = expressions(text, what)
    first = next(read, None)
    match first:
        case Expression(_, _, (Expression(_, "set-logic", _), Expression(logic, _, None))) if logic in LOGICS:
            script = Script(logic, {}, {})
        case _:
            raise Refused(f"{what}: no logic that is known comes first")
    for command in read:
        match command.parts:
            case (Expression(_, "declare-const", _), Expression(_, str(name), _), sort):
                _new(script, name, what)
                script.constants[name] = _sort(sort, what)
            case (Expression(_, "define-fun", _), Expression(_, str(name), _), Expression(_, _, ()), sort, body):
                _new(script, name, what)
                check_term(body, script, f"{what}, {name}")
                script.definitions[name] = Definition(_sort(sort, what), body.text)
            case _:
                raise Refused(f"{what}: a command that is not known: {command.text[:60]!r}")
    return script


def read_term(text: str, script: Script, what: str) -> str:
    """One term over the script's constants. Raises `Refused`."""
    read = list(expressions(text, what))
    if len(read) != 1:
        raise Refused(f"{what}: one term expected")
    check_term(read[0], script, what)
    return read[0].text


def _new(script: Script, name: str, what: str) -> None:
    """No name looks like one that `let` binds, nor, without its quotes, like a literal."""
    if name in script.constants or name in script.definitions:
        raise Refused(f"{what}: {name!r} twice")
    if name in _WORDS | OPERATORS | INDEXED or name.startswith(("?", "#")) or name.isdigit() or not name:
        raise Refused(f"{what}: the name {name!r}")


def _sort(given: Expression, what: str) -> str:
    if given.text in ("Bool", "Int") or re.fullmatch(r"\(_ BitVec [1-9][0-9]{0,3}\)", given.text):
        return given.text
    raise Refused(f"{what}: the sort {given.text[:60]!r}")


@dataclass(frozen=True, slots=True)
class _Leave:
    """The end of a `let`'s body: these names are no longer bound by it."""

    names: Set[str]


def check_term(term: Expression, script: Script, what: str) -> None:
    """That every symbol is an operator, a declared constant, or bound by a `let` around it.

    Names that `let` binds begin with `?`, which no constant does; so nothing is ever hidden by them.
    """
    constants = script.constants
    bound: Counter[str] = Counter()  # by how many of the `let`s around what is looked at
    waiting: list[Expression | _Leave] = [term]
    while waiting:
        match part := waiting.pop():
            case Expression(token, name, None):  # first, as nearly all are
                if name is not None and name not in constants and token not in _TRUTHS and not bound[name]:
                    raise Refused(f"{what}: the symbol {name[:60]!r}")
            case _Leave(left):
                bound.subtract(left)
            case Expression(_, _, (Expression("let", _, None), Expression(_, _, tuple(bindings)), body)):
                names: set[str] = set()
                for binding in bindings:
                    match binding.parts:
                        case (Expression(_, str(name), _), value) if name.startswith("?") and name not in names:
                            names.add(name)
                            waiting.append(value)
                        case _:
                            raise Refused(f"{what}: a `let` that binds {binding.text[:60]!r}")
                bound.update(names)
                waiting.extend((_Leave(names), body))  # the body first, then the values, outside of it
            case Expression(_, _, (operator, *arguments)) if arguments and _is_operator(operator):
                waiting.extend(arguments)
            case _:
                raise Refused(f"{what}: {part.text[:60]!r}")


def _is_operator(given: Expression) -> bool:
    match given:
        case Expression(token, _, None):
            return token in OPERATORS
        case Expression(_, _, (Expression("_", _, None), Expression(name, _, None), *numbers)):
            return name in INDEXED and bool(numbers) and all(_INDEX.fullmatch(one.token) for one in numbers)
        case _:
            return False

"""SMT-LIB 2.6 text of terms: deterministic, and linear in the number of distinct subterms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from smt_models.system.operators import Array, BitVec, Boolean, Enum, Integer, Sort
from smt_models.system.terms import TRUE, Apply, Literal, Term, Variable, apply, conjunction, literal

_SIMPLE = re.compile(r"[A-Za-z_~!@$%^&*+=<>.?/-][0-9A-Za-z_~!@$%^&*+=<>.?/-]*")
_RESERVED = frozenset({"let", "forall", "exists", "match", "par", "as", "_", "!", "true", "false"})

Rename = Callable[[Variable], str]
"""How a variable is called in the text."""


def symbol(name: str) -> str:
    """A name as an SMT-LIB symbol, quoted where it must be; ValueError if it cannot be one."""
    if _SIMPLE.fullmatch(name) and name not in _RESERVED:
        return name
    if "|" in name or "\\" in name or not name.isprintable():
        raise ValueError(f"no symbol of SMT-LIB: {name!r}")
    return f"|{name}|"


def comment(text: str) -> str:
    """One line of comment; ValueError if the text is more than one line."""
    if not text.isprintable():
        raise ValueError(f"not one line: {text!r}")
    return f"; {text}"


def sort_text(sort: Sort) -> str:
    match sort:
        case Boolean():
            return "Bool"
        case Integer():
            return "Int"
        case BitVec(width):
            return f"(_ BitVec {width})"
        case Enum():
            return f"(_ BitVec {sort.width})"
        case Array(index, element):
            return f"(Array {sort_text(index)} {sort_text(element)})"


def literal_text(term: Literal) -> str:
    match term.sort:
        case Boolean():
            return "true" if term.value else "false"
        case Integer():
            value = int(term.value)
            return str(value) if value >= 0 else f"(- {-value})"
        case BitVec(width):
            return _bits(int(term.value), width)
        case Enum(_, members):
            return _bits(members.index(str(term.value)), term.sort.width)
        case Array():
            raise ValueError("a literal of an array")


def _bits(value: int, width: int) -> str:
    return f"#x{value:0{width // 4}x}" if width % 4 == 0 else f"#b{value:0{width}b}"


def within_sort(variables: Iterable[Variable]) -> Term:
    """That variables of enumerations hold a member: the bit-vectors that stand for them may have room for more."""
    return conjunction(
        apply("bvule", Variable(item.name, code), literal(len(item.sort.members) - 1, code))
        for item in variables
        if isinstance(item.sort, Enum)
        and len(item.sort.members) < 1 << item.sort.width
        and (code := BitVec(item.sort.width))
    )


def plain(variable: Variable) -> str:
    return symbol(variable.name)


def term_text(term: Term, rename: Rename = plain) -> str:
    """The term with a `let` for every compound subterm that occurs more than once."""
    order, uses = _postorder(term)
    shared = [part for part in order if uses[part] > 1]
    names = {part: f"?{number}" for number, part in enumerate(shared)}
    texts: dict[Term, str] = {}
    opened = ""
    for part in order:
        texts[part] = text = _one(part, texts, rename)
        if part in names:
            opened += f"(let (({names[part]} {text})) "
            texts[part] = names[part]
    return opened + texts[term] + ")" * len(shared) if order else _leaf(term, rename)


def _leaf(term: Term, rename: Rename) -> str:
    match term:
        case Variable():
            return rename(term)
        case Literal():
            return literal_text(term)
        case Apply():
            raise AssertionError(term)


def _one(part: Apply, texts: dict[Term, str], rename: Rename) -> str:
    name = part.operator
    if part.indices:
        name = f"(_ {name} {' '.join(map(str, part.indices))})"
    arguments = (texts[item] if isinstance(item, Apply) else _leaf(item, rename) for item in part.arguments)
    return f"({name} {' '.join(arguments)})"


def _postorder(term: Term) -> tuple[list[Apply], dict[Term, int]]:
    """The distinct compound subterms, arguments first, and how often each is used."""
    order: list[Apply] = []
    uses: dict[Term, int] = {}
    waiting: list[tuple[Term, bool]] = [(term, False)]
    while waiting:
        part, ready = waiting.pop()
        if not isinstance(part, Apply):
            continue
        if ready:
            order.append(part)
            continue
        uses[part] = uses.get(part, 0) + 1
        if uses[part] == 1:
            waiting.append((part, True))
            waiting.extend((argument, False) for argument in reversed(part.arguments))
    return order, uses


def logic(sorts: Iterable[Sort]) -> str:
    """The smallest logic that the unrolled text needs."""
    kinds = {type(sort) for sort in sorts}
    if Integer in kinds:
        return "ALL"
    return "QF_ABV" if Array in kinds else "QF_BV"


def assertion(term: Term, rename: Rename = plain) -> Iterable[str]:
    """The command that asserts the term, or none for `true`."""
    if term != TRUE:
        yield f"(assert {term_text(term, rename)})"

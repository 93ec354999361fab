"""Typed terms: the formulas of guards, updates and bad conditions.

Terms are a tree of our own and not pysmt's, after a trial of pysmt 0.9.6: a formula belongs to an environment (by
default one global, mutable environment), is equal only to itself, and comes back from pickle as a formula of
another environment, so that models could neither be compared nor handed to worker processes; a symbol has one type
in the whole environment; and pysmt has no types for mypy. Terms here are plain frozen values: equal by structure,
picklable, the same in every process.

Meaning of every operator: SMT-LIB 2.6, theories Core, Ints and FixedSizeBitVectors. `OPERATORS` is the one table of
them; printing (`smtlib`) and concrete evaluation (`evaluate`) derive from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from smt_models.system.operators import OPERATORS, Array, BitVec, Boolean, Enum, Integer, Sort, SortError


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable, or an input of one step, by name."""

    name: str
    sort: Sort

    def __hash__(self) -> int:
        return hash(self.name)  # not of the sort, which may have many members

    def is_(self, member: str) -> Term:
        """Whether a variable of an enumeration has this member's value."""
        return equal(self, self.value(member))

    def in_(self, *members: str) -> Term:
        return disjunction(self.is_(member) for member in members)

    def value(self, member: str) -> Literal:
        """The literal of a member of this variable's enumeration; SortError if it is none."""
        return literal(member, self.sort)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: bool, int (of a bit-vector: unsigned), or the name of an enumeration's member."""

    value: bool | int | str
    sort: Sort

    def __hash__(self) -> int:
        return hash(self.value)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator of the table on terms; `indices`: the numerals of an indexed operator, such as `extract`."""

    operator: str
    arguments: tuple[Term, ...]
    sort: Sort
    indices: tuple[int, ...] = ()
    hashed: int = field(init=False, repr=False, compare=False)  # large terms are keys of dictionaries
    mentioned: tuple[Variable, ...] | None = field(init=False, repr=False, compare=False, default=None)
    """Its variables, once somebody asked `variables_of`."""
    is_folded: bool = field(init=False, repr=False, compare=False, default=False)
    """Somebody has found that it cannot be made smaller without facts."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashed", hash((self.operator, self.arguments, self.indices)))

    def __hash__(self) -> int:
        return self.hashed

    def note_folded(self) -> None:
        object.__setattr__(self, "is_folded", True)

    def __reduce__(self) -> tuple[type[Apply], tuple[object, ...]]:
        """Hashes of strings differ between processes: never pickled."""
        return Apply, (self.operator, self.arguments, self.sort, self.indices)


Term = Variable | Literal | Apply

BOOLEAN = Boolean()
INTEGER = Integer()
TRUE = Literal(True, BOOLEAN)
FALSE = Literal(False, BOOLEAN)


def literal(value: bool | int | str, sort: Sort) -> Literal:
    """SortError if the value is none of the sort."""
    match sort:
        case Boolean():
            fits = isinstance(value, bool)
        case Integer():
            fits = isinstance(value, int) and not isinstance(value, bool)
        case BitVec(width):
            fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << width
        case Enum(_, members):
            fits = value in members
        case Array():
            fits = False
    if not fits:
        raise SortError(f"{value!r} is no {sort}")
    return Literal(value, sort)


def apply(operator: str, *arguments: Term, indices: tuple[int, ...] = ()) -> Apply:
    """SortError if the operator does not take arguments of these sorts."""
    sort = OPERATORS[operator].result(tuple(argument.sort for argument in arguments), indices)
    return Apply(operator, arguments, sort, indices)


def conjunction(parts: Iterable[Term]) -> Term:
    """Flat, without `true`; `false` as soon as one part is."""
    return _flat("and", parts, TRUE, FALSE)


def disjunction(parts: Iterable[Term]) -> Term:
    """Flat, without `false`; `true` as soon as one part is."""
    return _flat("or", parts, FALSE, TRUE)


def _flat(operator: str, parts: Iterable[Term], neutral: Literal, absorbing: Literal) -> Term:
    kept: dict[Term, None] = {}
    for part in parts:
        match part:
            case Apply() if part.operator == operator:
                kept.update(dict.fromkeys(part.arguments))
            case Literal() if part == absorbing:
                return absorbing
            case Literal() if part == neutral:
                pass
            case _:
                kept[part] = None
    match tuple(kept):
        case ():
            return neutral
        case (only,):
            return only
        case several:
            return apply(operator, *several)


def both(*parts: Term) -> Term:
    return conjunction(parts)


def either(*parts: Term) -> Term:
    return disjunction(parts)


def negation(term: Term) -> Term:
    match term:
        case Literal(value):
            return FALSE if value else TRUE
        case Apply("not", (inner,)):
            return inner
        case _:
            return apply("not", term)


def implies(left: Term, right: Term) -> Term:
    return either(negation(left), right)


def equal(left: Term, right: Term) -> Term:
    return TRUE if left == right else apply("=", left, right)


def differ(left: Term, right: Term) -> Term:
    return negation(equal(left, right))


def choose(condition: Term, then: Term, otherwise: Term) -> Term:
    match condition:
        case Literal(value):
            return then if value else otherwise
        case _:
            return then if then == otherwise else apply("ite", condition, then, otherwise)


def variables_of(term: Term) -> tuple[Variable, ...]:
    """Every variable in it, each once, in order of first occurrence."""
    match term:
        case Variable():
            return (term,)
        case Literal():
            return ()
        case Apply():
            found = term.mentioned
            if found is None:
                found = tuple(_variables(term))
                object.__setattr__(term, "mentioned", found)
            return found


def _variables(term: Apply) -> dict[Variable, None]:
    """Not by recursion: terms can be deep."""
    found: dict[Variable, None] = {}
    seen: set[Apply] = set()
    waiting: list[Term] = [term]
    while waiting:
        part = waiting.pop()
        match part:
            case Variable():
                found[part] = None
            case Literal():
                pass
            case Apply(_, arguments, mentioned=None):
                if part not in seen:
                    seen.add(part)
                    waiting.extend(reversed(arguments))
            case Apply(mentioned=tuple(known)):
                found.update(dict.fromkeys(known))
    return found

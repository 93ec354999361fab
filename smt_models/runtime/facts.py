"""Terms made smaller under what is known, without a solver: what stays undecided is decided later, by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import is_

from smt_models.system.operators import OPERATORS, BitVec, Sort
from smt_models.system.terms import (
    FALSE,
    TRUE,
    Apply,
    Literal,
    Term,
    Variable,
    apply,
    choose,
    conjunction,
    disjunction,
    equal,
    literal,
    negation,
)

MOST_SUMMANDS = 64
_ABSORBING = {"and": FALSE, "or": TRUE}


@dataclass(slots=True)
class Facts:
    """A conjunction: the condition of a path. A state copies its own when it learns more: others may have them."""

    assumed: dict[Term, None] = field(default_factory=dict)
    _equal: dict[Term, Literal] = field(default_factory=dict)
    _differ: dict[Term, tuple[Literal, ...]] = field(default_factory=dict)
    values: dict[str, Literal] = field(default_factory=dict)
    """Of variables, by name: what they are known to be."""
    excluded: dict[str, tuple[Literal, ...]] = field(default_factory=dict)
    _simplified: dict[Term, Term] = field(default_factory=dict)
    """Under these very facts; copies share it until they learn more."""

    def copy(self) -> Facts:
        return Facts(
            dict(self.assumed),
            dict(self._equal),
            dict(self._differ),
            dict(self.values),
            dict(self.excluded),
            self._simplified,
        )

    @property
    def condition(self) -> Term:
        return conjunction(self.assumed)

    def assume(self, term: Term) -> bool:
        """False if the term contradicts what is known already; True says nothing."""
        term = self.simplify(term)
        if term == FALSE:
            return False
        if term == TRUE:
            return True
        if isinstance(term, Apply) and term.operator == "and":
            return all(self.assume(part) for part in term.arguments)  # parts may contradict each other
        self._learn(term)
        return not self._contradicted(term)

    def _contradicted(self, last: Term) -> bool:
        """Whether something that was known before is not true where a compound word has this value: a product that is
        not 0, once a factor is. Of variables the solver sees it easily.
        """
        match last:
            case Apply("=", (Apply(sort=BitVec()), Literal())):
                return any(self.simplify(one) == FALSE for one in self.assumed)
            case _:
                return False

    def presuppose(self, term: Term) -> None:
        """Known, and no part of the condition."""
        self._learn(term)
        self.assumed.pop(term, None)

    def _learn(self, term: Term) -> None:
        self._simplified = {}
        match term:
            case Apply("=", (left, Literal() as right)):
                self._set(left, right)
            case Apply("not", (Apply("=", (left, Literal() as right)),)):
                self._differ[left] = (*self._differ.get(left, ()), right)
                if isinstance(left, Variable):
                    self.excluded[left.name] = self._differ[left]
            case Apply("not", (inner,)):
                self._set(inner, FALSE)
            case _:
                self._set(term, TRUE)
        self.assumed[term] = None

    def _set(self, term: Term, value: Literal) -> None:
        self._equal[term] = value
        if isinstance(term, Variable):
            self.values[term.name] = value

    def simplify(self, term: Term, values: Mapping[str, Term] | None = None) -> Term:
        """With variables replaced by `values`, then under what is known."""
        match term:
            case Literal():
                return term
            case Variable(name):
                term = values.get(name, term) if values else term
                return self._equal.get(term, term)
            case Apply():
                return self._simplify(term, values, {}) if values else self._simplify(term, {}, self._simplified)

    def given(self, values: Mapping[str, Term]) -> Callable[[Term], Term]:
        """To simplify several terms under what is known now: parts that they share are looked at once."""
        done: dict[Term, Term] = {}
        return lambda term: self._simplify(term, values, done)

    def _simplify(self, term: Term, values: Mapping[str, Term], done: dict[Term, Term]) -> Term:
        if isinstance(term, Apply):  # no `match`: most of the time of an exploration is spent here
            known = done.get(term)
            if known is None:
                new = self._parts(term, values, done)
                known = done[term] = new if isinstance(new, Literal) else self._decide(_refolded(term, new))
            return known
        if isinstance(term, Literal):
            return term
        other = values.get(term.name, term)
        return self._equal.get(other, other)

    def _parts(self, term: Apply, values: Mapping[str, Term], done: dict[Term, Term]) -> list[Term] | Literal:
        """Its arguments; or what it is, if that is known before all of them are looked at."""
        absorbing = _ABSORBING.get(term.operator)
        if absorbing is None:
            return [self._simplify(one, values, done) for one in term.arguments]
        new: list[Term] = []
        for one in term.arguments:
            part = self._simplify(one, values, done)
            if isinstance(part, Literal) and part.value is absorbing.value:
                return absorbing
            new.append(part)
        return new

    def _decide(self, term: Term) -> Term:
        if (known := self._equal.get(term)) is not None:
            return known
        match term:
            case Apply("=", (left, Literal() as right)):
                if (value := self._equal.get(left)) is not None:
                    return TRUE if value == right else FALSE
                if right in self._differ.get(left, ()):
                    return FALSE
            case _:
                pass
        return term


def _refolded(term: Apply, arguments: list[Term]) -> Term:
    """With these arguments. Most are those that it has, and it is what folding gives: found out once."""
    same = all(map(is_, arguments, term.arguments))
    if same and term.is_folded:
        return term
    folded = _fold(term.operator, arguments, term.indices)
    if same and folded == term:
        term.note_folded()
        return term
    return folded


def _fold(operator: str, arguments: list[Term], indices: tuple[int, ...]) -> Term:
    match operator, arguments:
        case "and", _:
            return conjunction(arguments)
        case "or", _:
            return disjunction(arguments)
        case "not", [inner]:
            return negation(inner)
        case "ite", [condition, Literal(bool(then)), Literal(bool(otherwise))] if then != otherwise:
            return condition if then else negation(condition)
        case "ite", [condition, then, otherwise]:
            return choose(condition, then, otherwise)
        case "=", [left, right]:
            return _equal(left, right)
        case "bvand", [Apply("concat", (_, low)), Literal(int(mask))] if mask >> _width(low) == 0:
            kept = _fold("bvand", [low, literal(mask, low.sort)], ())
            return _fold("zero_extend", [kept], (_width(arguments[0]) - _width(low),))
        case "bvlshr", [Apply("concat", (high, low)), Literal() as distance] if distance.value == _width(low):
            return apply("zero_extend", high, indices=(_width(low),))
        case "bvor", [Literal(int(low)), Apply("bvshl", (high, Literal(int(distance))))] if low >> distance == 0:
            kept = _fold("extract", [high], (_width(high) - distance - 1, 0))
            return _fold("concat", [kept, literal(low, BitVec(distance))], ())
        case "bvult", [most, Apply("ite", (condition, then, otherwise))] if then == most:
            never = condition == apply("bvult", most, otherwise)  # less than the lesser of itself and another
            return FALSE if never else apply(operator, *arguments)
        case "bvult", [left, right] if left == right:
            return FALSE
        case "bvmul", [other, Literal(1)] | [Literal(1), other]:
            return other
        case "bvmul", [_, Literal(0) as zero] | [Literal(0) as zero, _]:
            return zero
        case "bvadd", [other, Literal(0)] | [Literal(0), other]:
            return other
        case "bvsub", [other, Literal(0)]:
            return other
        case (("bvadd" | "bvsub"), [left, right]) if (without := _cancelled(operator, left, right)) is not None:
            return without
        case "bvule", [left, right] if left == right or left == literal(0, left.sort):
            return TRUE
        case "zero_extend", [Literal(int(value))]:
            return literal(value, BitVec(_width(arguments[0]) + indices[0]))
        case _:
            term = apply(operator, *arguments, indices=indices)
            if all(isinstance(one, Literal) for one in arguments):
                return _computed(term)
            return _each_way(operator, arguments, indices) or term


def _cancelled(operator: str, left: Term, right: Term) -> Term | None:
    """A sum in which something is both added and taken away, without it: `a + (b - a)` is `b`. None if nothing is."""
    (added, taken), (more, less) = _summands(left), _summands(right)
    if operator == "bvsub":
        more, less = less, more
    added, taken = [*added, *more], [*taken, *less]
    if set(added).isdisjoint(taken):
        return None
    nothing = Counter(added) & Counter(taken)
    first, *rest = [*(Counter(added) - nothing).elements()] or [literal(0, left.sort)]
    total = reduce(lambda sum_, one: apply("bvadd", sum_, one), rest, first)
    return reduce(lambda sum_, one: apply("bvsub", sum_, one), (Counter(taken) - nothing).elements(), total)


def _summands(term: Term) -> tuple[Sequence[Term], Sequence[Term]]:
    """What is added, and what is taken away; the term itself if that is too much, as where sums are doubled."""
    added: list[Term] = []
    taken: list[Term] = []
    waiting = [(term, True)]
    while waiting:
        one, is_added = waiting.pop()
        match one:
            case Apply("bvadd" | "bvsub" as operator, (left, right)):
                waiting += [(right, is_added is (operator == "bvadd")), (left, is_added)]
            case _:
                (added if is_added else taken).append(one)
        if len(added) + len(taken) + len(waiting) > MOST_SUMMANDS:
            return (term,), ()
    return added, taken


def _width(term: Term) -> int:
    assert isinstance(term.sort, BitVec)
    return term.sort.width


def _each_way(operator: str, arguments: list[Term], indices: tuple[int, ...]) -> Term | None:
    """Of one choice between literals, and else literals: the choice between the two results."""
    found = [n for n, one in enumerate(arguments) if not isinstance(one, Literal)]
    if len(found) != 1:
        return None
    match arguments[found[0]]:
        case Apply("ite", (condition, Literal() as then, Literal() as otherwise)):
            ways = [[*arguments[: found[0]], one, *arguments[found[0] + 1 :]] for one in (then, otherwise)]
            return _fold("ite", [condition, *(_fold(operator, way, indices) for way in ways)], ())
        case _:
            return None


def _equal(left: Term, right: Term) -> Term:
    if isinstance(left, Literal) and isinstance(right, Literal):
        return TRUE if left == right else FALSE
    if isinstance(left, Literal):
        left, right = right, left
    if isinstance(right, Literal) and right in (TRUE, FALSE):
        return left if right == TRUE else negation(left)
    match left, right:
        case Apply("concat", (high, Literal(int(low)) as part)), Literal(int(whole)):
            if whole % (1 << _width(part)) != low:
                return FALSE
            return _equal(high, literal(whole >> _width(part), high.sort))
        case _:
            pass
    if isinstance(left, Apply) and left.operator == "ite" and isinstance(right, Literal):
        condition, then, otherwise = left.arguments
        yes, no = _equal(then, right), _equal(otherwise, right)
        if isinstance(yes, Literal) or isinstance(no, Literal):
            return disjunction((conjunction((condition, yes)), conjunction((negation(condition), no))))
    return equal(left, right)


def _computed(term: Apply) -> Literal:
    widths = tuple(one.sort.width if isinstance(one.sort, BitVec) else 0 for one in term.arguments)
    values = [one.value for one in term.arguments if isinstance(one, Literal)]
    return literal(OPERATORS[term.operator].compute(widths, term.indices, *values), term.sort)


def fold(operator: str, *arguments: Term, indices: tuple[int, ...] = ()) -> Term:
    """The operator applied, computed where the arguments are numbers."""
    return _fold(operator, list(arguments), indices)


def number(value: int, sort: Sort) -> Literal:
    assert isinstance(sort, BitVec)
    return literal(value % (1 << sort.width), sort)

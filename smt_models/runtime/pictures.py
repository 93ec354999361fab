"""A state as a value, in names of its own for what is newer than some moment: what differs only in those is equal.

Facts are apart, and without those that some value of an input satisfies whatever else holds: that such an input, which
occurs nowhere else, is true, or false, or equal to a number. Nothing older is renamed or forgotten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import chain

from smt_models.runtime import thread_state
from smt_models.runtime.state import SINK, Frame, State, Then
from smt_models.runtime.values import Aggregate, Choice, Pointer, Scalar, Value, Variant, parts
from smt_models.system.terms import Apply, Literal, Term, Variable, variables_of


@dataclass(frozen=True, slots=True)
class Shared:
    """When the newest thing in a value was made that it mentions, and the number that the value is known by."""

    newest: int
    number: int


@dataclass(frozen=True, slots=True)
class Said:
    """Of a fact: its inputs, when the newest was made, and the variable of which it says the value and no more."""

    names: tuple[str, ...]
    newest: int
    chosen: str | None


class Inputs:
    """The inputs in terms, looked for once in each; and values with parts, which many states share, by identity."""

    def __init__(self) -> None:
        self._shared: dict[int, tuple[Value, Shared]] = {}
        """With the value, so that nothing else gets its identity."""
        self._numbers: dict[Value, int] = {}
        self._of: dict[Term, tuple[Variable, ...]] = {}
        self._said: dict[Term, Said] = {}
        self._newest: dict[Term, int] = {}

    def of(self, term: Term) -> tuple[Variable, ...]:
        found = self._of.get(term)
        if found is None:
            found = self._of[term] = tuple(one for one in variables_of(term) if made(one))
        return found

    def said(self, fact: Term) -> Said:
        found = self._said.get(fact)
        if found is None:
            names, chosen = tuple([one.name for one in self.of(fact)]), _chosen(fact)
            found = self._said[fact] = Said(names, self.newest(fact), None if chosen is None else chosen.name)
        return found

    def newest(self, term: Term) -> int:
        """When the newest input in it was made; 0 if there is none."""
        found = self._newest.get(term)
        if found is None:
            found = self._newest[term] = max((made(one) for one in self.of(term)), default=0)
        return found

    def shared(self, value: Value) -> Shared:
        """Equal values have the same number."""
        found = self._shared.get(id(value))
        if found is None:
            made_ = Shared(self._newest_in(value), self._numbers.setdefault(value, len(self._numbers)))
            found = self._shared[id(value)] = value, made_
        return found[1]

    def _newest_in(self, value: Value) -> int:
        match value:
            case Scalar(term):
                return self.newest(term)
            case Pointer(base, distance=None):
                return base
            case Pointer(base, distance=Variable() | Literal() | Apply() as distance):
                return max(base, self.newest(distance))
            case _:
                return max((self._newest_in(one) for one in parts(value)), default=0)


def made(variable: Variable) -> int:
    """When: numbers are given in the order of time [State.fresh]; 0 for what is no input."""
    _, separator, number = variable.name.rpartition("#")
    return int(number) if separator and number.isdigit() else 0


class Picture:
    """A state in names of its own for what is newer than `since`."""

    def __init__(self, state: State, since: int, inputs: Inputs) -> None:
        self.state = state
        self.since = since
        self.known = inputs
        self.objects: dict[int, int] = {}
        self.inputs: dict[str, Variable] = {}
        self.contents: list[object] = []

    def key(self) -> object:
        """All but the facts."""
        state = self.state
        bases = sorted(state.objects)
        first_new = bisect_right(bases, self.since)
        older = tuple(self._older(bases[:first_new]))
        carried = None if state.carried is None else self._value(state.carried)
        frames = tuple(self._frame(one) for one in state.frames)
        host = tuple((name, self._term(term)) for name, term in state.host.items())
        thread = tuple((name, self._value(value)) for name, value in sorted(thread_state.known(state).items()))
        for base in bases[first_new:]:  # blocks that nobody points at are there all the same
            if state.names[base].startswith("block"):
                self._object(base)
        return older, carried, frames, host, thread, tuple(self.contents), state.noted, state.unwinding

    def _is_new(self, base: int) -> bool:
        return base > self.since

    def _older(self, bases: list[int]) -> list[object]:
        """With their names: where paths parted before, one number may be of different things."""
        objects, names = self.state.objects, self.state.names
        return [(base, names[base], self._value(objects[base])) for base in bases if base != SINK]

    def _frame(self, frame: Frame | Then) -> object:
        if isinstance(frame, Then):
            return frame
        known = tuple(sorted(frame.locals.items()))
        is_older = max(frame.locals.values(), default=0) <= self.since
        made = known if is_older else tuple([(local, self._object(base)) for local, base in known])
        place = None if frame.place is None else self._value(frame.place)
        return frame.serial, frame.block, made, place, frame.target, frame.unwind

    def _object(self, base: int) -> int:
        """Its number; what it holds is noted when it is met first."""
        if not self._is_new(base):
            return base
        number = self.objects.get(base)
        if number is None:
            number = self.objects[base] = -2 - len(self.objects)
            value = self.state.objects.get(base)
            content = None if value is None else self._value(value)
            self.contents.append((number, self.state.names[base], content))
        return number

    def _value(self, value: Value) -> object:
        if isinstance(value, Scalar):
            return self._term(value.term)
        if isinstance(value, Aggregate | Variant | Choice) and parts(value):
            shared = self.known.shared(value)
            if shared.newest <= self.since:
                return shared.number  # no other value is shown as a number
        match value:
            case Aggregate(of, fields):
                return of, tuple([self._value(one) for one in fields])
            case Variant(of, index, fields):
                return of, index, tuple([self._value(one) for one in fields])
            case Choice(tag, options):
                return tag, tuple([self._value(one) for one in options])
            case Pointer(base, path, moved, distance):
                return "at", self._object(base), path, moved, None if distance is None else self._term(distance)
            case _:
                return value

    # Terms

    def _term(self, term: Term) -> Term:
        if isinstance(term, Literal) or self.known.newest(term) <= self.since:
            return term
        match term:
            case Variable():
                known = self.inputs.get(term.name)
                if known is None:
                    name = f"{term.name.rpartition('#')[0]}#new {len(self.inputs)}"
                    known = self.inputs[term.name] = Variable(name, term.sort)
                return known
            case Apply(operator, arguments, sort, indices):
                return Apply(operator, tuple(self._term(one) for one in arguments), sort, indices)

    def facts(self) -> frozenset[Term]:
        """Those that matter. After the key: what that mentions has its name by then."""
        facts = [(fact, self.known.said(fact)) for fact in self.state.facts.assumed]
        times = Counter(chain.from_iterable([said.names for _, said in facts]))
        kept = [
            (fact, said.newest)
            for fact, said in facts
            if said.chosen is None or said.newest <= self.since or times[said.chosen] > 1 or said.chosen in self.inputs
        ]
        return frozenset([fact if newest <= self.since else self._term(fact) for fact, newest in kept])


def _chosen(fact: Term) -> Variable | None:
    """The variable of a fact that says no more than which value it has."""
    match fact:
        case Variable():
            return fact
        case Apply("not", (Variable() as variable,)):
            return variable
        case Apply("=", (Variable() as variable, Literal())):
            return variable
        case _:
            return None

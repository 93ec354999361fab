"""What a loop has done after so many turns, where each turn does the same to the next number.

A place whose number a turn raises or lowers by one holds, after `k` turns, what it held before them, and `k` more or
less. So with the element that is followed: if each turn makes the next element somebody's, those that the turns went
over are. That it is so after one more turn is looked at when the head is reached again; the state is then put back to
what it was before the first turn, so that it is covered by that. What is not so is not followed. Of the turn that shows
what turns do nothing is looked at: it is none of those that are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from smt_models.runtime.constants import USIZE
from smt_models.runtime.extents import SIZE, elements_in, offset
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import ELEMENT, PLACES, Followed, between, follow, followed, not_followed
from smt_models.runtime.instances import Picture
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.roots import UNSIZED
from smt_models.runtime.state import Frame, State
from smt_models.runtime.values import Aggregate, Pointer, Scalar, Step, Value, Variant
from smt_models.system.terms import Apply, Literal, Term, choose

ONE = Literal(1, USIZE)
RANGE = "core::ops::Range"


@dataclass(frozen=True, slots=True)
class Stepping:
    """The name of an object, the way into it, and what a turn does to its number: `bvadd` or `bvsub` one."""

    name: str
    path: tuple[Step, ...]
    operator: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the turns of one loop do. `swept`: for each place of elements, where the number of the element is that a
    turn makes somebody's, and whose it is then.
    """

    stepping: tuple[Stepping, ...]
    swept: Mapping[int, tuple[Stepping, Term]]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """`before`: the values of places before the first turn; `at`: those at the head that was gone on from; `most`: what
    turns are not more than; `limits`: numbers that the turns so far have come to, each with one that it is not more
    than. `owners`, `owners_at`: by place of elements.
    """

    steps: dict[Pointer, Stepping]
    before: dict[Pointer, Value]
    at: dict[Pointer, Value]
    owners: Mapping[int, Term]
    owners_at: Mapping[int, Term] = field(default_factory=dict)
    most: tuple[Term, ...] = ()
    limits: tuple[tuple[Term, Term], ...] = ()


class Turns:
    """`plans`: of the loops that were gone through twice, by function, block, and whether elements without size are
    counted."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, int, bool], Plan] = {}

    def arrives(self, state: State, frame: Frame) -> None:
        """The state is put back to before the first turn, if all is as it should be after one more."""
        key = (frame.serial, frame.block)
        under_way = state.turns.get(key)
        if under_way is not None:
            assert isinstance(under_way, UnderWay)
            self._check(state, self._plans[_of_plan(state, frame)], under_way)
            _put_back(state, under_way)
            if tuple(_limits(state, under_way)) != under_way.most:
                raise not_followed(state, "a loop that changes how many turns there may be")
            return
        seen = state.loops.get(key, ())
        plan = self._plans.get(_of_plan(state, frame))
        if seen and plan is None:
            first = seen[-1]
            assert isinstance(first, Picture)
            plan = self._plans[_of_plan(state, frame)] = _learned(first, state)
        if plan is not None:
            state.loops.pop(key, None)  # what was seen before its turns were counted covers nothing
            steps = _places(state, plan)
            state.turns[key] = UnderWay(steps, {at: state.read(at) for at in steps}, {}, _owners(state.objects))

    def resumes(self, state: State, frame: Frame) -> None:
        """After any number of turns."""
        key = (frame.serial, frame.block)
        under_way = state.turns.get(key)
        if under_way is None:
            return
        assert isinstance(under_way, UnderWay)
        plan, before, steps = self._plans[_of_plan(state, frame)], under_way.before, under_way.steps
        swept = {root: one for root, one in _swept(plan, under_way, before).items() if root in under_way.owners}
        most = tuple(_limits(state, under_way))
        first = next((number for number, _ in swept.values()), None)
        turns, limits = _turns(state, most) if first is None else _turns_from(state, first, most)
        for reached, limit in limits:
            state.assume(fold("bvule", reached, limit))
        at = {place: _stepped(value, steps[place].operator, turns) for place, value in before.items()}
        for place, value in at.items():
            state.write(place, value)
        owners = dict(under_way.owners)
        for root, (number, whose) in swept.items():
            owners[root] = choose(between(number, fold("bvadd", number, turns)), whose, owners[root])
        _owned(state, {root: owners[root] for root in swept})
        state.turns[key] = UnderWay(steps, before, at, under_way.owners, owners, most, limits)

    def _check(self, state: State, plan: Plan, under_way: UnderWay) -> None:
        steps = under_way.steps
        for place, value in under_way.at.items():
            wanted = _stepped(value, steps[place].operator, ONE)
            if not _is_there(state, place) or not _equal(state, state.read(place), wanted):
                raise not_followed(state, "a loop whose turns are not alike")
        for reached, limit in under_way.limits:
            if not state.is_true(fold("bvult", reached, limit)):
                raise not_followed(state, "a loop with more turns than its numbers allow")
        owners, now = dict(under_way.owners_at), _owners(state.objects)
        for root, (number, whose) in _swept(plan, under_way, under_way.at).items():
            if root in owners:
                owners[root] = choose(fold("=", number, ELEMENT), whose, owners[root])
        if owners.keys() != now.keys() or not all(
            state.is_true(fold("=", state.facts.simplify(owner), now[root])) for root, owner in owners.items()
        ):
            raise not_followed(state, "a loop that does not do the same to each element")


def _of_plan(state: State, frame: Frame) -> tuple[str, int, bool]:
    return frame.name, frame.block, UNSIZED in state.objects


# What a turn does


def _learned(first: Picture, state: State) -> Plan:
    stepping: list[Stepping] = []
    for base, value in sorted(state.objects.items()):
        if base in first.objects:
            stepping += _differences(state.names.get(base, ""), first.objects[base], value, ())
    before = _owners(first.objects)
    swept: dict[int, tuple[Stepping, Term]] = {}
    for root, now in _owners(state.objects).items():
        match now:
            case Apply("ite", (Apply("=", sides), whose, rest)) if rest == before.get(root) and ELEMENT in sides:
                number = next(one for one in sides if one != ELEMENT)
                found = _counted_by(first, state, stepping, number)
                if found is not None:
                    swept[root] = found, whose
            case _:
                pass
    return Plan(tuple(stepping), swept)


def _counted_by(first: Picture, state: State, stepping: list[Stepping], number: Term) -> Stepping | None:
    """What had this number before a turn that raised it."""
    for one in (one for one in stepping if one.operator == "bvadd"):
        bases = [base for base in first.objects if state.names.get(base) == one.name]
        if len(bases) == 1 and _number(_read(first.objects[bases[0]], one.path)) == number:
            return one
    return None


def _differences(name: str, old: Value, new: Value, path: tuple[Step, ...]) -> Iterator[Stepping]:
    if old == new:
        return
    match old, new:
        case (Scalar(), Scalar()) | (Pointer(), Pointer()):
            before, after = _number(old), _number(new)
            for operator in ("bvadd", "bvsub"):
                if before is not None and _is_alike(old, new) and fold(operator, before, ONE) == after:
                    yield Stepping(name, path, operator)
        case Aggregate(of, fields), Aggregate(other, others) if of == other and len(fields) == len(others):
            for number, (one, two) in enumerate(zip(fields, others, strict=True)):
                yield from _differences(name, one, two, (*path, number))
        case Variant(of, index, fields), Variant(other, at, others) if (of, index) == (other, at):
            for number, (one, two) in enumerate(zip(fields, others, strict=True)):
                yield from _differences(name, one, two, (*path, (index, number)))
        case _:
            pass


def _is_countable(value: Value) -> bool:
    return isinstance(value, Scalar | Pointer) and _number(value) is not None


def _number(value: Value) -> Term | None:
    """Of a word, or of the element that is pointed at."""
    match value:
        case Scalar(term) if term.sort == USIZE:
            return term
        case Pointer():
            bytes_ = offset(value)
            return None if bytes_ is None else elements_in(bytes_)
        case _:
            return None


def _stepped(value: Value, operator: str, turns: Term) -> Value:
    number = _number(value)
    assert number is not None
    after = fold(operator, number, turns)
    if isinstance(value, Pointer):
        return Pointer(value.base, value.path, True, fold("bvmul", after, SIZE))
    return Scalar(after)


def _equal(state: State, value: Value, wanted: Value) -> bool:
    number, other = _number(value), _number(wanted)
    if number is None or other is None or not _is_alike(value, wanted):
        return False
    return number == other or state.is_true(fold("=", number, other))


def _is_there(state: State, place: Pointer) -> bool:
    try:
        state.read(place)
    except (Violation, NotModelled):
        return False
    return True


def _is_alike(value: Value, other: Value) -> bool:
    """Both words, or both pointers into the same place."""
    match value, other:
        case Scalar(), Scalar():
            return True
        case Pointer(base, path), Pointer(other_base, other_path):
            return (base, path) == (other_base, other_path)
        case _:
            return False


def _turns(state: State, most: tuple[Term, ...]) -> tuple[Term, tuple[tuple[Term, Term], ...]]:
    """Any number of them, and what it is not more than."""
    turns = state.fresh("turns", USIZE)
    return turns, tuple((turns, limit) for limit in most)


def _turns_from(state: State, first: Term, most: tuple[Term, ...]) -> tuple[Term, tuple[tuple[Term, Term], ...]]:
    """As many as lead from this element to any further one: elements that are compared are easier for solvers than
    numbers of turns that are added up.
    """
    last = next((limit for limit in most if state.is_true(fold("bvule", first, fold("bvadd", first, limit)))), None)
    if last is None:
        raise not_followed(state, "a loop over elements without an end")
    reached = state.fresh("the element that turns have come to", USIZE)
    state.assume(fold("bvule", first, reached))
    turns = fold("bvsub", reached, first)
    others = ((turns, limit) for limit in most if limit != last)
    return turns, ((reached, fold("bvadd", first, last)), *others)


def _limits(state: State, under_way: UnderWay) -> Iterator[Term]:
    """What is lowered by one in each turn had enough, and a range does not go beyond its end."""
    for place, step in under_way.steps.items():
        value = under_way.before[place]
        if step.operator == "bvsub" and isinstance(value, Scalar):
            yield value.term
        elif step.operator == "bvadd" and place.path and place.path[-1] == 0:
            match state.read(Pointer(place.base, place.path[:-1])):
                case Aggregate(of, (Scalar(start), Scalar(end))) if of == RANGE:
                    yield fold("bvsub", end, start)
                case _:
                    pass


# Places


def _places(state: State, plan: Plan) -> dict[Pointer, Stepping]:
    """Those that are there, with a number that is known."""
    found: dict[Pointer, Stepping] = {}
    for one in plan.stepping:
        for base in sorted(base for base in state.objects if state.names.get(base) == one.name):
            place = Pointer(base, one.path)
            if _is_there(state, place) and _is_countable(state.read(place)):
                found[place] = one
    return found


def _swept(plan: Plan, under_way: UnderWay, values: dict[Pointer, Value]) -> dict[int, tuple[Term, Term]]:
    """By place of elements: the number of the one that the next turn makes somebody's, and whose."""
    found: dict[int, tuple[Term, Term]] = {}
    for root, (stepping, whose) in plan.swept.items():
        numbers = (_number(values[place]) for place, step in under_way.steps.items() if step == stepping)
        number = next((one for one in numbers if one is not None), None)
        if number is not None:
            found[root] = number, whose
    return found


def _read(value: Value, path: tuple[Step, ...]) -> Value:
    for step in path:
        assert isinstance(value, Aggregate | Variant)
        value = value.fields[step if isinstance(step, int) else step[1]]
    return value


def _put_back(state: State, under_way: UnderWay) -> None:
    for place, value in under_way.before.items():
        state.write(place, value)
    _owned(state, under_way.owners)


def _owned(state: State, owners: Mapping[int, Term]) -> None:
    for root, owner in owners.items():
        one = followed(state, root)
        if one is not None:
            follow(state, one.owned_by(owner), root)


def _owners(objects: Mapping[int, Value]) -> dict[int, Term]:
    """Whose the element is, by place of elements."""
    found = ((root, Followed.of(objects, root)) for root in PLACES)
    return {root: one.owner for root, one in found if one is not None}

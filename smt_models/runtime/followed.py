"""One element of a stream's buffer, which may be any, and whose it is; and whose it is as the buffer's cursors say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from smt_models.host.codes import Codes
from smt_models.host.variants import End
from smt_models.runtime.constants import USIZE
from smt_models.runtime.events import Chosen
from smt_models.runtime.extents import elements_in, offset
from smt_models.runtime.facts import Facts, fold
from smt_models.runtime.outcomes import Violation
from smt_models.runtime.roots import FILLED, FOLLOWED
from smt_models.runtime.state import State
from smt_models.runtime.template import ANY
from smt_models.runtime.values import MOVED, Aggregate, Dangling, Opaque, Pointer, Scalar, Value, mapped
from smt_models.system.operators import BitVec
from smt_models.system.terms import TRUE, Apply, Literal, Term, Variable, both, choose, either

PARTIAL_WRITE = "partial-write"
NO_PARTIAL_WRITE = "partial-write: not modelled"
ELEMENT = Variable(f"{ANY}element that is followed", USIZE)
"""By its number. Nothing is known of it, so that what is shown of it is shown of each."""
NOTHING = Literal(0, USIZE)
_OWNER = BitVec(2)
NOBODY, OURS, TAKEN, LENT = (Literal(number, _OWNER) for number in range(4))
LOWERED = Opaque("an element in the host's form")
_COPY = "a copy of an element of the buffer"
_NAMES = {FOLLOWED: "element that is followed", FILLED: "element of the Vec that is followed"}
PLACES = tuple(_NAMES)
"""The blocks of which one element is followed, each by the root that says whose it is."""
_WORDS, _SET_ASIDE = "whose the element is", "whose the element is as its buffer says"
_CODES = Codes(USIZE.width)
LONGEST = _CODES.longest


@dataclass(frozen=True, slots=True)
class Followed:
    """`owner`: whose it is, but for what is lent: `[first, first + count)`. `block`: where the buffer is. `gone`: how
    many elements before it were taken out of the block, so that it has moved down.
    """

    block: Pointer | Dangling
    owner: Term
    first: Term = NOTHING
    count: Term = NOTHING
    gone: Term = NOTHING

    @staticmethod
    def of(objects: Mapping[int, Value], root: int = FOLLOWED) -> Followed | None:
        """None if no buffer is followed."""
        match objects.get(root):
            case Aggregate(of, (block, Scalar(owner), Scalar(first), Scalar(count), Scalar(gone))) if of == _WORDS:
                assert isinstance(block, Pointer | Dangling)
                return Followed(block, owner, first, count, gone)
            case _:
                return None

    def owned_by(self, owner: Term) -> Followed:
        return replace(self, owner=owner)

    @property
    def is_lent(self) -> Term:
        return between(self.first, fold("bvadd", self.first, self.count))

    @property
    def while_lent(self) -> Followed:
        return replace(self, owner=choose(self.is_lent, LENT, self.owner))

    def may_hear(self, code: Term) -> Term:
        """No host that keeps the rules says that it copied more than it was lent [CABI WritableBufferGuestImpl.write:
        "assert(len(vs) <= self.remain())"]: of the lease automaton it is shown (`smt_models/host/lease.py`).
        """
        return either(is_blocked(code), fold("bvule", _count(code), self.count))

    def applied(self, code: Term, end: End, leaves: Term, known: Facts) -> Followed:
        """Nothing is lent any more. The host did not copy more than it was lent, whatever it says. `leaves`: that there
        is something left to free of what it took.
        """
        number = _count(code)
        most = choose(fold("bvult", self.count, number), self.count, number)
        taken = replace(self, count=known.simplify(most))
        copied_is = choose(leaves, TAKEN, NOBODY) if end is End.WRITER else OURS
        owner = choose(taken.is_lent, copied_is, self.owner)
        return Followed(self.block, owner)


def _count(code: Term) -> Term:
    """[CABI] `result | progress << 4`."""
    match code:
        case Apply("concat", (count, Literal())):
            return fold("zero_extend", count, indices=(4,))
        case _:
            return fold("bvlshr", code, Literal(4, USIZE))


def is_blocked(code: Term) -> Term:
    return fold("=", code, _CODES.blocked)


@dataclass(frozen=True, slots=True)
class Buffer:
    """`[freed, taken)` were taken by the host and have something left to free, `[taken, end)` are ours. `lent`: how
    many the operation says that it has lent. `largest`: no block has more room, where that is known of the client's.
    """

    block: Pointer | Dangling
    freed: Term
    taken: Term
    end: Term
    room: Term
    lent: Term
    largest: Term | None = None

    def as_it_says(self, end: End) -> Followed:
        ours = choose(between(self.taken, self.end), OURS, NOBODY)
        owner = choose(between(self.freed, self.taken), TAKEN, ours)
        return Followed(self.block, owner, self._lends(end)[0], self.lent)

    def is_possible(self, end: End) -> Term:
        """That the cursors are in order, and no more is lent than there is."""
        pairs = ((self.freed, self.taken), (self.taken, self.end), (self.end, self.room))
        first, limit = self._lends(end)
        return both(
            *(fold("bvule", one, other) for one, other in pairs),
            fold("bvule", self.lent, fold("bvsub", limit, first)),
            *([] if self.largest is None else [fold("bvule", self.room, self.largest)]),
        )

    @property
    def has_left(self) -> Term:
        """That there are elements to free."""
        return fold("bvult", self.freed, self.taken)

    def agrees(self, one: Followed, end: End) -> tuple[Term, ...]:
        """That what happened to the element is what the cursors say: several things."""
        says = self.as_it_says(end)
        nothing = both(fold("=", one.count, NOTHING), fold("=", self.lent, NOTHING))
        same = both(fold("=", one.first, says.first), fold("=", one.count, self.lent))
        return self.is_possible(end), either(nothing, same), fold("=", one.owner, says.owner)

    def most(self, end: End) -> Term:
        """As many elements as may be lent, but for the longest buffer [CABI]."""
        first, limit = self._lends(end)
        rest = fold("bvsub", limit, first)
        return choose(fold("bvult", rest, LONGEST), rest, LONGEST)

    def _lends(self, end: End) -> tuple[Term, Term]:
        """Where a lend has to begin, and what it may not go beyond."""
        return (self.taken, self.end) if end is End.WRITER else (self.end, self.room)


def between(first: Term, end: Term) -> Term:
    return both(fold("bvule", first, ELEMENT), fold("bvult", ELEMENT, end))


# In a state


def followed(state: State, root: int = FOLLOWED) -> Followed | None:
    """None if no buffer is followed."""
    return Followed.of(state.objects, root)


def follow(state: State, one: Followed | None, root: int = FOLLOWED) -> None:
    if one is None:
        state.end(root)
        return
    words = (Scalar(term) for term in (one.owner, one.first, one.count, one.gone))
    _put(state, Aggregate(_WORDS, (one.block, *words)), root)


def set_aside(state: State, one: Followed, left: Term) -> None:
    """The buffer says it: so states can be compared at a loop's head whatever was done before. `left`: whether there
    are elements to free, if that is known."""
    known = Scalar(left) if isinstance(left, Literal) else MOVED
    _put(state, Aggregate(_SET_ASIDE, (one.block, known)))


def is_set_aside(state: State) -> bool:
    value = state.objects.get(FOLLOWED)
    return isinstance(value, Aggregate) and value.type == _SET_ASIDE


def is_left(state: State, buffer: Buffer) -> Term:
    """What was known of whether there are elements to free."""
    match state.objects.get(FOLLOWED):
        case Aggregate(of, (_, Scalar(left))) if of == _SET_ASIDE:
            return fold("=", buffer.has_left, left)
        case _:
            return TRUE


def _put(state: State, value: Value, root: int = FOLLOWED) -> None:
    state.names[root] = _NAMES[root]
    state.objects[root] = value


def copy_of(state: State, at: Pointer) -> Value:
    """A bitwise copy of the element there, in the host's form: it is that element, if its number is known."""
    number = number_of(state, at)
    return LOWERED if number is None else Aggregate(_COPY, (Scalar(number),))


def number_of(state: State, element: Value, root: int = FOLLOWED) -> Term | None:
    """Of the element that this is a copy of, or the address of."""
    one = followed(state, root)
    match element:
        case Aggregate(of, (Scalar(number),)) if of == _COPY:
            return number
        case Pointer(base) if one is not None and isinstance(one.block, Pointer) and one.block.base == base:
            bytes_ = offset(element)
            return None if bytes_ is None else elements_in(bytes_)
        case _:
            return None


def forget_copies(state: State) -> None:
    """The host may write where they are from."""

    def change(value: Value) -> Value | None:
        return LOWERED if isinstance(value, Aggregate) and value.type == _COPY else None

    state.objects = {base: mapped(value, change) for base, value in state.objects.items()}


def broken(state: State, why: str) -> Violation:
    state.log(Chosen("which element", ELEMENT, state.where))
    return Violation(PARTIAL_WRITE, why)


def not_followed(state: State, what: str) -> Violation:
    state.note(NO_PARTIAL_WRITE, what)
    return Violation(NO_PARTIAL_WRITE, what)

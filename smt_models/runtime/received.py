"""partial-write of what is read into a client's `Vec`: two places of elements, in each of which one is followed.

Where the guest's form of an element is the host's, the host writes behind the elements of the `Vec`, whose length is
raised afterwards. Else it writes to an area of the operation's own (`FOLLOWED`), from which elements are lifted and put
into the `Vec` (`FILLED`). A `Vec` says by its length which elements are in it, and each must be there when it goes
back to the client or is dropped. Loops are known by their turns.

Elements without size all lie at one address: the one that is lifted is the next.
"""

from __future__ import annotations

from dataclasses import replace

from smt_models.host.variants import End
from smt_models.runtime.constants import USIZE
from smt_models.runtime.extents import is_memory, room_of
from smt_models.runtime.facts import fold
from smt_models.runtime.filling import Filling
from smt_models.runtime.followed import (
    ELEMENT,
    NOBODY,
    NOTHING,
    OURS,
    PLACES,
    Followed,
    between,
    broken,
    follow,
    followed,
    is_blocked,
    not_followed,
    number_of,
)
from smt_models.runtime.host import Host
from smt_models.runtime.library_values import scalar
from smt_models.runtime.outcomes import Final, NotModelled
from smt_models.runtime.ownership import (
    block_of,
    consume,
    has_lent,
    is_nobodys,
    lend,
    may_leak,
    of_types,
    owner_now,
    unapplied,
)
from smt_models.runtime.profile import Held, Operation
from smt_models.runtime.roots import FILLED, OPERATION, UNSIZED
from smt_models.runtime.state import State
from smt_models.runtime.values import MOVED, VEC, Aggregate, Dangling, Null, Pointer, Scalar, Value
from smt_models.system.terms import TRUE, Literal, Term, both, choose, differ, negation

_LIFTED = "how many elements without size were lifted"
_ONE = Literal(1, USIZE)


class Received:
    """`host_form`: that the guest's form of an element is the host's. `counts_are_kept`: H5, the host is taken never to
    say of more elements than it was lent.
    """

    counts_turns = True

    def __init__(self, operation: Operation, host: Host, host_form: Term, counts_are_kept: bool) -> None:
        assert operation.end is End.READER
        assert operation.lifted_from is not None
        self._area = operation.lifted_from
        self._host = host
        self._host_form = host_form
        self.counts_are_kept = counts_are_kept

    # Between actions

    def begins(self, state: State) -> None:
        """An action, with a `Vec` as the one before left it."""
        self._resume(state, self._found(state, state.objects.get(OPERATION, MOVED)))

    def vec_given(self, state: State, vec: Value) -> None:
        """By the client, for an operation that has lent nothing yet."""
        found = self._found(state, vec)
        self._resume(state, None if found is None else replace(found, lends=False, is_direct=False))

    def _resume(self, state: State, found: Filling | None) -> None:
        if found is None:
            return
        state.assume(found.is_possible)
        follow(state, found.in_vec(), FILLED)
        _follow_area(state, found.in_area())
        if self.counts_are_kept and found.lends and (code := unapplied(state)) is not None:
            self.told(state, code)

    def claims(self, _state: State) -> None:
        """At a loop's head: turns are counted."""

    def resumes(self, _state: State) -> None:
        """As above."""

    def made(self, state: State, _buffer: Value) -> None:
        raise not_followed(state, "a buffer of the client's that is no Vec")

    def at_rest(self, state: State, given_back: Value) -> None:
        """The client is given a `Vec`, or it stays, or it is gone."""
        if state.is_true(state.host["forgotten"]):
            return  # for ever: nothing is done to it any more
        kept = self._found(state, state.objects.get(OPERATION, MOVED))
        given = self._found(state, given_back)
        filled, area = followed(state, FILLED), followed(state)
        if kept is not None and given is not None:
            raise not_followed(state, "several Vecs at a time")
        if kept is not None:
            self._is_kept(state, kept, filled, area)
            return
        if area is not None:
            is_nobodys(state, area, "what was received is left behind")
        if given is not None:
            self._is_given(state, given, filled)
        elif filled is not None:
            is_nobodys(state, filled, "the operation is gone")

    def _is_kept(self, state: State, kept: Filling, filled: Followed | None, area: Followed | None) -> None:
        says = kept.in_area()
        if area is not None and says is None and area.block == Dangling():
            says = Followed(Dangling(), NOBODY)
        if (filled is None or filled.block != kept.block) or (None if area is None else area.block) != (
            None if says is None else says.block
        ):
            raise not_followed(state, "the end of an action, where the Vec and the area are not to be found")
        pairs = [(filled, kept.in_vec()), *([] if area is None or says is None else [(area, says)])]
        if not all(state.is_true(part) for part in (kept.is_possible, *(p for pair in pairs for p in _same(*pair)))):
            raise not_followed(state, "the end of an action, where the Vec does not say what was done")
        code = unapplied(state) if self.counts_are_kept and kept.lends else None
        lent = [one for one in (filled, area) if one is not None and one.count != NOTHING]
        if code is not None and not all(state.is_true(one.may_hear(code)) for one in lent):
            raise not_followed(state, "the end of an action, where more was said than is lent")

    def _is_given(self, state: State, given: Filling, filled: Followed | None) -> None:
        if filled is None or filled.block != given.block:
            raise not_followed(state, "a Vec that is made on the way")
        if not state.is_true(fold("=", filled.owner, given.in_vec().owner)):
            raise broken(state, "a Vec is given back, and its length does not say which elements are in it")

    # What is done to elements

    def lent(self, state: State, place: Value, count: Term) -> None:
        filled, area = followed(state, FILLED), followed(state)
        if filled is None or area is not None or not state.is_true(fold("=", filled.count, NOTHING)):
            raise not_followed(state, "a lend from somewhere else than one Vec or area")
        if self._is_direct(state):
            number = filled.first if isinstance(place, Dangling) else number_of(state, place, FILLED)
            if number is None or (filled.block == Dangling()) is not isinstance(place, Dangling):
                raise not_followed(state, "a lend from somewhere in the Vec")
            follow(state, lend(state, filled, number, count, End.READER), FILLED)
            return
        match place:
            case Pointer(base) if base != _base(filled):
                _follow_area(state, Followed(Pointer(base), NOBODY))
                number = number_of(state, place)
            case Null() | Dangling():
                _follow_area(state, Followed(Dangling(), NOBODY))
                number = NOTHING
            case _:
                number = None
        area = followed(state)
        if number is None or area is None:
            raise not_followed(state, "a lend from somewhere in the area")
        follow(state, lend(state, area, number, count, End.READER))

    def told(self, state: State, code: Term) -> None:
        """The guest hears it."""
        if not self.counts_are_kept:
            return
        for root in PLACES:
            one = followed(state, root)
            if one is not None and one.count != NOTHING and not state.assume(one.may_hear(code)):
                raise Final("no count that the host may say")

    def applied(self, state: State, code: Term) -> None:
        if state.is_true(is_blocked(code)):
            return
        for root in PLACES:
            one = followed(state, root)
            if one is not None and one.count != NOTHING:
                follow(state, one.applied(code, End.READER, TRUE, state.facts), root)

    def consumed(self, state: State, name: str, held: Held, element: Value) -> None:
        """User code lifts it."""
        area = followed(state)
        number = None if area is None else _lifted(state, area, element)
        if area is None or number is None:
            raise not_followed(state, f"which element {name} is given")
        now = owner_now(state, area, End.READER, TRUE)
        follow(state, consume(state, area, number, now, held, name))

    def put(self, state: State, number: Term) -> None:
        """An element comes to be in the `Vec`, with this number."""
        filled = followed(state, FILLED)
        assert filled is not None
        is_it = fold("=", number, ELEMENT)
        if state.is_true(both(is_it, differ(filled.owner, NOBODY))):
            raise broken(state, "an element is written over that was neither lifted nor freed")
        follow(state, filled.owned_by(choose(is_it, OURS, filled.owner)), FILLED)

    def dropped(self, state: State, vec: Aggregate) -> None:
        """A `Vec` drops its elements: they must be there, and all that are."""
        block, filled = state.settle(vec.fields[0]), followed(state, FILLED)
        if not isinstance(block, Pointer):
            return
        if filled is None or filled.block != block:
            raise not_followed(state, "the drop of a Vec that is made on the way")
        is_in = between(NOTHING, scalar(state, vec.fields[1]).term)
        if state.is_true(both(is_in, differ(filled.owner, OURS))):
            raise broken(state, "a Vec drops an element that is not in it")
        if state.is_true(both(negation(is_in), differ(filled.owner, NOBODY))) and not may_leak(state):
            raise broken(state, "a Vec is dropped, and an element behind its length was neither lifted nor freed")
        follow(state, filled.owned_by(NOBODY), FILLED)

    def freed(self, state: State, base: int) -> None:
        for root in PLACES:
            one = followed(state, root)
            if one is not None and one.block == Pointer(base):
                is_nobodys(state, one, "the buffer is freed")
                follow(state, None, root)

    def written(self, state: State, base: int) -> None:
        area, filled = followed(state), followed(state, FILLED)
        if filled is not None and filled.block == Pointer(base):
            raise not_followed(state, "a write into the Vec")
        if area is not None and area.block == Pointer(base):
            is_nobodys(state, area, "the buffer is overwritten")

    def has(self, state: State, value: Value) -> bool:
        """Whether this is a pointer to where elements are followed."""
        bases = [_base(one) for one in (followed(state, root) for root in PLACES) if one is not None]
        return isinstance(value, Pointer) and value.base in bases

    # Where they are

    def _is_direct(self, state: State) -> bool:
        return state.is_true(self._host_form)

    def _found(self, state: State, value: Value) -> Filling | None:
        """In this value; forks over what a choice is, if there may be one in it."""
        vecs, areas = list(of_types(state, value, {VEC})), list(of_types(state, value, {self._area}))
        if not vecs and not areas:
            return None
        if len(vecs) != 1 or len(areas) > 1:
            raise not_followed(state, "several Vecs at a time, or an area without one")
        length, capacity = (scalar(state, one).term for one in vecs[0].fields[1:])
        found = [(block_of(state, one), room_of(state, one)) for one in areas]
        lends = has_lent(state, self._host)
        direct = lends and not found and self._is_direct(state)
        return Filling(_block(state, vecs[0]), length, capacity, found[0] if found else None, lends, direct)


def _block(state: State, vec: Aggregate) -> Pointer | Dangling:
    match state.settle(vec.fields[0]):
        case Pointer(base, (), False) if is_memory(state.settle(state.objects.get(base, MOVED))):
            return Pointer(base)
        case Dangling():
            return Dangling()
        case _:
            raise NotModelled("a Vec over memory of which nothing is known")


def _base(one: Followed) -> int | None:
    return one.block.base if isinstance(one.block, Pointer) else None


def _same(one: Followed, says: Followed) -> tuple[Term, ...]:
    """That what happened to the element, and what is lent, is what is said: several things."""
    lent = both(fold("=", one.first, says.first), fold("=", one.count, says.count))
    return fold("=", one.owner, says.owner), lent


def _follow_area(state: State, one: Followed | None) -> None:
    follow(state, one)
    if one is not None and one.block == Dangling():
        state.names[UNSIZED] = _LIFTED
        state.objects[UNSIZED] = Aggregate(_LIFTED, (Scalar(NOTHING),))


def _lifted(state: State, area: Followed, element: Value) -> Term | None:
    """The number of the element that is lifted from this address."""
    if area.block != Dangling() or not isinstance(element, Null | Dangling):
        return number_of(state, element)
    before = state.load(Pointer(UNSIZED, (0,)))
    assert isinstance(before, Scalar)
    state.write(Pointer(UNSIZED, (0,)), Scalar(fold("bvadd", before.term, _ONE)))
    return before.term

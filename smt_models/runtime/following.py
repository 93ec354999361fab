"""partial-write: each element is lifted or freed once, by whoever has it; a lend begins where the last copy ended.

One element is followed, which may be any (`followed`). The cursors of its buffer say whose it is, between actions and
at every loop's head; whether that is what happened to it is looked at there, and from there on it is so, whatever the
cursors are by then. Where it is not so the obligation is Unknown: a program may mean something else by its cursors.
What refutes it is done to an element by who does not have it, or is a buffer that tells the client what is not so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from smt_models.runtime.extents import LARGEST, room_of
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import (
    ELEMENT,
    NOBODY,
    NOTHING,
    OURS,
    Buffer,
    Followed,
    between,
    broken,
    follow,
    followed,
    is_blocked,
    is_left,
    is_set_aside,
    not_followed,
    number_of,
    set_aside,
)
from smt_models.runtime.host import Host
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
from smt_models.runtime.profile import LENGTH, Held, Operation
from smt_models.runtime.roots import OPERATION
from smt_models.runtime.state import State
from smt_models.runtime.values import MOVED, Aggregate, Dangling, Pointer, Scalar, Value
from smt_models.system.terms import BOOLEAN, TRUE, Term, Variable, both, differ, negation


class Following:
    """`fields` of types, in order: where the profile's cursors are. `host_form`: that the guest's form of an element is
    the host's. `counts_are_kept`: H5, the host is taken never to say of more elements than it was lent.
    """

    def __init__(
        self,
        operation: Operation,
        fields: Mapping[str, tuple[str, ...]],
        host: Host,
        host_form: Term,
        counts_are_kept: bool,
    ) -> None:
        assert operation.end is not None
        self.counts_are_kept = counts_are_kept
        self._end = operation.end
        self._cursors = {of: _numbers(fields[of], names) for of, names in operation.cursors.items()}
        self._lent = {of: _numbers(fields[of], names) for of, names in operation.lent.items()}
        self._memory = {of: _numbers(fields[of], names) for of, names in operation.memory.items()}
        self._leaves: Term = TRUE if operation.leaves is None else Variable(operation.leaves, BOOLEAN)
        self._host_form = host_form
        self._host = host

    @property
    def counts_turns(self) -> bool:
        """Whether what a loop does is known by its turns, and not by cursors that say at its head what was done."""
        return bool(self._memory)

    # Between actions and at loops' heads

    def begins(self, state: State) -> None:
        """An action, with a buffer as the one before left it."""
        self._resume(state, self._buffers(state, state.objects.get(OPERATION, MOVED)))

    def made(self, state: State, buffer: Value) -> None:
        """The client has filled a buffer."""
        self._resume(state, self._buffers(state, buffer))

    def vec_given(self, _state: State, _vec: Value) -> None:
        """By the client: elements are followed from when a buffer is made of it."""

    def _resume(self, state: State, buffers: list[Buffer]) -> None:
        if len(buffers) > 1:
            raise not_followed(state, "several buffers at a time")
        for one in buffers:
            state.assume(one.is_possible(self._end))
            follow(state, one.as_it_says(self._end))
            if self.counts_are_kept and (code := unapplied(state)) is not None:
                self.told(state, code)

    def claims(self, state: State) -> None:
        """At a loop's head, which may be reached again with other cursors."""
        one = followed(state)
        if one is None or self.counts_turns:
            return
        buffers = self._everywhere(state)
        self._agrees(state, one, buffers, "a loop's head")
        set_aside(state, one, state.facts.simplify(buffers[0].has_left))

    def resumes(self, state: State) -> None:
        """The loop goes on from its head."""
        if is_set_aside(state):
            buffers = self._everywhere(state)
            state.assume(is_left(state, buffers[0]))
            self._resume(state, buffers)

    def _everywhere(self, state: State) -> list[Buffer]:
        return [one for value in list(state.objects.values()) for one in self._buffers(state, value)]

    def _agrees(self, state: State, one: Followed, buffers: list[Buffer], where: str) -> None:
        if len(buffers) != 1 or buffers[0].block != one.block:
            raise not_followed(state, f"{where}, where the buffer is not to be found")
        if not self._agree(state, one, buffers):
            raise not_followed(state, f"{where}, where the cursors do not say what was done")
        code = unapplied(state) if self.counts_are_kept else None
        if code is not None and not state.is_true(one.may_hear(code)):
            raise not_followed(state, f"{where}, where more was said than is lent")

    def _agree(self, state: State, one: Followed, buffers: list[Buffer]) -> bool:
        found = len(buffers) == 1 and buffers[0].block == one.block
        return found and all(state.is_true(part) for part in buffers[0].agrees(one, self._end))

    def at_rest(self, state: State, given_back: Value) -> None:
        """The client is given a buffer, or it stays, or it is gone."""
        if state.is_true(state.host["forgotten"]):
            return  # for ever: nothing is done to it any more
        one = followed(state)
        kept = self._buffers(state, state.objects.get(OPERATION, MOVED))
        given = self._buffers(state, given_back)
        if one is None:
            if kept or given:
                raise not_followed(state, "a buffer that is made on the way")
        elif kept:
            self._agrees(state, one, [*kept, *given], "the end of an action")
        elif not given:
            is_nobodys(state, one, "the operation is gone")
        elif len(given) > 1 or given[0].block != one.block:
            raise not_followed(state, "several buffers at a time")
        elif not self._agree(state, one, given):
            raise broken(state, "a buffer is given back, and its cursors do not say whose its elements are")

    # What is done to elements

    def lent(self, state: State, place: Value, count: Term) -> None:
        one = followed(state)
        number = NOTHING if isinstance(place, Dangling) else number_of(state, place)
        if one is None or number is None or not state.is_true(fold("=", one.count, NOTHING)):
            raise not_followed(state, "a lend from somewhere in the buffer")
        follow(state, lend(state, one, number, count, self._end))

    def told(self, state: State, code: Term) -> None:
        """Whatever it says: more than was lent is copied by nobody. With H5 it never says so."""
        one = followed(state)
        if self.counts_are_kept and one is not None and not state.assume(one.may_hear(code)):
            raise Final("the host says of more elements than it was lent")

    def applied(self, state: State, code: Term) -> None:
        one = followed(state)
        if one is not None and not state.is_true(is_blocked(code)):
            follow(state, one.applied(code, self._end, self._leaves, state.facts))

    def consumed(self, state: State, name: str, held: Held, element: Value) -> None:
        """User code lifts it, or frees what is left of it."""
        one, number = followed(state), number_of(state, element)
        if one is None or number is None:
            raise not_followed(state, f"which element {name} is given")
        now = owner_now(state, one, self._end, self._leaves)
        follow(state, consume(state, one, number, now, held, name))

    def freed(self, state: State, base: int) -> None:
        one = followed(state)
        if one is not None and one.block == Pointer(base):
            is_nobodys(state, one, "the buffer is freed")
            follow(state, None)

    def written(self, state: State, base: int) -> None:
        one = followed(state)
        if one is None or one.block != Pointer(base):
            return
        if not self.counts_turns:
            raise not_followed(state, "a write into the buffer")
        is_nobodys(state, one, "the buffer is overwritten")

    def drained(self, state: State, block: Value, count: Term) -> None:
        """So many elements are taken out at the beginning, and dropped by nobody."""
        one = followed(state)
        if one is None or one.block != block:
            return
        is_left = state.is_true(both(fold("bvult", ELEMENT, count), differ(one.owner, NOBODY)))
        if is_left and not may_leak(state):
            raise broken(state, "an element is taken out that was neither lifted nor freed")
        follow(state, replace(one, gone=fold("bvadd", one.gone, count)))

    def taken_over(self, state: State, block: Value, length: Term) -> None:
        """A `Vec` of so many elements has the block: they must be ours, and all that are. From there on it has them."""
        one = followed(state)
        if one is None or one.block != block:
            return
        is_in = between(one.gone, fold("bvadd", one.gone, length))
        if state.is_true(both(is_in, differ(one.owner, OURS))):
            raise broken(state, "a Vec is made of an element that is not ours")
        is_left = state.is_true(both(negation(is_in), differ(one.owner, NOBODY)))
        if is_left and not may_leak(state):
            raise broken(state, "a Vec is made, and an element that is not in it was neither lifted nor freed")
        follow(state, one.owned_by(NOBODY))

    # Buffers

    def _buffers(self, state: State, value: Value) -> list[Buffer]:
        """In this value; forks over what a choice is, if there may be one in it."""
        found: list[Buffer] = []
        for one in of_types(state, value, self._cursors):
            freed, taken, end = (_cursor(state.settle(one.fields[number])) for number in self._cursors[one.type])
            memory = self._memory_of(state, one)
            largest = LARGEST if self._memory else None
            buffer = Buffer(block_of(state, memory), freed, taken, end, room_of(state, memory), NOTHING, largest)
            found.append(replace(buffer, lent=self._count(state, buffer)))
        return found

    def _memory_of(self, state: State, buffer: Aggregate) -> Value:
        """The part of it that has the elements' block."""
        match self._memory.get(buffer.type):
            case None:
                return buffer
            case (guests, hosts):
                return state.settle(buffer.fields[guests if state.is_true(self._host_form) else hosts])
            case other:
                raise AssertionError(other)

    def _count(self, state: State, buffer: Buffer) -> Term:
        """How many elements the operation says that it has lent; without a word, as many as may be [CABI]."""
        if not self._lent:
            return buffer.most(self._end) if has_lent(state, self._host) else NOTHING
        found: dict[Value, None] = {}
        for value in list(state.objects.values()):
            for one in of_types(state, value, self._lent):
                found.update((state.settle(one.fields[number]), None) for number in self._lent[one.type])
        match list(found):
            case []:
                return NOTHING
            case [Scalar(term)]:
                return term
            case _:
                raise not_followed(state, "how many elements are lent")


def _cursor(value: Value) -> Term:
    match value:
        case Scalar(term) | Aggregate(_, (_, Scalar(term), _)):  # a `Vec`
            return term
        case _:
            raise NotModelled("a cursor that is no number")


def _numbers(fields: tuple[str, ...], names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(fields.index(name.removesuffix(LENGTH)) for name in names)

"""partial-write: each element is lifted or freed once, by whoever has it; a lend begins where the last copy ended.

One element is followed, which may be any (`followed`). The cursors of its buffer say whose it is, between actions and
at every loop's head; whether that is what happened to it is looked at there, and from there on it is so, whatever the
cursors are by then. Where it is not so the obligation is Unknown: a program may mean something else by its cursors.
What refutes it is done to an element by who does not have it, or is a buffer that tells the client what is not so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from smt_models.host.variants import End
from smt_models.runtime.extents import LARGEST, is_memory, room_of
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import (
    ELEMENT,
    NOBODY,
    NOTHING,
    OURS,
    TAKEN,
    Buffer,
    Followed,
    between,
    broken,
    follow,
    followed,
    forget_copies,
    is_blocked,
    is_left,
    is_set_aside,
    not_followed,
    number_of,
    set_aside,
)
from smt_models.runtime.host import Host
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import LENGTH, Held, Operation
from smt_models.runtime.roots import LAST_CODE, LENT, OPERATION
from smt_models.runtime.state import State
from smt_models.runtime.values import MOVED, NONE, Aggregate, Choice, Dangling, Pointer, Scalar, Value, parts, pointers
from smt_models.system.terms import BOOLEAN, TRUE, Term, Variable, both, choose, differ, negation

_HELD = {Held.OURS: OURS, Held.TAKEN: TAKEN}


class Following:
    """`fields` of types, in order: where the profile's cursors are. `host_form`: that the guest's form of an element is
    the host's.
    """

    def __init__(
        self, operation: Operation, fields: Mapping[str, tuple[str, ...]], host: Host, host_form: Term
    ) -> None:
        assert operation.end is not None
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

    def _resume(self, state: State, buffers: list[Buffer]) -> None:
        if len(buffers) > 1:
            raise not_followed(state, "several buffers at a time")
        for one in buffers:
            state.assume(one.is_possible(self._end))
            follow(state, one.as_it_says(self._end))

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
            self._is_nobodys(state, one, "the operation is gone")
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
        lent = Followed(one.block, one.owner, number, count)
        if not state.is_true(fold("bvule", number, fold("bvadd", number, count))):
            raise not_followed(state, "a lend that wraps")
        wanted = OURS if self._end is End.WRITER else NOBODY
        if state.is_true(both(lent.is_lent, differ(one.owner, wanted))):
            what = "an element is lent that is not ours" if wanted == OURS else "an element is lent as room for others"
            raise broken(state, what)
        forget_copies(state)
        follow(state, lent)

    def applied(self, state: State, code: Term) -> None:
        one = followed(state)
        if one is not None and not state.is_true(is_blocked(code)):
            follow(state, one.applied(code, self._end, self._leaves, state.facts))

    def consumed(self, state: State, name: str, held: Held, element: Value) -> None:
        """User code lifts it, or frees what is left of it."""
        one, number = followed(state), number_of(state, element)
        if one is None or number is None:
            raise not_followed(state, f"which element {name} is given")
        is_it = fold("=", number, ELEMENT)
        if state.is_true(both(is_it, differ(self._owner(state, one), _HELD[held]))):
            raise broken(state, f"{name} of an element that is not {held.value}")
        follow(state, one.owned_by(choose(is_it, NOBODY, one.owner)))

    def freed(self, state: State, base: int) -> None:
        one = followed(state)
        if one is not None and one.block == Pointer(base):
            self._is_nobodys(state, one, "the buffer is freed")
            follow(state, None)

    def written(self, state: State, base: int) -> None:
        one = followed(state)
        if one is None or one.block != Pointer(base):
            return
        if not self.counts_turns:
            raise not_followed(state, "a write into the buffer")
        self._is_nobodys(state, one, "the buffer is overwritten")

    def drained(self, state: State, block: Value, count: Term) -> None:
        """So many elements are taken out at the beginning, and dropped by nobody."""
        one = followed(state)
        if one is None or one.block != block:
            return
        is_left = state.is_true(both(fold("bvult", ELEMENT, count), differ(one.owner, NOBODY)))
        if is_left and not self._may_leak(state):
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
        if is_left and not self._may_leak(state):
            raise broken(state, "a Vec is made, and an element that is not in it was neither lifted nor freed")
        follow(state, one.owned_by(NOBODY))

    def _owner(self, state: State, one: Followed) -> Term:
        """The host's, where it is lent; a code that was heard counts, whether or not it was applied."""
        if not state.is_true(state.host["waiting"]):
            return one.while_lent.owner
        code = state.load(Pointer(LAST_CODE))
        assert isinstance(code, Scalar)
        if state.is_true(is_blocked(code.term)):
            return one.while_lent.owner
        return one.applied(code.term, self._end, self._leaves, state.facts).owner

    def _may_leak(self, state: State) -> bool:
        """What user code leaves half-way may stay so: panic-in-callback asks that nothing is freed twice."""
        return state.is_true(state.host["panicked"])

    def _is_nobodys(self, state: State, one: Followed, when: str) -> None:
        if not state.is_true(fold("=", one.owner, NOBODY)) and not self._may_leak(state):
            raise broken(state, f"{when}, and an element in it was neither lifted nor freed")

    # Buffers

    def _buffers(self, state: State, value: Value) -> list[Buffer]:
        """In this value; forks over what a choice is, if there may be one in it."""
        found: list[Buffer] = []
        for one in _of_types(state, value, self._cursors):
            freed, taken, end = (_cursor(state.settle(one.fields[number])) for number in self._cursors[one.type])
            memory = self._memory_of(state, one)
            largest = LARGEST if self._memory else None
            buffer = Buffer(_block(state, memory), freed, taken, end, room_of(state, memory), NOTHING, largest)
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

    def _has_lent(self, state: State) -> bool:
        """Until the answer is applied."""
        if state.is_true(state.host["waiting"]):
            return True
        return state.settle(state.objects[LENT]) != NONE and state.is_true(self._host.is_lent(state, LENT))

    def _count(self, state: State, buffer: Buffer) -> Term:
        """How many elements the operation says that it has lent; without a word, as many as may be [CABI]."""
        if not self._lent:
            return buffer.most(self._end) if self._has_lent(state) else NOTHING
        found: dict[Value, None] = {}
        for value in list(state.objects.values()):
            for one in _of_types(state, value, self._lent):
                found.update((state.settle(one.fields[number]), None) for number in self._lent[one.type])
        match list(found):
            case []:
                return NOTHING
            case [Scalar(term)]:
                return term
            case _:
                raise not_followed(state, "how many elements are lent")


def _of_types(state: State, value: Value, types: Mapping[str, object]) -> Iterator[Aggregate]:
    if isinstance(value, Choice):
        if not _may_have(value, types):
            return
        value = state.settle(value)
    if isinstance(value, Aggregate) and value.type in types:
        yield value
        return
    for one in parts(value):
        yield from _of_types(state, one, types)


def _may_have(value: Value, types: Mapping[str, object]) -> bool:
    is_one = isinstance(value, Aggregate) and value.type in types
    return is_one or any(_may_have(one, types) for one in parts(value))


def _block(state: State, buffer: Value) -> Pointer | Dangling:
    blocks = (one for one in sorted(pointers(buffer)) if is_memory(state.settle(state.objects.get(one, MOVED))))
    base = next(blocks, None)
    return Dangling() if base is None else Pointer(base)


def _cursor(value: Value) -> Term:
    match value:
        case Scalar(term) | Aggregate(_, (_, Scalar(term), _)):  # a `Vec`
            return term
        case _:
            raise NotModelled("a cursor that is no number")


def _numbers(fields: tuple[str, ...], names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(fields.index(name.removesuffix(LENGTH)) for name in names)

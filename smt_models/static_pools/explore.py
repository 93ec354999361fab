"""Every path of every call over the statics that belong together, from any state of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from extract.mir import types as t
from extract.mir.tree import Function
from smt_models.runtime.names import plain_type
from smt_models.runtime.outcomes import Where
from smt_models.static_pools.cells import Arrays, coarse, joined, lengths, variables
from smt_models.static_pools.execute import MOST_PATHS, Executor, Path
from smt_models.static_pools.inputs import Inputs
from smt_models.static_pools.lent import Lends, Lent, another, any_element, lent_by
from smt_models.static_pools.library import MODELS
from smt_models.static_pools.loops import Arrival, GoesRound, Head, Heads, Moves
from smt_models.static_pools.owners import MOST_PLACES, Owners, Passed
from smt_models.static_pools.plain import only_reads, with_drop
from smt_models.static_pools.shapes import pointers
from smt_models.static_pools.state import Cut, Returned, State, Unmodelled, coarser
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import (
    OUTSIDE,
    Contents,
    NotModelled,
    Opaque,
    Pointer,
    Scalar,
    Struct,
    Value,
    any_numbers,
    mapped,
)
from smt_models.static_pools.values import Function as FunctionValue
from smt_models.system.terms import Term

ROUNDS = 8
COUNTS = ("capacity", "len", "length", "size")
"""Methods that say how many elements there are where a raw pointer points that an owner lends."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What is passed, for those who write the call: the type as MIR prints it, and the value. `like`: it is an element
    of this static that was lent, or another object of its type.
    """

    type: t.Type
    value: Value
    like: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """One path of a call. `function`: what is called, for the types of its arguments. `elements`: those of statics that
    it is passed. `part`: not all of the call, but up to the head of a loop, or on from there: `source` and `target`,
    names of places. `moves`: what the cells of the head become that it comes to.
    """

    entry: str
    function: Function
    path: Path
    arguments: tuple[Argument, ...]
    passed: Passed | None = None
    elements: tuple[tuple[Lent, Pointer], ...] = ()
    part: bool = False
    source: str | None = None
    target: str | None = None
    moves: Moves = ()


_Arriving = tuple[Called, Arrival | None]
"""A path, and where it comes to if that is the head of a loop."""


class Explorer:
    """`arrays`: those of which nothing but the length is kept; `lent`: elements that are known to be lent. Raises
    NotModelled, Coarser or Lends.
    """

    def __init__(
        self, subject: Subject, names: tuple[str, ...], arrays: Arrays, lent: frozenset[Lent] = frozenset()
    ) -> None:
        self._subject = subject
        self._names = names
        self._arrays = arrays
        self._lent = sorted(lent, key=repr)
        self._inputs = Inputs(subject.facts, subject.allocations, subject.sharing.types, takes_pointers=True)
        self.executor = Executor(subject.program, self._inputs, subject.known(MODELS))
        self.first = {name: self._initial(name) for name in names}
        self._dropped = with_drop(subject.program)
        self._owner_types = tuple(of for of, statics in subject.owners.items() if statics & set(names))
        self.owners = self._owners()
        self._template = dict(self.first)
        self._heads: dict[str, frozenset[Head]] = {}

    def explored(self) -> tuple[tuple[str, ...], tuple[Called, ...]]:
        """The functions that are called, and all their paths, once the shape of the statics grows no more."""
        if len(self._owner_types) > 1:
            raise NotModelled(f"owners of several types: {', '.join(one.type for one in self._owner_types)}")
        entries = self._entries()
        for _ in range(ROUNDS):
            found = tuple(one for entry in entries for one in self._all_paths(entry))
            if not self._grown([one.path for one in found]):
                self._refuse_unseen_closures()
                return entries, found
        raise NotModelled("statics whose shape keeps growing")

    def _refuse_unseen_closures(self) -> None:
        """That take an element which is lent: of one that was made on some path here it is seen that it stays here."""
        for lent in self._lent:
            for name in sorted(self._subject.sharing.closures_taking(lent.of)):
                if name.partition("::{")[0] not in self.executor.machine.entered:
                    raise NotModelled(f"a {lent.of} of a static that is lent, and that {name} takes")

    def _initial(self, name: str) -> Value:
        """What a static begins with. Where that is not known: of an array of numbers, as a table that a long loop made,
        the length; anything else has no parts, and what uses it no meaning.
        """
        item = self._subject.statics[name].item
        try:
            value = self.executor.item(name, item.value)
        except NotModelled as error:
            return any_numbers(item.type) or Opaque(error.what)
        return coarse(name, value, self._arrays)

    def _owners(self) -> Owners | None:
        """Of what these statics give: told apart as far as their longest array goes."""
        if len(self._owner_types) != 1:
            return None
        places = max((length for value in self.first.values() for length in lengths(value)), default=1)
        return Owners(self._owner_types[0], min(places, MOST_PLACES))

    def counted(self, passed: Passed | None) -> Term | None:
        """How many elements the owner that is lent says that it has: the result of its method. NotModelled where that
        depends on more than the path to here.
        """
        name = None if passed is None or passed.gone else self._counter()
        if name is None:
            return None
        assert self.owners is not None
        assert passed is not None
        state = self.state()
        of = self._subject.program.functions[name].parameters[0]
        self.executor.machine.enter(state, name, (self.owners.lent(state, of, passed.value),))
        match [path.outcome for path in self.executor.run(state)]:
            case [Returned(Scalar(term))]:
                return term
            case _:
                raise NotModelled(f"what {name} says")

    def _counter(self) -> str | None:
        """The method of an owner that says how many elements it has."""
        assert self.owners is not None
        for wanted in COUNTS:
            for name, function in self._subject.program.functions.items():
                match function.parameters:
                    case (t.Reference(_, False, target),) if (
                        plain_type(target) == self.owners.of.type
                        and function.result == t.Primitive("usize")
                        and name.rpartition("::")[2] == wanted
                    ):
                        return name
        return None

    def _entries(self) -> tuple[str, ...]:
        """With what takes a static as an argument that others can name."""
        own = {name for name in self._subject.entries if self._subject.touched[name] & set(self._names)}
        passed = (self._subject.sharing.receiving.get(name, frozenset()) for name in self._names)
        taking = (self._subject.sharing.takers(one.of) or frozenset() for one in self._lent)
        return tuple(sorted(own.union(*passed, *taking)))

    def reachable(self, name: str) -> bool:
        """Whether others can name it."""
        return name in self._subject.sharing.statics

    # Paths

    def _all_paths(self, entry: str) -> list[Called]:
        """Loops are cut that go round too often to be followed."""
        while True:
            try:
                return list(self._paths(entry))
            except GoesRound as loop:
                self._heads[entry] = self._heads.get(entry, frozenset()) | {loop.head}

    def _paths(self, entry: str) -> Iterator[Called]:
        declared = self._subject.program.functions[entry]
        touches = bool(self._subject.touched[entry])
        places = [self._places(entry, of) for of in declared.parameters]
        for which, statics in enumerate(product(*places)):
            if not touches and not any(statics) and any(len(one) > 1 for one in places):
                continue  # none of these statics is there
            function = self.executor.machine.body(entry, tuple(map(self._type_of, statics)))
            state = self.state()
            state.where = Where(entry, 0, "its arguments")
            passed: Passed | None = None
            elements: list[tuple[Lent, Pointer]] = []
            try:
                given = []
                for number_, (of, static) in enumerate(zip(function.parameters, statics, strict=True), 1):
                    name = function.body.name_of(number_) or f"argument {number_}"
                    if isinstance(static, Lent):
                        elements.append((static, any_element(state, static, name)))
                        given.append(Argument(of, elements[-1][1], static.static))
                    elif static is not None:
                        given.append(Argument(of, Pointer(static)))
                    elif (other := self._taken_as(of)) is not None:
                        given.append(Argument(of, another(state, other), other.static))
                    elif self.owners is not None and self.owners.of.is_lent_or_passed(of):
                        if passed is not None:
                            raise NotModelled(f"more than one {self.owners.of.type}")
                        passed, value = self.owners.any_that_is_out(state, of, entry)
                        given.append(Argument(of, value))
                    else:
                        given.append(Argument(of, self._inputs.any_of(state, of, name)))
                values = tuple(one.value for one in given)
                self.executor.machine.enter(state, entry, values, types=tuple(map(self._type_of, statics)))
            except NotModelled as error:
                yield Called(entry, function, Path(Unmodelled(error.what), state), ())
                continue
            call = Called(entry, function, Path(Cut(), state), tuple(given), passed, tuple(elements))
            yield from self._followed(call, state, f"{plain_name(entry)} {which}" if which else plain_name(entry))

    def _followed(self, call: Called, state: State, name: str) -> Iterator[Called]:
        """All paths from the start of a call, and from the heads where loops are cut. `name`: of this call alone."""
        heads = Heads(self._subject.program, name)
        state.heads = self._heads.get(call.entry, frozenset())
        begins: list[_Arriving] = []
        for path in self.executor.run(state):
            if isinstance(path.outcome, Cut):
                begins.append(self._come_to(heads, replace(call, part=True), path))
            else:
                begins.append((replace(call, path=self._checked(path, call.function)), None))
        parts: dict[str, list[_Arriving]] = {}
        on = Called(call.entry, call.function, call.path, (), part=True)
        paths = 0
        while heads.waiting:
            if paths > MOST_PATHS:
                why = f"more than {MOST_PATHS} paths from the heads of loops"
                begins.append((replace(on, path=Path(Unmodelled(why), self.state())), None))
                parts.clear()
                break
            place = heads.waiting.pop(0)
            begun = heads.begun(place, self.state())
            begun.heads = state.heads
            here = replace(on, source=heads.places[place].name)
            parts[place] = [
                self._come_to(heads, here, path)
                if isinstance(path.outcome, Cut)
                else (replace(here, path=self._ended(self._checked(path, call.function))), None)
                for path in self.executor.run(begun)
            ]
            paths += len(parts[place])
        for found in (begins, *parts.values()):
            for one, arrival in found:
                yield (
                    one
                    if arrival is None
                    else replace(one, target=heads.places[arrival.place].name, moves=heads.moves(arrival))
                )

    def _come_to(self, heads: Heads, call: Called, path: Path) -> _Arriving:
        """A path up to the head of a loop: what is followed from call to call is not followed through it."""
        state = path.state
        own = {base for frame in state.frames for base in frame.locals.values()}
        others = [value for base, value in state.objects.items() if base not in own]
        try:
            if call.passed is not None or call.elements or any(one.like is not None for one in call.arguments):
                raise NotModelled("a loop that goes round often, where an owner or an element that is lent is passed")
            local = (value for base, value in state.objects.items() if isinstance(base, int))
            if state.owned_in(local, state.owners | state.dropped):  # a guard is two places, which stay
                raise NotModelled("a loop that goes round often, while an owner is held")
            for value in others:
                self._refuse_given_away(value)
            self._refuse_local(state)
            for base, value in state.objects.items():
                if isinstance(base, int) and base not in own:
                    self._keep(value, state)
            return replace(call, path=path), heads.come_to(state)
        except NotModelled as error:
            return replace(call, path=replace(path, outcome=Unmodelled(error.what))), None

    def _ended(self, path: Path) -> Path:
        """A path from the head of a loop to the end of the call: it has no arguments by which a block is known."""
        if isinstance(path.outcome, Returned):
            value = path.outcome.value
            if path.state.owned_in((value,)) or any(isinstance(one.base, str) for one in pointers(value)):
                return replace(path, outcome=Unmodelled("what is given back after a loop that goes round often"))
        return path

    def _type_of(self, static: str | Lent | None) -> t.Type | None:
        """Of a reference to it."""
        return (
            None if not isinstance(static, str) else t.Reference(None, False, self._subject.statics[static].item.type)
        )

    def _places(self, entry: str, of: t.Type) -> list[str | Lent | None]:
        """The statics that a reference of this type can be to, or to elements of which; None: it is none, or to another
        object.
        """
        same: list[str | Lent | None] = []
        if isinstance(of, t.Reference):
            same += [name for name in self._names if self._is_of(entry, name, of.target)]
            same += [one for one in self._lent if one.is_taken_as(of)]
        return [*same, None]

    def _taken_as(self, of: t.Type) -> Lent | None:
        return next((one for one in self._lent if one.is_taken_as(of)), None)

    def _is_of(self, entry: str, name: str, of: t.Type) -> bool:
        type_ = self._subject.statics[name].item.type
        return self.reachable(name) and self.executor.machine.is_for(entry, of, type_)

    def state(self) -> State:
        """Any state of the statics."""
        state = State(owners=frozenset(one.type for one in self._owner_types), dropped=self._dropped)
        for name in self._names:
            frozen = self._subject.statics[name].frozen
            state.objects[name] = self.first[name] if frozen else variables(plain_name(name), self._template[name])
        return state

    def _checked(self, path: Path, function: Function) -> Path:
        """That nothing is given away by which others could write cells: no pointer to one, and no closure that does."""
        if isinstance(path.outcome, Returned):
            try:
                for value in (path.outcome.value, *path.state.objects.values()):
                    self._refuse_given_away(value)
                self._refuse_local(path.state)
                self._refuse_lent(function.result, path)
                if not only_reads(function.result):
                    self._keep(path.outcome.value, path.state)
                for base, value in path.state.objects.items():
                    if isinstance(base, int):
                        self._keep(value, path.state)
            except NotModelled as error:
                return replace(path, outcome=Unmodelled(error.what))
        return path

    def _refuse_local(self, state: State) -> None:
        """In a static: objects have other numbers in the next step."""
        if any(isinstance(one.base, int) for name in self._names for one in pointers(state.objects[name])):
            raise NotModelled("a static that points at a local or constant")

    def _refuse_given_away(self, value: Value) -> None:
        mapped(value, _refuse_outside)
        mapped(value, self._refuse_closure)

    def _refuse_closure(self, value: Value) -> Value | None:
        """What takes an element that is lent, and is given away."""
        if isinstance(value, FunctionValue | Struct) and self._lent:
            name = value.name if isinstance(value, FunctionValue) else self._subject.program.closures.get(value.type)
            if name is not None:
                raise NotModelled(f"the function {name} as a value, where elements of statics are lent")
        return None

    def _refuse_lent(self, of: t.Type, path: Path) -> None:
        """Of a static of which it is seen who is called with it: what is lent of it might be passed on, too."""
        assert isinstance(path.outcome, Returned)
        found: list[Pointer] = []

        def look(one: Value) -> Value | None:
            if isinstance(one, Pointer) and self._is_written(one.base):
                found.append(one)
            return None

        mapped(path.outcome.value, look)
        for name in self._subject.sharing.lent(of) if found else ():
            for one in found:
                lent = None if self._subject.sharing.takers(name) is None else lent_by(path.state, one, name)
                if lent is None:
                    raise NotModelled(f"a {name} of a static that is lent, and that functions take")
                if lent not in self._lent:
                    raise Lends(lent)

    def _keep(self, value: Value, state: State) -> None:
        def look(one: Value) -> Value | None:
            if isinstance(one, Pointer) and self._is_written(one.base) and not _in_contents(state, one):
                coarser(one, "a pointer is given away")
            if isinstance(one, Struct) and self._touches(one.type):
                raise NotModelled(f"the closure at {one.type}, which touches statics and is given away")
            return None

        mapped(value, look)

    def _touches(self, closure: str) -> bool:
        name = self._subject.program.closures.get(closure)
        return name is not None and bool(self._subject.touched[name])

    def _is_written(self, base: int | str) -> bool:
        return isinstance(base, str) and not self._subject.statics[base].frozen

    def _grown(self, paths: list[Path]) -> bool:
        before = dict(self._template)
        for path in paths:
            if isinstance(path.outcome, Returned | Cut):
                for name in self._names:
                    self._template[name] = joined(self._template[name], path.state.objects[name])
        shapes = {name: variables(name, self._template[name]) for name in self._names}
        return shapes != {name: variables(name, before[name]) for name in self._names}


def plain_name(name: str) -> str:
    """No sign of certificates' own stands in it."""
    return name.replace("@", " at ")


def _refuse_outside(part: Value) -> None:
    """What comes back by it may be a block that was handed out before."""
    if part == OUTSIDE:
        raise NotModelled(f"{OUTSIDE.what} that is kept or given back")


def _in_contents(state: State, place: Pointer) -> bool:
    return any(
        isinstance(state.read(Pointer(place.base, place.path[:n])), Contents) for n in range(len(place.path) + 1)
    )

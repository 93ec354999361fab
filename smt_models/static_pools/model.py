"""The statics that belong together as a transition system: any calls in any order, each with any arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from extract.mir import types as t
from extract.mir.show import show_type
from smt_models.pools import conditions as c
from smt_models.pools.steps import PoolStep
from smt_models.runtime.names import plain_path, plain_type
from smt_models.runtime.outcomes import Where
from smt_models.static_pools.blocks import Given, chosen, ghost_of, given_by, misaligned, overlaps
from smt_models.static_pools.cells import Arrays, coarse, first_values, has_array, joined, leaves, variables
from smt_models.static_pools.execute import Executor, Path
from smt_models.static_pools.inputs import HIDDEN, Inputs
from smt_models.static_pools.library import MODELS
from smt_models.static_pools.state import Broken, Coarser, Panicked, Returned, State, Unmodelled, coarser
from smt_models.static_pools.subject import Subject, is_plain
from smt_models.static_pools.values import Contents, NotModelled, Pointer, Scalar, Struct, Sum, Value, mapped
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Term,
    Variable,
    choose,
    conjunction,
    either,
    equal,
    literal,
    negation,
)

KINDS = (c.INDEX, c.RANGE, c.ALIGNED, c.DISJOINT)
MOST_CELLS = 600
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Argument:
    """What is passed, for those who write the call: the type as MIR prints it, and the value."""

    type: t.Type
    value: Value


@dataclass(frozen=True, slots=True)
class CallStep:
    """`asked`: kind and static of what is checked on this path. `exact`: the model says no more than the code does.
    `given`: the block that it hands out.
    """

    step: PoolStep
    arguments: tuple[Argument, ...]
    asked: frozenset[tuple[str, str]]
    exact: bool
    what: str
    where: Where
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class StaticPools:
    """`pools`: the statics with an array. `kinds`: the conditions of the system, but for that something has no model:
    of each pool `KIND of POOL`.
    """

    names: tuple[str, ...]
    pools: tuple[str, ...]
    calls: tuple[CallStep, ...]
    system: System
    cells: tuple[tuple[Variable, int | bool | None], ...]
    entries: tuple[str, ...]
    trusted: tuple[str, ...]
    coarse: tuple[str, ...]

    @property
    def sized(self) -> tuple[str, ...]:
        """Functions of which a parameter says how long the blocks are that they hand out."""
        return tuple(sorted({one.step.call for one in self.calls if one.given is not None and one.given.named}))

    @property
    def steps(self) -> tuple[PoolStep, ...]:
        return tuple(one.step for one in self.calls)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(condition(kind, pool) for pool in self.pools for kind in KINDS)


def condition(kind: str, pool: str) -> str:
    return f"{kind} of {pool}"


def groups(subject: Subject) -> tuple[tuple[str, ...], ...]:
    """Statics that some call touches together, sorted."""
    found: list[set[str]] = []
    for entry in subject.entries:
        touched = set(subject.touched[entry])
        for one in [one for one in found if one & touched]:
            found.remove(one)
            touched |= one
        found.append(touched)
    return tuple(sorted(tuple(sorted(one)) for one in found))


def pools_of(subject: Subject, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those with an array, or of which that is not known."""
    return tuple(name for name in names if _may_have_array(subject, name))


def _may_have_array(subject: Subject, name: str) -> bool:
    executor = Executor(subject.program, Inputs(subject.facts, subject.allocations), MODELS)
    try:
        return has_array(executor.item(name, subject.statics[name].item.value))
    except NotModelled:
        return True


def model_of(subject: Subject, names: tuple[str, ...]) -> StaticPools:
    """Raises LookupError with what stands in the way of any model."""
    arrays: Arrays = frozenset()
    while True:
        try:
            return _Builder(subject, names, arrays).model()
        except Coarser as error:
            arrays |= {error.array}
        except NotModelled as error:
            raise LookupError(error.what) from error


class _Builder:
    def __init__(self, subject: Subject, names: tuple[str, ...], arrays: Arrays) -> None:
        self._subject = subject
        self._names = names
        self._arrays = arrays
        shared = {plain_type(one.item.type) for one in subject.statics.values() if one.open is not None}
        self._inputs = Inputs(subject.facts, subject.allocations, frozenset(shared))
        self._executor = Executor(subject.program, self._inputs, MODELS)
        self._first = {name: self._initial(name) for name in names}
        self._template = dict(self._first)

    def _initial(self, name: str) -> Value:
        return coarse(name, self._executor.item(name, self._subject.statics[name].item.value), self._arrays)

    def model(self) -> StaticPools:
        entries = self._entries()
        for _ in range(ROUNDS):
            paths = [(entry, path, arguments) for entry in entries for path, arguments in self._paths(entry)]
            if not self._grown([path for _, path, _ in paths]):
                return self._built(entries, paths)
        raise NotModelled("statics whose shape keeps growing")

    def _entries(self) -> tuple[str, ...]:
        """With what takes a static as an argument that others can name."""
        own = {name for name in self._subject.entries if self._subject.touched[name] & set(self._names)}
        shared = [show_type(self._subject.statics[name].item.type) for name in self._names if self._reachable(name)]
        for name, function in self._subject.program.functions.items():
            taken = [show_type(one) for one in function.parameters]
            if any(one in text for one in shared for text in taken) and self._subject.is_open(name):
                own.add(name)
        return tuple(sorted(own))

    def _reachable(self, name: str) -> bool:
        return self._subject.statics[name].open is not None

    # Paths

    def _paths(self, entry: str) -> Iterator[tuple[Path, tuple[Argument, ...]]]:
        function = self._subject.program.functions[entry]
        for statics in product(*map(self._places, function.parameters)):
            state = self._state()
            try:
                given = []
                for number_, (of, static) in enumerate(zip(function.parameters, statics, strict=True), 1):
                    name = function.body.name_of(number_) or f"argument {number_}"
                    value = self._inputs.any_of(state, of, name) if static is None else Pointer(static)
                    given.append(Argument(of, value))
                self._executor.machine.enter(state, entry, tuple(one.value for one in given))
            except NotModelled as error:
                yield Path(Unmodelled(f"{error.what} as an argument"), state), ()
                continue
            for path in self._executor.run(state):
                yield self._checked(path, entry), tuple(given)

    def _places(self, of: t.Type) -> list[str | None]:
        """The statics that a reference of this type can be to; None: it is none, or to another object."""
        same: list[str | None] = []
        if isinstance(of, t.Reference):
            same += [name for name in self._names if self._is_of(name, of.target)]
        return same or [None]

    def _is_of(self, name: str, of: t.Type) -> bool:
        return self._reachable(name) and self._subject.statics[name].item.type == of

    def _state(self) -> State:
        state = State()
        for name in self._names:
            frozen = self._subject.statics[name].frozen
            state.objects[name] = self._first[name] if frozen else variables(_plain(name), self._template[name])
        return state

    def _checked(self, path: Path, entry: str) -> Path:
        """That nothing is given away by which others could write cells."""
        if isinstance(path.outcome, Returned):
            try:
                if not _only_reads(self._subject.program.functions[entry].result):
                    self._keep(path.outcome.value, path.state)
                for base, value in path.state.objects.items():
                    if isinstance(base, int):
                        self._keep(value, path.state)
            except NotModelled as error:
                return replace(path, outcome=Unmodelled(error.what))
        return path

    def _keep(self, value: Value, state: State) -> None:
        def look(one: Value) -> Value | None:
            if isinstance(one, Pointer) and self._is_written(one.base) and not _in_contents(state, one):
                coarser(one, "a pointer is given away")
            return None

        mapped(value, look)

    def _is_written(self, base: int | str) -> bool:
        return isinstance(base, str) and not self._subject.statics[base].frozen

    def _grown(self, paths: list[Path]) -> bool:
        before = dict(self._template)
        for path in paths:
            if isinstance(path.outcome, Returned):
                for name in self._names:
                    self._template[name] = joined(self._template[name], path.state.objects[name])
        shapes = {name: variables(name, self._template[name]) for name in self._names}
        return shapes != {name: variables(name, before[name]) for name in self._names}

    # The system

    def _built(self, entries: tuple[str, ...], paths: list[tuple[str, Path, tuple[Argument, ...]]]) -> StaticPools:
        start = self._state()
        live = [name for name in self._names if not self._subject.statics[name].frozen]
        pools = tuple(name for name in self._names if has_array(self._first[name]))
        first: dict[Variable, int | bool | None] = {}
        for name in live:
            first |= {variable: None for variable, _ in leaves(start.objects[name], start.objects[name])}
            first |= dict(first_values(start.objects[name], self._first[name]))
        for pool in pools:
            first |= {one: False if one.sort == BOOLEAN else 0 for one in ghost_of(pool).variables}
        if len(first) > MOST_CELLS:
            raise NotModelled(f"more than {MOST_CELLS} cells")
        names = tuple(condition(kind, pool) for pool in pools for kind in KINDS)
        flags = tuple(c.flag(name) for name in (*names, c.UNMODELLED))
        calls = [self._call(n, entry, path, given, start, pools) for n, (entry, path, given) in enumerate(paths)]
        calls += [self._outside(name, start) for name in live if self._writable(name)]
        system = System(
            f"statics {', '.join(self._names)}",
            (*first, *flags),
            conjunction((*(_begins(one, value) for one, value in first.items()), *map(negation, flags))),
            tuple(one.step.step for one in calls),
            tuple(Bad(name, c.flag(name)) for name in (*names, c.UNMODELLED)),
        )
        return StaticPools(
            self._names,
            pools,
            tuple(calls),
            system,
            tuple(first.items()),
            entries,
            tuple(sorted(self._executor.machine.trusted)),
            tuple(sorted(name for name, _ in self._arrays)),
        )

    def _call(
        self,
        number_: int,
        entry: str,
        path: Path,
        given: tuple[Argument, ...],
        start: State,
        pools: tuple[str, ...],
    ) -> CallStep:
        state, updates, what = path.state, [], ""
        block: Given | None = None
        match path.outcome:
            case Returned(value):
                try:
                    updates = self._updates(start, state)
                    function = self._subject.program.functions[entry]
                    block = given_by(state, function, tuple(one.value for one in given), value)
                    if block is not None and block.pool in pools:
                        updates += self._handed_out(block, state)
                        what = f"a block of {block.pool}"
                except NotModelled as error:
                    what, updates = error.what, [(c.flag(c.UNMODELLED).name, TRUE)]
            case Broken(kind, why, pool):
                about = [pool] if pool in pools else list(pools)
                updates = [(c.flag(condition(kind, one)).name, TRUE) for one in about]
                what = why
            case Unmodelled(why):
                what, updates = why, [(c.flag(c.UNMODELLED).name, TRUE)]
            case Panicked():
                pass  # the program ends, and nothing is different before that
        step = Step(
            f"{_plain(entry)} {number_}", _plain(entry), str(state.where), Actor.CLIENT, state.inputs,
            conjunction(state.condition), tuple(updates),
        )  # fmt: skip
        exact = not any(one.name.startswith(("contents", HIDDEN)) for one in state.inputs)
        terms = tuple(term for one in given for term in numbers_of(one.value))
        return CallStep(PoolStep(step, entry, terms, None), given, state.asked, exact, what, state.where, block)

    def _handed_out(self, block: Given, state: State) -> list[tuple[str, Term]]:
        """What is wrong with a block, and that it may be the one that is looked at."""
        pool, ghost = block.pool, ghost_of(block.pool)
        state.asked |= {(c.RANGE, pool), (c.DISJOINT, pool)}
        state.inputs = (*state.inputs, ghost.chosen)
        broken = [(c.RANGE, negation(block.inside)), (c.DISJOINT, overlaps(block, ghost))]
        if block.alignment is not None and pool in self._subject.alignments:
            state.asked |= {(c.ALIGNED, pool)}
            broken.append((c.ALIGNED, misaligned(block, self._subject.alignments[pool])))
        taken = chosen(ghost)
        return [
            *((c.flag(condition(kind, pool)).name, when) for kind, when in broken if when != FALSE),
            (ghost.live.name, either(ghost.live, taken)),
            (ghost.at.name, choose(taken, block.at, ghost.at)),
            (ghost.size.name, choose(taken, block.size, ghost.size)),
        ]

    def _updates(self, start: State, state: State) -> list[tuple[str, Term]]:
        found: list[tuple[str, Term]] = []
        for name in self._names:
            if not self._subject.statics[name].frozen:
                for variable, term in leaves(start.objects[name], state.objects[name]):
                    if term != variable:
                        found.append((variable.name, term))
        return found

    def _writable(self, name: str) -> bool:
        """Whether others can write its cells without a call: unless all that it holds is private."""
        if not self._reachable(name):
            return False
        of = self._subject.statics[name].item.type
        for one in self._subject.facts.structs:
            if isinstance(of, t.PathType) and one.path.removeprefix("crate::") == plain_path(of.path):
                return self._subject.statics[name].item.kind.value == "static mut" or any(
                    field.visible == "pub" for field in one.fields
                )
        return True

    def _outside(self, name: str, start: State) -> CallStep:
        cells = [one for one, _ in leaves(start.objects[name], start.objects[name])]
        inputs = tuple(Variable(f"{one.name} from outside", one.sort) for one in cells)
        updates = tuple((one.name, new) for one, new in zip(cells, inputs, strict=True))
        called = f"others write {_plain(name)}"
        step = Step(called, called, name, Actor.HOST, inputs, TRUE, updates)
        return CallStep(PoolStep(step, called, (), None), (), frozenset(), False, "", Where(name, 0, name))


def _begins(variable: Variable, value: int | bool | None) -> Term:
    if value is None:
        return TRUE
    return equal(variable, literal(value, variable.sort))


def _plain(name: str) -> str:
    """No sign of certificates' own stands in it."""
    return name.replace("@", " at ")


def numbers_of(value: Value) -> Iterator[Term]:
    """The numbers that a caller chooses, in the order in which they are written."""
    match value:
        case Scalar(term):
            yield term
        case Struct(_, fields):
            for one in fields:
                yield from numbers_of(one)
        case Sum(_, tag, payloads):
            yield tag
            for _, fields in payloads:
                for one in fields:
                    yield from numbers_of(one)
        case _:
            pass


def _only_reads(of: t.Type) -> bool:
    """Nobody can write through it."""
    match of:
        case t.Reference(_, False, target):
            return is_plain(target)
        case t.Tuple(elements):
            return all(map(_only_reads, elements))
        case t.PathType(t.Path((*_, t.Name("Option", (inner,))))) if plain_type(of) == "core::option::Option":
            return isinstance(inner, t.Reference | t.Primitive) and _only_reads(inner)
        case _:
            return is_plain(of)


def _in_contents(state: State, place: Pointer) -> bool:
    return any(
        isinstance(state.read(Pointer(place.base, place.path[:n])), Contents) for n in range(len(place.path) + 1)
    )

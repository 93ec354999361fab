"""The statics that belong together as a transition system: any calls in any order, each with any arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from extract.mir import types as t
from smt_models.pools import conditions as c
from smt_models.pools.steps import PoolStep
from smt_models.runtime.names import plain_path
from smt_models.runtime.outcomes import Where
from smt_models.static_pools.alignment import alignment_of
from smt_models.static_pools.blocks import (
    Ghost,
    Given,
    Way,
    array_of,
    ghost_of,
    ghost_updates,
    given_by,
    misaligned,
    overlaps,
)
from smt_models.static_pools.cells import Arrays, first_values, has_array, heaviest, leaves, plain_arrays, variables
from smt_models.static_pools.explore import Argument, Called, Explorer, plain_name
from smt_models.static_pools.influence import that_matter
from smt_models.static_pools.inputs import CONTENTS_NAME, HIDDEN
from smt_models.static_pools.lent import Lends, Lent, is_of_what_was_passed
from smt_models.static_pools.loops import ENDED, is_at, number_of, under_way
from smt_models.static_pools.owners import Made, Owners, Passed, lends, made_in
from smt_models.static_pools.plain import with_drop
from smt_models.static_pools.shapes import pointers
from smt_models.static_pools.state import Broken, Coarser, Cut, Panicked, Returned, State, Unmodelled
from smt_models.static_pools.subject import Subject
from smt_models.static_pools.values import GUARDS, REF_CELL, NotModelled, Opaque, Pointer, Scalar, Struct, Sum, Value
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Term,
    Variable,
    both,
    conjunction,
    equal,
    literal,
    negation,
    variables_of,
)

KINDS = (c.INDEX, c.RANGE, c.ALIGNED, c.DISJOINT)
MOST_CELLS = 600
MOST_LOCALS = 100


@dataclass(frozen=True, slots=True)
class CallStep:
    """`asked`: kind and static of what is checked on this path. `exact`: the model says no more than the code does.
    `part`: of a call, up to the head of a loop or on from there. `given`: the block that it hands out. `passed`,
    `made`: the owner that it is given, and the one that it gives.
    """

    step: PoolStep
    arguments: tuple[Argument, ...]
    asked: frozenset[tuple[str, str]]
    exact: bool
    what: str
    where: Where
    part: bool = False
    given: Given | None = None
    passed: Passed | None = None
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class StaticPools:
    """`pools`: the statics with an array. `kinds`: the conditions of the system, but for that something has no model:
    of each pool `KIND of POOL`. `cells`: the state, with what it begins with; of which `locals` are numbers of calls
    under way, at heads of loops, and `places` the names of these heads. `handed`: the arrays of each static of which
    blocks are handed out.
    """

    names: tuple[str, ...]
    pools: tuple[str, ...]
    calls: tuple[CallStep, ...]
    system: System
    cells: tuple[tuple[Variable, int | bool | None], ...]
    entries: tuple[str, ...]
    trusted: tuple[str, ...]
    coarse: tuple[str, ...]
    locals: frozenset[Variable] = frozenset()
    places: tuple[str, ...] = ()
    owners: Owners | None = None
    handed: Mapping[str, tuple[Way, ...]] = field(default_factory=dict)

    def ghost(self, pool: str) -> Ghost:
        return ghost_of(pool, self.owners, self.handed.get(pool, ()))

    def blocks_in(self, pool: str) -> Iterator[tuple[Term, tuple[CallStep, ...]]]:
        """Of each array of which blocks are handed out: that the one which is looked at is one of these, and the calls
        that hand them out.
        """
        ghost = self.ghost(pool)
        giving = [one for one in self.calls if one.given is not None and one.given.pool == pool]
        if ghost.array is None:
            yield ghost.live, tuple(giving)
        for array in ghost.arrays:
            here = tuple(one for one in giving if one.given is not None and one.given.array == array)
            yield both(ghost.live, ghost.is_in(array)), here

    @property
    def of_statics(self) -> tuple[Variable, ...]:
        """The cells that are numbers of the statics."""
        others = {one for pool in self.pools for one in self.ghost(pool).variables} | self.locals
        others |= set(self.owners.variables) if self.owners is not None else set()
        others |= self.under_way
        return tuple(one for one, _ in self.cells if one not in others)

    @property
    def under_way(self) -> frozenset[Variable]:
        """The cells that say at which heads calls are."""
        return frozenset(map(under_way, self.places))

    @property
    def sized(self) -> tuple[str, ...]:
        """Functions of which a parameter says how long the blocks are that they hand out."""
        return tuple(sorted({one.step.call for one in self.calls if one.given is not None and one.given.named}))

    @property
    def counted(self) -> tuple[str, ...]:
        """Functions that hand out blocks of which their owner says how long they are."""
        return tuple(sorted({one.step.call for one in self.calls if one.given is not None and one.given.counted}))

    @property
    def steps(self) -> tuple[PoolStep, ...]:
        return tuple(one.step for one in self.calls)

    @property
    def of_whole_calls(self) -> StaticPools:
        """Without parts of calls, which come last."""
        return self._of(tuple(one for one in self.calls if not one.part))

    @property
    def of_exact_calls(self) -> StaticPools:
        """Without those either of which the model says more than the code does, which come before them."""
        return self._of(tuple(one for one in self.calls if one.exact))

    @property
    def of_known_numbers(self) -> StaticPools:
        """Without those in which it makes a difference what is read of an array whose elements are not kept."""
        return self._of(tuple(one for one in self.calls if not any(map(_is_of_contents, _read_by(one.step.step)))))

    @property
    def in_any_round(self) -> StaticPools:
        """With any numbers of calls where they come to heads of loops, as though they had gone round any number of
        times.
        """
        return self._of(tuple(_with_any_there(self.locals, one) for one in self.calls))

    def _of(self, calls: tuple[CallStep, ...]) -> StaticPools:
        return replace(self, calls=calls, system=replace(self.system, steps=tuple(one.step.step for one in calls)))

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(condition(kind, pool) for pool in self.pools for kind in KINDS)


def condition(kind: str, pool: str) -> str:
    return f"{kind} of {pool}"


def groups(subject: Subject) -> tuple[tuple[str, ...], ...]:
    """Statics that some call touches together, or may be passed, sorted."""
    found: list[set[str]] = []
    together = [set(subject.touched[entry]) for entry in subject.entries]
    together += [
        {name}.union(*(subject.touched[one] for one in given))
        for name, given in subject.sharing.receiving.items()
        if given
    ]
    for touched in together:
        for one in [one for one in found if one & touched]:
            found.remove(one)
            touched |= one
        found.append(touched)
    return tuple(sorted(tuple(sorted(one)) for one in found))


def pools_of(subject: Subject, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those with an array, or of which that is not known."""
    return _pools(subject, Explorer(subject, names, frozenset()))


def _pools(subject: Subject, explorer: Explorer) -> tuple[str, ...]:
    first = explorer.first.items()
    return tuple(name for name, value in first if _may_have_array(subject.statics[name].item.type, value))


def _may_have_array(of: t.Type, first: Value) -> bool:
    if isinstance(first, Opaque):
        return not isinstance(of, t.Primitive | t.Reference | t.RawPointer)
    return has_array(first)


Influence = Callable[[Iterable[Variable], tuple[Step, ...]], frozenset[str]]


def models_of(subject: Subject, names: tuple[str, ...]) -> tuple[StaticPools, ...]:
    """All that proofs are about. Raises LookupError if there is none."""
    coarse = without_elements(subject, names)
    try:
        return tuple(one for one in (coarse, model_of(subject, names)) if one is not None)
    except LookupError:
        if coarse is None:
            raise
        return (coarse,)


def without_elements(subject: Subject, names: tuple[str, ...]) -> StaticPools | None:
    """Of arrays of numbers, and of records of numbers, no more than the lengths: what is read there may be anything, so
    that this model allows all that the code does and more. None where there is no such array, or no model, or where
    owners are followed, which such arrays tell apart.
    """
    explorer = Explorer(subject, names, frozenset())
    live = [name for name in names if not subject.statics[name].frozen]
    followed = with_drop(subject.program) | GUARDS | {REF_CELL}
    arrays = frozenset(one for name in live for one in plain_arrays(name, explorer.first[name], followed))
    if not arrays or explorer.owners is not None:
        return None
    try:
        return model_of(subject, names, arrays=arrays)
    except LookupError:
        return None


def model_of(
    subject: Subject, names: tuple[str, ...], influence: Influence = that_matter, arrays: Arrays = frozenset()
) -> StaticPools:
    """`influence`: which cells the model has; `arrays`: of which no element is kept, whatever the others are. Raises
    LookupError with what stands in the way of any model.
    """
    if subject.program.shadowing is not None:
        raise LookupError(subject.program.shadowing)
    if subject.passed_over is not None:
        raise LookupError(subject.passed_over)
    for name in names:
        if name in subject.program.doubled:
            raise LookupError(f"several statics are called {name}")
        if subject.is_in_assembly(name):
            raise LookupError(f"{name}, which assembly names")
    lent: frozenset[Lent] = frozenset()
    while True:
        try:
            builder = _Builder(subject, names, arrays, lent, influence)
            heavy = builder.too_heavy()
            if not heavy:
                return builder.model()
            arrays |= heavy
        except Lends as seen:
            lent |= {seen.lent}
        except Coarser as error:
            if error.array in arrays:  # nothing of it is kept already
                raise LookupError(str(error)) from error
            arrays |= {error.array}
        except NotModelled as error:
            raise LookupError(error.what) from error


class _Builder:
    def __init__(
        self, subject: Subject, names: tuple[str, ...], arrays: Arrays, lent: frozenset[Lent], influence: Influence
    ) -> None:
        self._subject = subject
        self._influence = influence
        self._names = names
        self._arrays = arrays
        self._explorer = Explorer(subject, names, arrays, lent)
        self._owners = self._explorer.owners
        self._handed: dict[str, tuple[Way, ...]] = {}

    def too_heavy(self) -> Arrays:
        """Arrays of which the elements cannot be kept, as there are too many cells with them."""
        live = {name: self._explorer.first[name] for name in self._names if not self._subject.statics[name].frozen}
        shapes = [variables(name, value) for name, value in live.items()]
        cells = sum(len(list(leaves(one, one))) for one in shapes)
        return heaviest(live) if cells > MOST_CELLS else frozenset()

    def model(self) -> StaticPools:
        entries, paths = self._explorer.explored()
        start = self._explorer.state()
        live = [name for name in self._names if not self._subject.statics[name].frozen]
        pools = _pools(self._subject, self._explorer)
        self._handed = arrays_handed_out(pools, paths)
        first: dict[Variable, int | bool | None] = {}
        for name in live:
            first |= {variable: None for variable, _ in leaves(start.objects[name], start.objects[name])}
            first |= dict(first_values(start.objects[name], self._explorer.first[name]))
        cells = tuple(first)
        for pool in pools:
            first |= _nothing(self._ghost(pool).variables)
        if self._owners is not None:
            first |= _nothing(self._owners.variables)
        if len(first) > MOST_CELLS:
            raise NotModelled(f"more than {MOST_CELLS} cells")
        locals_ = tuple(dict.fromkeys(one for called in paths for one, _ in called.moves))
        followed = locals_ if len(locals_) <= min(MOST_LOCALS, MOST_CELLS - len(first)) else ()
        cells, first = (*cells, *followed), first | _nothing(followed)
        places = tuple(dict.fromkeys(one.target for one in paths if one.target is not None))
        first |= _nothing(tuple(map(under_way, places)))
        names = tuple(condition(kind, pool) for pool in pools for kind in KINDS)
        flags = tuple(c.flag(name) for name in (*names, c.UNMODELLED))
        calls = [self._call(n, one, start, pools) for n, one in enumerate(paths)]
        calls = calls if followed else [_with_any(frozenset(locals_), one) for one in calls]
        calls += [self._outside(name, start) for name in live if self._writable(name)]
        calls.sort(key=lambda one: (one.part, not one.exact))
        matter = self._influence(cells, tuple(one.step.step for one in calls))
        gone = {one.name for one in cells} - matter
        calls = [_without(gone, one) for one in calls]
        first = {one: value for one, value in first.items() if one.name not in gone}
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
            tuple(sorted(self._explorer.executor.machine.trusted)),
            tuple(sorted(name for name, _ in self._arrays)),
            frozenset(followed),
            places,
            self._owners,
            self._handed,
        )

    def _ghost(self, pool: str) -> Ghost:
        return ghost_of(pool, self._owners, self._handed.get(pool, ()))

    def _call(self, number_: int, called: Called, start: State, pools: tuple[str, ...]) -> CallStep:
        state, given = called.path.state, called.arguments
        try:
            updates, what, block, made = self._outcome(called, start, pools)
        except NotModelled as error:
            updates, what, block, made = _lost(), error.what, None, None
        guard = conjunction(state.condition)
        if called.source is not None:
            guard = both(is_at(called.source), guard)
        if called.target is not None:
            updates.append((under_way(called.target).name, number_of(called.target)))
        elif called.source is not None and isinstance(called.path.outcome, Returned):
            updates.append((under_way(called.source).name, ENDED))
        step = Step(
            f"{plain_name(called.entry)} {number_}", plain_name(called.entry), str(state.where), Actor.CLIENT,
            state.inputs, guard, tuple(updates),
        )  # fmt: skip
        exact = not called.part and not any(one.name.startswith((CONTENTS_NAME, HIDDEN)) for one in state.inputs)
        if called.entry in self._subject.referenced and not self._subject.is_open(called.entry):
            exact = False  # whoever is given it may call it, at any time or never
        terms = tuple(term for one in given for term in numbers_passed(one))
        made_step = PoolStep(step, called.entry, terms, None)
        return CallStep(
            made_step, given, state.asked, exact, what, state.where, called.part, block, called.passed, made
        )

    def _outcome(
        self, called: Called, start: State, pools: tuple[str, ...]
    ) -> tuple[list[tuple[str, Term]], str, Given | None, Made | None]:
        """What a path changes, what there is to say of it, and what it hands out."""
        match called.path.outcome:
            case Returned() if called.part:
                return self._updates(start, called.path.state), "the end of a loop", None, None
            case Returned(value):
                return self._returned(called, value, start, pools)
            case Broken(_, _, ""):  # it panics, and nothing is different before that
                return [], "", None, None
            case Broken(kind, why, pool):
                about = [pool] if pool in pools else list(pools)
                return [(c.flag(condition(kind, one)).name, TRUE) for one in about], why, None, None
            case Unmodelled(why):
                return _lost(), why, None, None
            case Cut():
                moves = [(one.name, term) for one, term in called.moves]
                return [*self._updates(start, called.path.state), *moves], "a loop that goes on", None, None
            case Panicked():  # the program ends, and nothing is different before that
                return [], "", None, None

    def _returned(
        self, called: Called, value: Value, start: State, pools: tuple[str, ...]
    ) -> tuple[list[tuple[str, Term]], str, Given | None, Made | None]:
        state, passed = called.path.state, called.passed
        updates = self._updates(start, state)
        function = called.function
        given = tuple(one.value for one in called.arguments)
        block: Given | None = None
        if not self._only_lends_on(called, value):
            counted = partial(self._explorer.counted, passed)
            block = given_by(state, function, given, value, counted, self._asks_nothing(called))
        if block is not None and block.pool not in pools:
            block = None
        if block is not None and len(self._handed[block.pool]) > 1 and not all(isinstance(n, int) for n in block.array):
            raise NotModelled("blocks of an array in an enum, and of others")  # of which the variants lie upon another
        if block is not None and self._owners is not None and passed is not None and not passed.gone:
            declared = self._subject.declared.get(called.entry)
            block = replace(block, owned=block.is_raw or lends(self._owners.of.type, function, declared))
        made, what = None, ""
        if self._owners is not None:
            made = made_in(self._owners.of, value)
            if passed is not None:
                self._owners.refuse_change(passed, given, state, value)
            updates += self._owners.updates(passed.value if passed is not None and passed.gone else None, made)
            if made is not None:
                updates.append(
                    (c.flag(c.UNMODELLED).name, both(made.when, negation(self._owners.is_known(made.value))))
                )
                what = f"a {self._owners.of.type} of {self._owners.places} or more"
        if block is not None:
            updates += self._broken_by(block, state, passed)
            what = f"a block of {block.pool}"
        for pool in pools:
            new = block if block is not None and block.pool == pool else None
            updates += ghost_updates(self._ghost(pool), new, passed, made)
        return updates, what, block, made

    def _only_lends_on(self, called: Called, value: Value) -> bool:
        """Whether all that a result lends is of an element that the caller had, and has not while that lasts."""
        declared, of = self._subject.declared.get(called.entry), {one.of for one, _ in called.elements}
        passed = tuple(place for _, place in called.elements)
        taking = [one for one in called.arguments if any(each.is_taken_as(one.type) for each, _ in called.elements)]
        if len(taking) != 1:  # what the lifetime is of one of may be lent of another
            return False
        return is_of_what_was_passed(value, passed) and all(lends(one, called.function, declared) for one in of)

    def _asks_nothing(self, called: Called) -> bool:
        """Whether nothing is passed but statics and an owner, and no parameter stands for a number or type besides."""
        declared = self._subject.declared.get(called.entry)
        if declared is None or declared.generics.names:
            return False
        owner = called.passed
        return all(
            (isinstance(one.value, Pointer) and isinstance(one.value.base, str))
            or (owner is not None and owner.of.is_lent_or_passed(one.type))
            for one in called.arguments
        )

    def _broken_by(self, block: Given, state: State, passed: Passed | None) -> list[tuple[str, Term]]:
        """What is wrong with a block that is handed out."""
        pool, ghost = block.pool, self._ghost(block.pool)
        state.asked |= {(c.RANGE, pool), (c.DISJOINT, pool)}
        state.inputs = (*state.inputs, ghost.chosen)
        broken = [(c.RANGE, negation(block.inside)), (c.DISJOINT, overlaps(block, ghost, passed))]
        if block.alignment is not None:
            state.asked |= {(c.ALIGNED, pool)}
            broken.append((c.ALIGNED, misaligned(block, alignment_of(self._subject, pool, block.way))))
        return [(c.flag(condition(kind, pool)).name, when) for kind, when in broken if when != FALSE]

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
        if not self._explorer.reachable(name):
            return False
        if name in self._subject.sharing.in_parts:
            return True
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
        called = f"others write {plain_name(name)}"
        step = Step(called, called, name, Actor.HOST, inputs, TRUE, updates)
        return CallStep(PoolStep(step, called, (), None), (), frozenset(), False, "", Where(name, 0, name))


def arrays_handed_out(pools: tuple[str, ...], paths: Iterable[Called]) -> dict[str, tuple[Way, ...]]:
    """The arrays of each static into which a result of a call points."""
    found: dict[str, set[Way]] = {pool: set() for pool in pools}
    for called in paths:
        if isinstance(called.path.outcome, Returned):
            for one in pointers(called.path.outcome.value):
                if isinstance(one.base, str) and one.base in found:
                    found[one.base].add(array_of(one.path))
    return {pool: tuple(sorted(ways, key=repr)) for pool, ways in found.items()}


def _lost() -> list[tuple[str, Term]]:
    return [(c.flag(c.UNMODELLED).name, TRUE)]


def _nothing(variables: tuple[Variable, ...]) -> dict[Variable, int | bool | None]:
    """They begin false, and zero."""
    return {one: False if one.sort == BOOLEAN else 0 for one in variables}


def _without(gone: set[str], call: CallStep) -> CallStep:
    """Without what becomes of these."""
    step = call.step.step
    updates = tuple((name, term) for name, term in step.updates if name not in gone)
    return replace(call, step=replace(call.step, step=replace(step, updates=updates)))


def _read_by(step: Step) -> set[Variable]:
    return {*variables_of(step.guard), *(one for _, term in step.updates for one in variables_of(term))}


def _is_of_contents(one: Variable) -> bool:
    return one.name.startswith((CONTENTS_NAME, f"{HIDDEN} of {CONTENTS_NAME}"))


def _with_any(locals_: frozenset[Variable], call: CallStep) -> CallStep:
    """With any numbers where those of a head are read, which nobody keeps."""
    step = call.step.step
    names = {one.name for one in locals_}
    updates = tuple((name, term) for name, term in step.updates if name not in names)
    step = replace(step, updates=updates)
    inputs = (*step.inputs, *sorted(_read_by(step) & locals_, key=lambda one: one.name))
    return replace(call, step=replace(call.step, step=replace(step, inputs=inputs)))


def _with_any_there(locals_: frozenset[Variable], call: CallStep) -> CallStep:
    """Where it comes to a head."""
    step = call.step.step
    inputs = {one: Variable(f"any {one.name}", one.sort) for one in sorted(locals_, key=lambda one: one.name)}
    chosen = {one.name: new for one, new in inputs.items() if step.update(one.name) is not None}
    updates = tuple((name, chosen.get(name, term)) for name, term in step.updates)
    step = replace(step, updates=updates, inputs=(*step.inputs, *chosen.values()))
    return replace(call, step=replace(call.step, step=step))


def _begins(variable: Variable, value: int | bool | None) -> Term:
    if value is None:
        return TRUE
    return equal(variable, literal(value, variable.sort))


def numbers_passed(argument: Argument) -> Iterator[Term]:
    """By an argument: of a slice its length."""
    match argument.value:
        case Pointer(base=int(), length=length) if length is not None and argument.like is None:
            yield length
        case value:
            yield from numbers_of(value)


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

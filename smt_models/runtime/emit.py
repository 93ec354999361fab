"""The paths of an operation as a transition system: equal ends merged, their conditions joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from extract.mir.compile import Panic
from smt_models.host.ends import DELIVERY, RETURN
from smt_models.runtime.actions import Action
from smt_models.runtime.execute import Path
from smt_models.runtime.explore import Explored
from smt_models.runtime.facts import Facts
from smt_models.runtime.followed import NO_PARTIAL_WRITE, PARTIAL_WRITE
from smt_models.runtime.lending import EXTENT, NO_EXTENT
from smt_models.runtime.outcomes import Done, Unknown, Violated
from smt_models.runtime.roots import PRESUPPOSED
from smt_models.runtime.shapes import described
from smt_models.runtime.template import default
from smt_models.system.model import Actor, Bad, Step, System
from smt_models.system.operators import BitVec, Enum, Sort
from smt_models.system.smtlib import sort_text
from smt_models.system.terms import (
    BOOLEAN,
    Apply,
    Term,
    Variable,
    both,
    conjunction,
    either,
    equal,
    literal,
    negation,
    variables_of,
)

UNKNOWN = "something not modelled"
OUTSIDE = "outside the shapes explored"
OBLIGATIONS = (
    "memory",
    "address-stability",
    "cancel-before-free",
    "cancel-on-drop",
    "unregister-before-cancel",
    "cancel-is-final",
    "completion-race",
    "cancel-once",
    "code-matches-lease",
    "waker-unregistered",
    "cross-task",
    "set-empty",
    "leak-safe",
    "subtask-areas",
    "copy-when-idle",
    "end-dropped-idle",
    "blocking-cancel",
    "scalar-zero-alloc",
    "host-trap",
    EXTENT,
)
NOT_MODELLED = {EXTENT: NO_EXTENT, PARTIAL_WRITE: NO_PARTIAL_WRITE}
"""What is noted where an obligation cannot be looked at."""
TASK_CONTRACT = "task-contract"
"""Of the task side alone (`task_emit`), which has the same word for what went wrong."""
FAULT = Variable(
    "fault", Enum("fault", ("none", *OBLIGATIONS, PARTIAL_WRITE, *NOT_MODELLED.values(), TASK_CONTRACT, UNKNOWN))
)
PANIC_IN_CALLBACK = "panic-in-callback"
PANICKED = Variable("panicked", BOOLEAN)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers that a state carries although what is decided does not rest on them, and how they are related in every
    state: they tell how far buffers reach. `fixed`: the names of those that stay the same for ever. `certain`: how they
    are related was decided, and not given up for want of time.
    """

    variables: tuple[Variable, ...] = ()
    relations: tuple[Term, ...] = ()
    fixed: frozenset[str] = frozenset()
    certain: bool = True

    @property
    def nothing(self) -> tuple[Variable, ...]:
        """Those that are 0 at first."""
        spoken = (one for term in self.relations for one in variables_of(term))
        every = {one.name: one for one in (*self.variables, *spoken) if isinstance(one.sort, BitVec)}
        return tuple(one for name, one in every.items() if name not in self.fixed)


NO_NUMBERS = Numbers()


def system_of(explored: Explored, numbers: Numbers = NO_NUMBERS) -> System:
    """Sound for proofs if `OUTSIDE` and `UNKNOWN` are proved unreachable too: then no step is missing."""
    subject = explored.actions.subject
    ghosts = tuple(Variable(name, start.sort) for name, start in subject.ghosts.items())
    words = (*subject.constants, *subject.host.kept, *ghosts, *explored.actions.template.variables())
    variables = (*words, *numbers.variables, FAULT)
    steps = [*host_steps(explored), *merged(explored.paths, variables, FAULT, updates_of)]
    constants = {one.name for one in subject.constants}
    shaped = zip(explored.shaped, explored.start, strict=True)
    start = conjunction(
        (
            *(equal(one, literal(value, one.sort)) for one, value in shaped if one.name not in constants),
            *(equal(one, default(one)) for one in numbers.nothing),
        )
    )
    inside = described(explored.shaped, explored.shapes)
    followed = (PARTIAL_WRITE, NO_PARTIAL_WRITE) if subject.following is not None else ()
    bad = [Bad(name, FAULT.is_(name)) for name in (*OBLIGATIONS, NO_EXTENT, *followed, UNKNOWN)]
    bad.append(Bad(OUTSIDE, both(FAULT.is_("none"), negation(inside))))
    if subject.panic is Panic.UNWIND:
        # "user lift, lower and dealloc code that unwinds causes no second deallocation and frees nothing lent"
        freed = ("memory", "cancel-before-free", *((PARTIAL_WRITE,) if subject.following is not None else ()))
        bad.append(Bad(PANIC_IN_CALLBACK, both(PANICKED, either(*(FAULT.is_(name) for name in freed)))))
    name = f"{subject.operation.name}, {subject.host.system.name}"
    return System(name, variables, both(start, FAULT.is_("none"), *PRESUPPOSED), tuple(steps), tuple(bad))


def host_steps(explored: Explored) -> Iterator[Step]:
    """What the host does between actions."""
    host = explored.actions.subject.host
    kept = {one.name for one in host.kept}
    for step in host.steps_between():
        if step.call in (DELIVERY, RETURN):
            continue
        guard = both(FAULT.is_("none"), host.forgetful(step.guard))
        updates = tuple((name, host.forgetful(term)) for name, term in step.updates if name in kept)
        inputs = _inputs((guard, *(term for _, term in updates)), (*host.kept, FAULT))
        if updates:
            yield Step(step.name, step.call, step.citation, Actor.HOST, inputs, guard, updates)


def _inputs(terms: Iterable[Term], known: Iterable[Variable]) -> tuple[Variable, ...]:
    names = {one.name for one in known}
    found = {one.name: one for term in terms for one in variables_of(term) if one.name not in names}
    return tuple(found[name] for name in sorted(found))


class Named(Protocol):
    """An action, as far as its steps tell of it."""

    @property
    def name(self) -> str: ...

    @property
    def actor(self) -> Actor: ...


Updates = tuple[tuple[str, Term], ...]
_Named = TypeVar("_Named", bound=Named)
UpdatesOf = Callable[[_Named, Path, tuple[Variable, ...]], Iterable[Updates]]
_Key = tuple[str, Updates]


def merged(
    paths: Iterable[tuple[_Named, Path]],
    variables: tuple[Variable, ...],
    fault: Variable,
    updates_of: UpdatesOf[_Named],
) -> Iterator[Step]:
    """One step for each action and end, its guard the disjunction of the paths' conditions. A fault ends everything."""
    groups: dict[_Key, dict[Term, None]] = {}
    actors: dict[str, Actor] = {}
    state = {one.name for one in variables}
    for action, path in paths:
        actors[action.name] = action.actor
        for updates in updates_of(action, path, variables):
            one = canonical(path.state.facts, updates, state)
            groups.setdefault((action.name, one.updates), {})[one.condition] = None
    for number, ((name, updates), conditions) in enumerate(groups.items()):
        guard = both(fault.is_("none"), either(*conditions))
        inputs = _inputs((guard, *(term for _, term in updates)), variables)
        yield Step(f"{name} {number}", name, "MIR", actors[name], inputs, guard, updates)


def updates_of(action: Action, path: Path, variables: tuple[Variable, ...]) -> Iterator[Updates]:
    """For what was broken without stopping the path, then for its end: none if nothing happens after it, or another
    path covers it.
    """
    for noted in sorted(path.state.noted):
        yield ((FAULT.name, literal(noted, FAULT.sort)),)
    match path.outcome:
        case Done():
            assert path.state.updates is not None, action.name
            given = path.state.updates
            yield tuple((one.name, given[one.name]) for one in variables if given.get(one.name, one) != one)
        case Violated(obligation):
            assert obligation in (*OBLIGATIONS, PARTIAL_WRITE, NO_PARTIAL_WRITE), obligation
            panicked = path.state.host[PANICKED.name]
            ghost = ((PANICKED.name, panicked),) if panicked != PANICKED else ()
            yield (*ghost, (FAULT.name, literal(obligation, FAULT.sort)))
        case Unknown():
            yield ((FAULT.name, literal(UNKNOWN, FAULT.sort)),)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Canonical:
    """`names`: what the inputs of the path are called here."""

    condition: Term
    updates: Updates
    names: Mapping[str, Term]


def canonical(facts: Facts, updates: Updates, state: set[str]) -> Canonical:
    """Without conditions on one input that nothing else mentions (it can always be chosen so), and with inputs
    numbered in the order of their occurrence.
    """
    conditions = {one: {v.name for v in variables_of(one)} for one in facts.assumed if not _is_choice(one)}
    needed = {v.name for _, term in updates for v in variables_of(term)} | state
    waiting = conditions
    while linked := [names for names in waiting.values() if not needed.isdisjoint(names)]:
        waiting = {one: names for one, names in waiting.items() if needed.isdisjoint(names)}
        needed = needed.union(*linked)
    ordered = [one for one in conditions if one not in waiting or not _is_flag(one)]
    names: dict[str, Term] = {}
    for term in (*(term for _, term in updates), *ordered):
        for variable in variables_of(term):
            if variable.name not in state and variable.name not in names:
                names[variable.name] = Variable(f"input {len(names)} {_sort_name(variable.sort)}", variable.sort)

    def given(term: Term) -> Term:
        return _renamed(term, tuple([names.get(one.name, one) for one in variables_of(term)]))

    return Canonical(conjunction(map(given, ordered)), tuple((name, given(term)) for name, term in updates), names)


@lru_cache(maxsize=100_000)
def _renamed(term: Term, names: tuple[Term, ...]) -> Term:
    """With these in place of its variables. Many paths begin alike, and each is made canonical several times."""
    return Facts().simplify(term, {one.name: name for one, name in zip(variables_of(term), names, strict=True)})


def _sort_name(sort: Sort) -> str:
    """Enumerations of one width are different sorts."""
    return sort.name if isinstance(sort, Enum) else sort_text(sort)


def _is_flag(term: Term) -> bool:
    """A truth value that is an input, or its negation."""
    return isinstance(term, Variable) or (
        isinstance(term, Apply) and isinstance(term.arguments[0], Variable) and term.operator == "not"
    )


def probes(explored: Explored) -> tuple[Bad, ...]:
    """That each choice of the state can be each of its members: what cannot be reached proves nothing of it."""
    every = explored.actions.template.variables()
    tags = tuple(
        Bad(f"{one.name} is {member}", one.is_(member))
        for one in every
        if isinstance(one.sort, Enum)
        for member in one.sort.members
    )
    unwinds = explored.actions.subject.panic is Panic.UNWIND
    return (*tags, Bad("user code panicked", PANICKED)) if unwinds else tags


def _is_choice(term: Term) -> bool:
    """Which row of the host was taken: its guard says the rest."""
    match term:
        case Apply("=", (Variable(name), _)):
            return name.startswith("arm#")
        case _:
            return False

"""From actions to a transition system: the template, the shapes, then every path as a guarded step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from smt_models.host.ends import DELIVERY, RETURN
from smt_models.runtime.actions import Action, Actions, actions_of
from smt_models.runtime.exploration import Exploration, Stage, explored_to
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Done
from smt_models.runtime.shapes import Shape, following, is_discrete, possible
from smt_models.runtime.template import default
from smt_models.runtime.unfolding import Unfolding
from smt_models.system.terms import Term, Variable

MAX_ROUNDS = 80
FIRST = frozenset({"move", "forget", "switch task", "deliver"})
"""Actions that execute little: what they need of the template is found before the others are gone through."""
LEAST_BLOCKS = 100
"""Executed after the template grew, however soon it did: what grows it often comes together."""
MAX_SHAPES = 50_000


@dataclass(frozen=True, slots=True)
class Explored(Exploration[Action]):
    """An operation."""

    actions: Actions


class NoFixpoint(ValueError):
    """The shapes do not settle within the budget."""


def explore(subject: Subject, spend: Callable[[], None] = lambda: None, rounds: int | None = None) -> Explored:
    """Every shape and every path. Raises NoFixpoint or NotModelled. `spend` is called for each path that shapes take
    in a round, and raises NoFixpoint to end the search.

    With `rounds` it stops after so many in which the template did not grow, perhaps before everything was seen: every
    run of no more steps is there, and nothing can be proved.
    """
    return explored_to(stages(subject, spend), rounds)


def stages(subject: Subject, spend: Callable[[], None]) -> Iterator[Stage[Explored]]:
    """What is known after each round in which the template did not grow; the last is whole. Raises as `explore`.

    When the template grows all trees are made anew, and all shapes are gone through again: so a round in which it grew
    is not gone through to its end. Nothing is taken from it but the template.
    """
    steps = 0
    actions = Actions(subject)
    shaped = shaped_by(actions)
    new = starts(actions, shaped)
    seen = dict.fromkeys(new)
    trees = {action: actions.unfold(action, shaped) for action in actions_of(subject)}
    rounds = 0

    def explored() -> Explored:
        paths = tuple((action, path) for action, tree in trees.items() for path in tree.paths())
        return Explored(shaped, tuple(seen), _start(actions, shaped), paths, rounds, actions)

    while rounds < MAX_ROUNDS:
        rounds += 1
        after = dict.fromkeys(_after(actions, trees, shaped, new, spend))
        if actions.grown:
            before, shaped = shaped, shaped_by(actions)
            again = actions.template.released
            steps = 0 if again else steps
            new = starts(actions, shaped) if again else tuple(in_words(shaped, before, one) for one in seen)
            seen = dict.fromkeys(new)
            trees = {action: actions.unfold(action, shaped) for action in actions_of(subject)}
            actions.grown = actions.template.released = False
            continue
        steps += 1
        new = tuple(one for one in after if one not in seen)
        seen.update(dict.fromkeys(new))
        if not new:
            yield Stage(None, explored)
            return
        if len(seen) > MAX_SHAPES:
            raise NoFixpoint(f"more than {MAX_SHAPES} shapes")
        yield Stage(steps, explored)
    raise NoFixpoint(f"new shapes after {MAX_ROUNDS} rounds")


def in_words(shaped: tuple[Variable, ...], before: tuple[Variable, ...], shape: Shape) -> Shape:
    """The shape after the template grew: a word that is new tells apart what was one thing, the first of its members,
    or belongs to a choice that no state had made, and so holds its default.
    """
    old = {one.name: value for one, value in zip(before, shape, strict=True)}
    return tuple(old[one.name] if one.name in old else default(one).value for one in shaped)


def shaped_by(actions: Actions) -> tuple[Variable, ...]:
    """What a shape says the values of."""
    ghosts = (Variable(name, start.sort) for name, start in actions.subject.ghosts.items())
    every = (*actions.subject.constants, *actions.subject.host.kept, *ghosts, *actions.template.variables())
    return tuple(one for one in every if is_discrete(one))


def _start(actions: Actions, shaped: tuple[Variable, ...]) -> Shape:
    """Constants are left out here: they may be anything."""
    known = actions.subject.host.initial() | actions.subject.ghosts
    return tuple(known[one.name].value if one.name in known else default(one).value for one in shaped)


def starts(actions: Actions, shaped: tuple[Variable, ...]) -> tuple[Shape, ...]:
    """Before anything has happened."""
    constants = {one.name for one in actions.subject.constants}
    free: dict[str, Term] = {one.name: Variable(f"any {one.name}", one.sort) for one in shaped if one.name in constants}
    return tuple(following(shaped, (_start(actions, shaped),), free))


def _after(
    actions: Actions,
    trees: Mapping[Action, Unfolding],
    shaped: tuple[Variable, ...],
    shapes: tuple[Shape, ...],
    spend: Callable[[], None],
) -> Iterator[Shape]:
    """What comes of these shapes by one step, in the order of `trees`, whatever is gone through first; not all of it if
    the template grew.
    """
    yield from host_steps(actions, shaped, shapes)
    found: dict[Action, dict[Shape, None]] = {action: {} for action in trees}
    first = actions.executor.blocks
    for action in sorted(trees, key=lambda one: one.name not in FIRST):
        for path, taken in trees[action].reach(shapes):
            spend()
            if actions.grown:
                if _grows_no_more(actions, first):
                    return
            elif isinstance(path.outcome, Done):
                assert path.state.updates is not None
                after = following(shaped, taken, path.state.updates, path.state.facts)
                found[action].update(dict.fromkeys(after))
    for each in found.values():
        yield from each


def _grows_no_more(actions: Actions, first: int) -> bool:
    """As much was executed since the template grew last as had been until then: what else makes it grow is found with
    less from what it is now. `first`: how many blocks had been executed when the round began.
    """
    return actions.executor.blocks - actions.grown_at > actions.grown_at - first + LEAST_BLOCKS


def host_steps(actions: Actions, shaped: tuple[Variable, ...], shapes: tuple[Shape, ...]) -> Iterator[Shape]:
    """What comes of these shapes by what the host does between actions."""
    host = actions.subject.host
    kept = {one.name for one in host.kept}
    for step in host.steps_between():
        if step.call in (DELIVERY, RETURN):
            continue
        guard = host.forgetful(step.guard)
        updates = {name: host.forgetful(term) for name, term in step.updates if name in kept}
        fits = [one for one in shapes if possible(guard, shaped, one)]
        yield from following(shaped, fits, updates)

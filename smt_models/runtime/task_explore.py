"""From a task's actions to a transition system: the template, the phases, the shapes, then every path as a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smt_models.runtime.exploration import Exploration, Stage, explored_to
from smt_models.runtime.explore import MAX_ROUNDS, MAX_SHAPES, NoFixpoint, in_words
from smt_models.runtime.outcomes import Done
from smt_models.runtime.shapes import Shape, following, is_discrete
from smt_models.runtime.task_actions import ActionOf, ActionsOf
from smt_models.runtime.task_events import EVENTS
from smt_models.runtime.task_model import TaskModel
from smt_models.runtime.task_operations import ASKED
from smt_models.runtime.task_shared import SharedTaskSubject
from smt_models.runtime.task_shared_actions import SHARED
from smt_models.runtime.task_subject import TaskSubject
from smt_models.runtime.template import default
from smt_models.runtime.unfolding import Unfolding
from smt_models.system.terms import Variable


def actions_of(subject: TaskModel) -> tuple[ActionOf[Any], ...]:
    match subject:
        case TaskSubject():
            return (*EVENTS, *ASKED)
        case SharedTaskSubject():
            return SHARED
    raise AssertionError(subject.name)


@dataclass(frozen=True, slots=True)
class ExploredTask(Exploration[ActionOf[Any]]):
    """A task. `variables`: those of the template."""

    actions: ActionsOf[Any]
    variables: tuple[Variable, ...]


def explore_task(
    subject: TaskModel, spend: Callable[[], None] = lambda: None, rounds: int | None = None
) -> ExploredTask:
    """Raises NoFixpoint or NotModelled, and what `spend` raises, which is called again and again.

    With `rounds` it stops after so many in which the template did not grow, perhaps before everything was seen: what
    can be reached then is reachable, and nothing can be proved, for `OUTSIDE` is reachable too.

    When the template grows the shapes found so far are kept: in them what is new has its first value. That the shapes
    are closed under the paths given is a bad condition of the system, so that none can be missed here unseen.
    """
    return explored_to(task_stages(subject, spend), rounds)


def task_stages(subject: TaskModel, spend: Callable[[], None]) -> Iterator[Stage[ExploredTask]]:
    """What is known after each round in which the template did not grow; the last is whole. Raises as `explore_task`
    does.
    """
    actions = ActionsOf(subject)
    every = actions_of(subject)
    shaped = _shaped(actions)
    start = tuple(default(one).value for one in shaped)
    new: tuple[Shape, ...] = (start,)
    seen = dict.fromkeys(new)
    trees = {action: actions.unfold(action, shaped) for action in every}
    steps = rounds = 0

    def explored() -> ExploredTask:
        paths = tuple((action, path) for action, tree in trees.items() for path in tree.paths())
        return ExploredTask(shaped, tuple(seen), start, paths, rounds, actions, actions.frozen.variables())

    while rounds < MAX_ROUNDS:
        rounds += 1
        after = dict.fromkeys(_after(trees, shaped, new, spend))
        if actions.grown:
            again = actions.template.released
            steps = 0 if again else steps
            actions.begin()
            before, shaped = shaped, _shaped(actions)
            start = tuple(default(one).value for one in shaped)
            seen = dict.fromkeys((start,) if again else (in_words(shaped, before, one) for one in seen))
            new = tuple(seen)
            trees = {action: actions.unfold(action, shaped) for action in every}
            continue
        steps += 1
        new = tuple(one for one in after if one not in seen)
        seen.update(dict.fromkeys(new))
        if not new:
            yield Stage(None, explored)
            return
        yield Stage(steps, explored)
        if len(seen) > MAX_SHAPES:
            raise NoFixpoint(f"more than {MAX_SHAPES} shapes")
    raise NoFixpoint(f"new shapes after {MAX_ROUNDS} rounds")


def _shaped(actions: ActionsOf[Any]) -> tuple[Variable, ...]:
    return tuple(one for one in (*actions.subject.words, *actions.frozen.variables()) if is_discrete(one))


def _after(
    trees: Mapping[ActionOf[Any], Unfolding],
    shaped: tuple[Variable, ...],
    shapes: tuple[Shape, ...],
    spend: Callable[[], None],
) -> Iterator[Shape]:
    for tree in trees.values():
        for path, taken in tree.reach(shapes):
            spend()
            if isinstance(path.outcome, Done) and path.state.updates is not None:
                yield from following(shaped, taken, path.state.updates, path.state.facts)

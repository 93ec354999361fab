"""What was explored without H1 and H2, as it is under them: nothing is executed again.

What hypotheses take away are rows of the host. A run of a host that keeps them takes paths without such rows, and each
of those was explored: what stands for a path that keeps them keeps them too [KEPT]. What is left out are the others,
and the shapes that only they lead to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smt_models.runtime.actions import Action
from smt_models.runtime.execute import Path
from smt_models.runtime.explore import Explored, explore, host_steps, starts
from smt_models.runtime.host import KEPT
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import Done
from smt_models.runtime.shapes import Shape, following
from smt_models.system.terms import FALSE


def explore_held(subject: Subject, held: bool, spend: Callable[[], None] = lambda: None) -> Explored:
    """Of a subject without H1 and H2. `held`: what of it is there under them. Raises as `explore`."""
    explored = explore(subject, spend)
    return under_hypotheses(explored) if held else explored


def under_hypotheses(explored: Explored) -> Explored:
    """What of it is there under H1 and H2."""
    keeping = [(action, path, frozenset(path.state.shapes)) for action, path in explored.paths if _keeps(path)]
    shapes = _reached(explored, [(path, taken) for _, path, taken in keeping])
    paths: list[tuple[Action, Path]] = []
    for action, path, taken in keeping:
        if not taken.isdisjoint(shapes):
            state = path.state.fork()
            state.shapes = tuple(one for one in path.state.shapes if one in shapes)
            paths.append((action, replace(path, state=state)))
    return replace(explored, shapes=tuple(one for one in explored.shapes if one in shapes), paths=tuple(paths))


def _keeps(path: Path) -> bool:
    return path.state.facts.simplify(KEPT) != FALSE


def _reached(explored: Explored, paths: list[tuple[Path, frozenset[Shape]]]) -> set[Shape]:
    """By these paths, each with the shapes that take it, and by what the host does between actions."""
    actions, shaped = explored.actions, explored.shaped
    new = frozenset(starts(actions, shaped))
    seen = set(new)
    while new:
        after = set(host_steps(actions, shaped, tuple(new)))
        for path, taken in paths:
            if isinstance(path.outcome, Done) and (here := taken & new):
                assert path.state.updates is not None
                after.update(following(shaped, here, path.state.updates, path.state.facts))
        new = frozenset(after - seen)
        seen |= new
    return seen

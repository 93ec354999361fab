"""The paths of an action as a tree, which grows only where shapes arrive: no path is executed twice.

A node is a state before an instruction that forks, or where a frame was left, or the end of a path. Branches may come
together again where a frame was left. What is executed does not depend on shapes:
those that arrive at a node are sent on into the branches whose facts they fit. So a path is found once, however many
rounds bring shapes that take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from smt_models.runtime.execute import MAX_BLOCKS, MAX_PATHS, Executor, Path
from smt_models.runtime.facts import Facts
from smt_models.runtime.joins import Joins
from smt_models.runtime.outcomes import Unknown
from smt_models.runtime.shapes import Allowed, Shape, allowed, consistent
from smt_models.runtime.state import State
from smt_models.system.terms import Variable


@dataclass(slots=True)
class _Node:
    """`state`: where it starts, until it is executed. `known`: what its facts say of shapes, and was not asked of those
    that come there; `learned`: what is known at its end besides.
    """

    state: State | None
    known: Allowed
    learned: Allowed = ()
    branches: tuple[_Node, ...] = ()
    path: Path | None = None
    shapes: dict[Shape, None] = field(default_factory=dict)
    """Of the end of a path: those that take it."""
    joins: bool = False
    """Several branches may come together here."""


class Unfolding:
    """One action from one template."""

    def __init__(self, executor: Executor, start: State, shaped: tuple[Variable, ...]) -> None:
        self._executor = executor
        self._shaped = shaped
        self._root = _Node(start, allowed(shaped, start.facts))
        self._count, self._blocks = 0, 0
        self._joins: Joins[_Node] = Joins()

    def reach(self, shapes: tuple[Shape, ...]) -> Iterator[tuple[Path, tuple[Shape, ...]]]:
        """The paths that these shapes take, each with those of them that take it."""
        waiting = [(self._root, shapes)]
        sent: dict[int, list[tuple[Shape, ...]]] = {}
        while waiting:
            node, arrived = waiting.pop()
            arrived = consistent(arrived, node.known)
            if node.joins:
                before = sent.setdefault(id(node), [])
                known = {one for shapes in before for one in shapes}
                arrived = tuple(one for one in arrived if one not in known)
                before.append(arrived)
            if not arrived:
                continue
            if node.state is not None:
                self._execute(node, node.state)
            arrived = consistent(arrived, node.learned)
            if node.path is not None and arrived:
                node.shapes.update(dict.fromkeys(arrived))
                yield node.path, arrived
            waiting.extend((branch, arrived) for branch in reversed(node.branches))

    def paths(self) -> Iterator[Path]:
        """All that were reached, in the order of their branches, each with all shapes that take it."""
        waiting, seen = [self._root], set[int]()
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.path is not None and node.shapes:
                node.path.state.shapes = tuple(node.shapes)
                yield node.path
            waiting.extend(reversed(node.branches))

    def _execute(self, node: _Node, state: State) -> None:
        node.state = None
        before, facts = self._executor.blocks, state.facts
        found = self._executor.advance(state)
        node.learned = self._more(state.facts, facts)
        self._blocks += self._executor.blocks - before
        if isinstance(found, Path):
            self._count += 1
            node.path = found
            found.state.end_path()
        elif self._count > MAX_PATHS or self._blocks > MAX_BLOCKS:
            node.path = Path(Unknown(f"more than {MAX_PATHS} paths or {MAX_BLOCKS} blocks", state.where), state)
        else:
            node.branches = tuple(self._node(one, state.facts) for one in found)

    def _node(self, state: State, before: Facts) -> _Node:
        if state.left is None or state.forked < state.left:
            return _Node(state, self._more(state.facts, before))
        known = allowed(self._shaped, state.facts)  # all of it: others may come here from elsewhere
        return self._joins.enter(state, state.left, _Node(state, known, joins=True))

    def _more(self, facts: Facts, before: Facts) -> Allowed:
        """What is known of shapes, and was not before."""
        return () if facts is before else allowed(self._shaped, facts, before)

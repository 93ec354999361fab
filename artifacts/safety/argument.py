"""The argument: goals down to the instances of obligations, and what each is said in the context of.

A context or assumption hangs at the topmost goals under which every certificate has it, so that no goal is said to
assume what none of its proofs does.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from artifacts.safety.states import Certified, Standing, State, worst

_DIGITS = 8


class NodeKind(enum.Enum):
    """The elements of the Goal Structuring Notation that are used, with what their ids begin with."""

    GOAL = "goal"
    STRATEGY = "strategy"
    SOLUTION = "solution"
    CONTEXT = "context"
    ASSUMPTION = "assumption"

    @property
    def prefix(self) -> str:
        return _PREFIXES[self]


_PREFIXES = {
    NodeKind.GOAL: "G",
    NodeKind.STRATEGY: "S",
    NodeKind.SOLUTION: "SN",
    NodeKind.CONTEXT: "C",
    NodeKind.ASSUMPTION: "A",
}


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A context or an assumption. `title`: short, for drawings. `of`: the subject that it is about, if it is of one:
    the same words about another mean something else.
    """

    assumed: bool
    title: str
    text: str
    of: str = ""

    @property
    def kind(self) -> NodeKind:
        return NodeKind.ASSUMPTION if self.assumed else NodeKind.CONTEXT


@dataclass(frozen=True, slots=True)
class Leaf:
    """An instance of an obligation. `subject`: as the report names it; `claim`: of the obligation."""

    subject: str
    obligation: str
    instance: str
    claim: str
    standing: Standing
    notes: frozenset[Note]


@dataclass(frozen=True, slots=True)
class Node:
    """`state`: of what can hold; None for contexts and assumptions. `why`: of goals without parts, and of solutions."""

    id: str
    kind: NodeKind
    title: str
    text: str
    state: State | None = None
    why: str = ""
    certificate: Certified | None = None
    supported_by: tuple[str, ...] = ()
    in_context_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """The goal that all is for comes first; every other node after one that leads to it."""

    nodes: tuple[Node, ...]

    @property
    def state(self) -> State:
        state = self.nodes[0].state
        assert state is not None
        return state


@dataclass(frozen=True, slots=True)
class _Goal:
    """`key`: the same for the same goal in every run. `over`: what its strategy argues over."""

    key: tuple[str, ...]
    title: str
    text: str
    state: State
    why: str
    own: frozenset[Note]
    shared: frozenset[Note]
    over: str = ""
    parts: tuple[_Goal, ...] = ()
    leaf: Leaf | None = None


def argument(
    leaves: Sequence[Leaf], whole: Standing, of_run: Iterable[Note], of_subjects: Mapping[str, frozenset[Note]]
) -> Argument:
    """`whole`: of the run itself: nothing below makes it better."""
    by_subject = _grouped(leaves, lambda leaf: leaf.subject)
    parts = tuple(_of_subject(name, some, of_subjects.get(name, frozenset())) for name, some in by_subject.items())
    text = "every obligation that the run was asked for holds of its subject"
    top = _above(("run",), "All that the run was asked for holds", text, "the subjects", parts, frozenset(of_run))
    states = (top.state, whole.state)
    return Argument(_Writer().written(replace(top, state=worst(states), why=whole.why)))


def _of_subject(name: str, leaves: Sequence[Leaf], own: frozenset[Note]) -> _Goal:
    by_obligation = _grouped(leaves, lambda leaf: leaf.obligation)
    parts = tuple(_of_obligation(name, obligation, some) for obligation, some in by_obligation.items())
    return _above(("subject", name), name, f"every obligation asked of {name} holds", "the obligations", parts, own)


def _of_obligation(subject: str, obligation: str, leaves: Sequence[Leaf]) -> _Goal:
    parts = tuple(map(_of_instance, leaves))
    if len(parts) == 1:
        return parts[0]
    key, text = ("obligation", subject, obligation), f"{leaves[0].claim}, in every instance"
    return _above(key, obligation, text, "the instances", parts, frozenset())


def _of_instance(leaf: Leaf) -> _Goal:
    key = ("instance", leaf.subject, leaf.obligation, leaf.instance)
    title = f"{leaf.obligation}, {leaf.instance}" if leaf.instance else leaf.obligation
    standing = leaf.standing
    return _Goal(key, title, leaf.claim, standing.state, standing.why, frozenset(), leaf.notes, leaf=leaf)


def _above(
    key: tuple[str, ...], title: str, text: str, over: str, parts: tuple[_Goal, ...], own: frozenset[Note]
) -> _Goal:
    """What every proof below has, or every goal if there is no proof: a goal without one assumes nothing."""
    proofs = [part.shared for part in parts if _has_proof(part)] or [part.shared for part in parts]
    shared = frozenset.intersection(*proofs) if proofs else frozenset()
    return _Goal(key, title, text, worst(part.state for part in parts), "", own, shared, over, parts)


def _has_proof(goal: _Goal) -> bool:
    if goal.leaf is not None:
        return goal.leaf.standing.certificate is not None
    return any(map(_has_proof, goal.parts))


def _grouped(leaves: Sequence[Leaf], key: Callable[[Leaf], str]) -> dict[str, list[Leaf]]:
    groups: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        groups.setdefault(key(leaf), []).append(leaf)
    return groups


class _Writer:
    """Gives ids, that stay the same from run to run, and writes each note once. Every list begins with its top."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._notes: dict[Note, str] = {}

    def written(self, top: _Goal) -> tuple[Node, ...]:
        nodes = self._goal(top, frozenset())
        notes = (Node(id_, one.kind, one.title, one.text) for one, id_ in self._notes.items())
        return (*nodes, *notes)

    def _goal(self, goal: _Goal, inherited: frozenset[Note]) -> list[Node]:
        id_ = self._id(NodeKind.GOAL, goal.key)
        hung = goal.own | (goal.shared - inherited)
        context = tuple([self._note(note) for note in sorted(hung)])
        below = self._solution(goal.leaf) if goal.leaf else self._strategy(goal, inherited | hung)
        support = tuple([node.id for node in below[:1]])
        made = Node(id_, NodeKind.GOAL, goal.title, goal.text, goal.state, goal.why, None, support, context)
        return [made, *below]

    def _strategy(self, goal: _Goal, inherited: frozenset[Note]) -> list[Node]:
        if not goal.parts:
            return []
        id_ = self._id(NodeKind.STRATEGY, goal.key)
        parts = [self._goal(part, inherited) for part in goal.parts]
        support = tuple([nodes[0].id for nodes in parts])
        text = f"each of {goal.over} is argued by itself: {len(parts)}"
        made = Node(id_, NodeKind.STRATEGY, f"Over {goal.over}", text, goal.state, "", None, support)
        return [made, *chain.from_iterable(parts)]

    def _solution(self, leaf: Leaf) -> list[Node]:
        found, standing = leaf.standing.certificate, leaf.standing
        if found is None:
            return []
        id_ = self._id(NodeKind.SOLUTION, ("certificate", leaf.subject, leaf.obligation, leaf.instance))
        text = f"certificate {found.file}, SHA-256 {found.sha256}"
        return [Node(id_, NodeKind.SOLUTION, found.file, text, standing.state, standing.why, found)]

    def _note(self, note: Note) -> str:
        if note not in self._notes:
            self._notes[note] = self._id(note.kind, (note.title, note.text, note.of))
        return self._notes[note]

    def _id(self, kind: NodeKind, key: tuple[str, ...]) -> str:
        digest = hashlib.sha256("\0".join((kind.value, *key)).encode("utf-8", "backslashreplace")).hexdigest()
        number = int(digest, 16) % 10**_DIGITS
        while (id_ := f"{kind.prefix}-{number:0{_DIGITS}d}") in self._taken:
            number = (number + 1) % 10**_DIGITS
        self._taken.add(id_)
        return id_

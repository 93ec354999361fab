"""The one view model behind every face of an exploration. Every text here is safe to show: one line, nothing hidden.

A place in an exploration has an address: the key of its view, then where in it (`KEY/step/3/entry/2`,
`KEY/function/17`); the page has it after `#`, the terminal program takes it with `--at`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from proofs.pool_run import PoolRun
from proofs.runtime.trace import Made
from smt_models.runtime.outcomes import Where


class Lane(enum.Enum):
    """Where something happens in a trace: the swim lanes, from left to right."""

    CLIENT = "client"
    OPERATION = "operation"
    TASK = "task"
    WAITABLE_SET = "waitable set"
    HOST = "host"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happens in a step: `kind` as the trace has it. `rule`: the host's rule in its own words, where
    one is used, and `citation` its place in the specification; `code`: the number heard, empty if none.
    """

    lane: Lane
    kind: str
    text: str
    rule: str
    citation: str
    code: str
    where: Where | None


@dataclass(frozen=True, slots=True)
class Change:
    """A word of the state, by its number, that a step changes."""

    word: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    number: int
    actor: str
    action: str
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word of the state, and the lane that it belongs to. `within`: the word and the value without which it says
    nothing: the fields of a variant that is not there.
    """

    name: str
    lane: Lane
    within: tuple[tuple[int, str], ...]


class Life(enum.Enum):
    ABSENT = "not there yet"
    OWNED = "the guest's own"
    LENT = "its address is lent"
    TOUCHED = "lent, and the host may touch it"
    DEAD = "gone"
    VIOLATED = "what is done to it here breaks the obligation"


@dataclass(frozen=True, slots=True)
class BlockLife:
    """A block of memory: what it is in each state, the first included, and by what words it is reached there."""

    name: str
    lives: tuple[Life, ...]
    reached_by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file: `first` is the number of the first."""

    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Text beside a trace. `rust`: excerpts of each file; `mir`: for each function its blocks, each as lines.

    `missing`: why some of it is not there, in a sentence each.
    """

    rust: Mapping[str, tuple[Excerpt, ...]] = field(default_factory=dict)
    mir: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """What every view says of itself. `facts`: further things in pairs of name and text."""

    key: str
    verdict: str
    obligation: str
    subject: str
    instance: str
    reason: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TraceView:
    """A run of a runtime's model, state by state, or of calls to a pool's owner, with what they do to the `pool`.
    `start`: the value of each word before the first step. `made`: how the model was made, where the trace says so.
    """

    heading: Heading
    where: Where | None
    words: tuple[ShownWord, ...]
    start: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    blocks: tuple[BlockLife, ...]
    listing: Listing
    pool: PoolRun | None = None
    made: Made | None = None


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where a call is made: its offset in the file, and the instructions around it, the call the one with an arrow."""

    offset: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRoot:
    name: str
    function: int


@dataclass(frozen=True, slots=True)
class CallView:
    """The functions through which a root reaches the goal, and all edges among them: nothing else is on a path.

    `edges`: by function, the numbers of its successors. `goals`: functions that are, or hold, the goal, which is
    called `goal`. `sizes`: bytes of code. `sites`: by function and successor (None: the goal itself), of the functions
    nearest to the goal. `left_out`: functions on longer paths that are not part of the view, for size.
    """

    heading: Heading
    goal: str
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    edges: tuple[tuple[int, ...], ...]
    goals: tuple[int, ...]
    roots: tuple[ShownRoot, ...]
    sites: Mapping[tuple[int, int | None], CallSite]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list: each item a line, some with a second one."""

    title: str
    items: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextView:
    """A verdict with what it rests on, in sections: proofs, and everything that has no shape of its own."""

    heading: Heading
    sections: tuple[Section, ...]


View = TraceView | CallView | TextView


@dataclass(frozen=True, slots=True)
class Exploration:
    """Everything that was opened at once. `notes`: what a reader must know besides."""

    title: str
    views: tuple[View, ...]
    notes: tuple[str, ...] = ()

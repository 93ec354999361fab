"""One part of a runtime with its models: under all hypotheses of the host, and without H1 and H2; and those that runs
were found in which not all of a model was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from artifacts.explore.model import TraceView, View
from artifacts.explore.summaries import state_of
from proofmark.explore.doing import Doing
from proofmark.runtime_job import RuntimeJob, spending_of
from proofs.kinds import RuntimeKind
from proofs.runtime.branching import Branching, NoSuchWay
from proofs.runtime.concrete import NoNumbers
from proofs.runtime.judge import ALL, FEW, OperationUnderProof, is_of_elements
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.models import PartUnderProof, model_of
from proofs.runtime.recorded import Recorded, followed, states_of
from proofs.runtime.route import Route, from_state
from proofs.runtime.trace import WHOLE, Made
from smt_models.runtime.explore import NoFixpoint
from smt_models.runtime.outcomes import NotModelled


class CannotBranch(Exception):
    """`str` says why, for people."""


@contextmanager
def told() -> Iterator[None]:
    """What stops a model or a solver, as CannotBranch, but for Stopped."""
    try:
        yield
    except (NoFixpoint, NotModelled) as error:
        raise CannotBranch(f"the model was not made to its end: {error}") from error
    except NoAnswer as error:
        raise CannotBranch(f"the solver has no answer: {error}") from error
    except NoNumbers as error:
        raise CannotBranch(f"nothing to show: {error}") from error
    except NoSuchWay as error:
        raise CannotBranch(str(error)) from error


class Part:
    """`asked`: what its models are made of, when they are asked for. `follows`: with one element followed. `doing`:
    for whom, now.
    """

    def __init__(self, job: RuntimeJob, asked: PartUnderProof, follows: bool, doing: Callable[[], Doing]) -> None:
        self.job = job
        self._follows = follows
        self._doing = doing
        self._asked = asked
        self._models: dict[tuple[bool, Made], Branching] = {}
        self._followed: set[tuple[str, bool]] = set()

    def is_of_elements(self, obligation: str) -> bool:
        """Whether its runs are of the model that follows one element."""
        asked = self._asked
        kinds = (kind for kind in RuntimeKind if kind.value == obligation)
        return isinstance(asked, OperationUnderProof) and any(is_of_elements(kind, asked) for kind in kinds)

    @property
    def hypothesis(self) -> str | None:
        """The one that can be held or not: of subtasks H1, of streams and futures H2, of tasks none."""
        match self._asked:
            case OperationUnderProof(operation=operation):
                return "H1" if operation.kind is None else "H2"
            case _:
                return None

    def model(self, held: bool, made: Made = WHOLE) -> Branching:
        """Raises NoFixpoint, NotModelled, Stopped."""
        doing = self._doing()
        held = held and self.hypothesis is not None
        if (held, made) not in self._models:
            spending = spending_of(self.job)
            doing.begin("making the model")
            model = model_of(self._asked, ALL if held else FEW, self._follows, spending, doing.look, made)
            self._models[held, made] = Branching(model.edges, model.system, spending.prove, made.left_out)
        doing.begin("asking the solver")
        return self._models[held, made]

    def is_held(self, view: TraceView) -> bool:
        """Whether a recorded run is one of a host that keeps H1 and H2. Raises NoSuchWay: it is none of any host."""
        try:
            self.recorded(view, 0, held=True)
        except NoSuchWay as error:
            try:
                self.recorded(view, 0, held=False)
            except NoSuchWay:
                raise error from None
            return False
        return True

    def recorded(self, view: View, kept: int, held: bool) -> Route:
        """The state after so many steps of a recorded run, once it is known to be a run of the model. Raises
        NoSuchWay, NoAnswer.
        """
        if not isinstance(view, TraceView):
            raise NoSuchWay("there is no recorded run to begin from")
        if kept >= len(view.steps):
            raise NoSuchWay("the run ends here: nothing comes after a violation")
        model = self.model(held, made_of(view))
        recorded = _recorded(view)
        states = states_of(recorded, model.edges)
        if (view.heading.key, held) not in self._followed:
            try:
                followed(model.edges, model.system, recorded, states, spending_of(self.job).prove)
            except NoSuchWay as error:
                raise NoSuchWay(f"{error}{self._of_older_evidence(view)}") from error
            self._followed.add((view.heading.key, held))
        return from_state(model.edges, states[kept])

    def _of_older_evidence(self, view: TraceView) -> str:
        """Why it may be that a run is of no model."""
        if not self._follows or view.made is not None:
            return ""
        return ": the trace does not say how its model was made, as those of older versions do not; `prove` it again"


def made_of(view: View) -> Made:
    """How the model of a view is made."""
    return WHOLE if not isinstance(view, TraceView) or view.made is None else view.made


def _recorded(view: TraceView) -> Recorded:
    names = [word.name for word in view.words]
    rows = (state_of(view, at) for at in range(len(view.steps) + 1))
    texts = tuple(dict(zip(names, row, strict=True)) for row in rows)
    return Recorded(texts, tuple(step.action for step in view.steps), view.heading.obligation)

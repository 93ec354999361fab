"""What is refuted before everything is explored is refuted as it would be with all of it, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from example_runtime import Example, changed, committed, rustc
from explore_corpus import view_of

from artifacts.explore.summaries import state_of
from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime.branching import NoSuchWay
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.modelled import modelled_operation
from proofs.runtime.near import Near, PartSoFar, explored_or_refuted
from proofs.runtime.recorded import Recorded, followed, states_of
from proofs.runtime.trace import RuntimeTrace
from proofs.verdicts import Refuted, Violation
from smt_models.host.variants import Peer
from smt_models.runtime.exploration import Stage
from smt_models.runtime.explore import Explored, explore, stages
from smt_models.runtime.operation import Subject

BUDGET = Budget(60, 4096)
OPERATION = "future-read"


def _subject(example: Example) -> Subject:
    return Subject(example.program, example.profile, example.profile.operation(OPERATION), Peer.HOST, Panic.ABORT)


def _counted(given: Iterator[Stage[Explored]], seen: list[int | None]) -> Iterator[Stage[Explored]]:
    for one in given:
        seen.append(one.steps)
        yield one


def _looked(subject: Subject, kind: RuntimeKind, seen: list[int | None], asked: Callable[[], None]) -> Explored | Near:
    def part(explored: Explored) -> PartSoFar:
        asked()
        return PartSoFar.of_operation(explored, BUDGET)

    return explored_or_refuted(_counted(stages(subject, lambda: None), seen), part, (kind,), BUDGET)


def _trace(verdict: object) -> RuntimeTrace:
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    return verdict.trace.trace


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Example:
    return changed("inline-on-the-heap", rustc(), tmp_path_factory.mktemp("twin"))


def test_a_few_steps_refute_as_all_of_them_do(twin: Example) -> None:
    """The trace is as short, and a run of the model that is made of everything, whose states have more words."""
    kind, seen = RuntimeKind.SCALAR_ZERO_ALLOC, list[int | None]()
    near = _looked(_subject(twin), kind, seen, lambda: None)
    assert not isinstance(near, Explored)
    refuted, by_cancel = near[kind]
    trace = _trace(refuted)
    assert not by_cancel
    assert None not in seen
    assert len(seen) <= len(trace.steps)
    modelled = modelled_operation(explore(_subject(twin)), BUDGET)
    whole = _trace(Case(modelled, ("H2", "H3", "H4"), BUDGET, (), None).verdict(kind))
    assert [step.action for step in trace.steps] == [step.action for step in whole.steps]
    recorded = _recorded(trace)
    states = states_of(recorded, modelled.edges)
    assert recorded.texts[0].keys() < {*states[0], "fault"}
    assert len(followed(modelled.edges, modelled.system, recorded, states, BUDGET)) == len(trace.steps)
    foreign = Recorded(({**recorded.texts[0], "other": "1"},), (), "")
    with pytest.raises(NoSuchWay, match="of another model"):
        states_of(foreign, modelled.edges)


def _recorded(trace: RuntimeTrace) -> Recorded:
    view = view_of(trace)
    names = [word.name for word in view.words]
    rows = (state_of(view, at) for at in range(len(view.steps) + 1))
    texts = tuple(dict(zip(names, row, strict=True)) for row in rows)
    return Recorded(texts, tuple(step.action for step in view.steps), trace.obligation)


def test_what_no_state_leads_to_is_explored_to_its_end() -> None:
    """Although paths break it: it is searched for in vain a few times, and not at every stage."""
    seen, asked = list[int | None](), list[None]()
    subject = _subject(committed())
    found = _looked(subject, RuntimeKind.END_DROPPED_IDLE, seen, lambda: asked.append(None))
    assert isinstance(found, Explored)
    assert RuntimeKind.END_DROPPED_IDLE.value in found.broken()
    assert seen[-1] is None
    assert 0 < len(asked) < len(seen) - 1
    whole = explore(_subject(committed()))
    assert (found.shapes, found.rounds, len(found.paths)) == (whole.shapes, whole.rounds, len(whole.paths))


def test_nothing_is_searched_for_that_no_path_breaks() -> None:
    asked: list[None] = []
    first = next(stages(_subject(committed()), lambda: None))
    assert not first.explored().broken()
    whole = Stage(None, first.explored)
    kinds = (RuntimeKind.END_DROPPED_IDLE,)

    def part(explored: Explored) -> PartSoFar:
        asked.append(None)
        return PartSoFar.of_operation(explored, BUDGET)

    assert isinstance(explored_or_refuted(iter((first, whole)), part, kinds, BUDGET), Explored)
    assert not asked

"""A system under H1 and H2, as what is left of one without them: the same as if it were explored under them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from smt_models.host.variants import ALL, Hypotheses, Peer, is_without, without_cancels
from smt_models.runtime.emit import system_of
from smt_models.runtime.events import Told
from smt_models.runtime.execute import Path
from smt_models.runtime.explore import Explored, explore
from smt_models.runtime.held import under_hypotheses
from smt_models.runtime.host import KEPT, subtask_host
from smt_models.runtime.joins import Joins
from smt_models.runtime.operation import Subject
from smt_models.runtime.state import State
from smt_models.system.model import System
from smt_models.system.terms import negation

FEW = without_cancels(ALL)
CASES = [("future-read", Peer.HOST), ("subtask", Peer.WASM)]


@cache
def _explored(operation: str, peer: Peer, hypotheses: Hypotheses) -> Explored:
    return explore(_subject(operation, peer, hypotheses))


def _subject(operation: str, peer: Peer, hypotheses: Hypotheses) -> Subject:
    example = committed()
    found = example.profile.operation(operation)
    return Subject(example.program, example.profile, found, peer, Panic.ABORT, hypotheses)


def _steps(system: System) -> Counter[object]:
    """Without the word that only a host that keeps neither ever changes."""
    return Counter(
        (step.call, step.guard, tuple(one for one in step.updates if one[0] != "unfinished")) for step in system.steps
    )


def _breaks(path: Path) -> bool:
    return any(isinstance(one, Told) and is_without(one.rule) for one in path.state.events)


@pytest.mark.parametrize(("operation", "peer"), CASES)
def test_the_system_is_the_one_explored_under_them(operation: str, peer: Peer) -> None:
    held = under_hypotheses(_explored(operation, peer, FEW))
    direct = _explored(operation, peer, ALL)
    assert _steps(system_of(held)) == _steps(system_of(direct))
    assert held.broken() == direct.broken()
    assert held.unknown() == direct.unknown()
    names = [one.name for one in held.shaped]
    assert {shape[names.index("unfinished")] for shape in held.shapes} == {False}
    places = [names.index(one.name) for one in direct.shaped]
    assert {tuple(shape[at] for at in places) for shape in held.shapes} == set(direct.shapes)


@pytest.mark.parametrize(("operation", "peer"), CASES)
def test_what_is_left_out_is_what_breaks_them(operation: str, peer: Peer) -> None:
    few = _explored(operation, peer, FEW)
    held = under_hypotheses(few)
    assert any(_breaks(path) for _, path in few.paths)
    assert not any(_breaks(path) for _, path in held.paths)


def test_what_breaks_them_does_not_stand_for_what_keeps_them() -> None:
    """Else what keeps them would be left out with it."""
    keeps, breaks = State(), State()
    assert breaks.assume(negation(KEPT))
    first: Joins[str] = Joins()
    assert [first.enter(breaks, 0, "breaks"), first.enter(keeps, 0, "keeps")] == ["breaks", "keeps"]
    second: Joins[str] = Joins()
    assert [second.enter(keeps, 0, "keeps"), second.enter(breaks, 0, "breaks")] == ["keeps", "keeps"]


def test_without_h1_a_host_may_keep_it() -> None:
    """The rows of the rules without H1 are of one that never does."""
    kept, either = (subtask_host(given, apart=False).system.steps for given in (ALL, FEW))
    assert either[: len(kept)] == kept
    assert {is_without(one.name) for one in either[len(kept) :]} == {True}

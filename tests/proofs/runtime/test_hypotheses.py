"""What is refuted or not modelled only by a host that does not keep H1 or H2 is tried again with one that does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from proofs.ablation import runtime as ablation
from proofs.ablation.left import Clock
from proofs.ablation.runtime import OfRuntime
from proofs.kinds import RuntimeKind
from proofs.runtime import again
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.judge import ALL, FEW, OperationUnderProof, Spending, subject_of
from proofs.runtime.modelled import Modelled, modelled_operation
from proofs.runtime.search import Searched
from proofs.verdicts import Unknown
from smt_models.host.variants import WITHOUT_H2, Hypotheses, Peer
from smt_models.runtime.edges import Fault
from smt_models.runtime.emit import UNKNOWN
from smt_models.runtime.events import Told
from smt_models.runtime.explore import explore
from smt_models.runtime.lending import NO_EXTENT
from smt_models.runtime.outcomes import Where

BUDGET, PANIC = Budget(60, 4096), Panic.ABORT
EXTENT = RuntimeKind.EXTENT


@cache
def _modelled() -> tuple[Modelled, int, int]:
    """The number of an edge on which the host answers a cancel as it may not under H2, and of one on which it keeps the
    rules of another call.
    """
    asked = _asked()
    right = modelled_operation(explore(subject_of(asked, asked.program, ALL, follows=False)), BUDGET)
    edges = right.edges.edges
    told = {at: {one.call for one in edge.events if isinstance(one, Told)} for at, edge in enumerate(edges)}
    first = next(at for at, calls in told.items() if _cancel() in calls)
    second = next(at for at, calls in told.items() if calls and _cancel() not in calls)
    events = tuple(_broken(event) if isinstance(event, Told) else event for event in edges[first].events)
    more = tuple(replace(one, events=events) if at == first else one for at, one in enumerate(edges))
    return replace(right, edges=replace(right.edges, edges=more)), first, second


def _cancel() -> str | None:
    asked = _asked()
    return subject_of(asked, asked.program, ALL, follows=False).host.calls.cancel


def _asked() -> OperationUnderProof:
    example = committed()
    operation = example.profile.operation("future-read")
    return OperationUnderProof(example.program, example.profile, operation, Peer.WASM, PANIC)


def _broken(told: Told) -> Told:
    return replace(told, rule=f"{told.rule} {WITHOUT_H2}")


def test_only_rows_that_hypotheses_take_away_break_them() -> None:
    modelled, broken, kept = _modelled()
    routes = ((), (kept,), (broken,), (kept, broken))
    assert [modelled.edges.breaks_a_hypothesis(one) for one in routes] == [False, False, True, True]


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (("H3", "H4"), replace(FEW, h5=False)),
        (("H3", "H4", "H5"), replace(FEW, h5_unchecked=True)),
        (("H2", "H3", "H4"), replace(ALL, h5=False)),
        (("H2", "H3", "H4", "H5"), replace(ALL, h5_unchecked=True)),
    ],
)
def test_a_model_is_made_again_from_the_hypotheses_that_are_named(
    names: tuple[str, ...], given: Hypotheses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate that leaves out one that its model takes has another model."""
    of: list[Hypotheses] = []

    def model_of(_asked: OperationUnderProof, hypotheses: Hypotheses, _follows: bool, _spending: Spending) -> Modelled:
        of.append(hypotheses)
        return _modelled()[0]

    monkeypatch.setattr(again, "model_of", model_of)
    assert again.made_again(_asked(), names, True, Spending(BUDGET, BUDGET)).evidence.hypotheses == names
    assert of == [given]


@pytest.mark.parametrize(
    ("without", "given", "left"),
    [
        ("H5", replace(ALL, h5=False), ("H2", "H3", "H4")),
        ("H2", replace(FEW, h5_unchecked=True), ("H3", "H4", "H5")),
    ],
)
def test_a_model_is_made_without_one_of_them(
    without: str, given: Hypotheses, left: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    of: list[Hypotheses] = []

    def modelled(_asked: OperationUnderProof, hypotheses: Hypotheses, *_: object) -> Modelled:
        of.append(hypotheses)
        return _modelled()[0]

    monkeypatch.setattr(ablation, "_modelled", modelled)
    part = OfRuntime(_asked(), ("H2", "H3", "H4", "H5"), True, Spending(BUDGET, BUDGET), Clock.of(60, 4096))
    case = part._case(_asked(), "hypothesis", without)
    assert isinstance(case, Case)
    assert case._hypotheses == left
    assert of == [given]


@pytest.mark.parametrize(
    ("by_the_host", "by_others", "tried_again"),
    [
        ((EXTENT.value,), (), True),
        ((NO_EXTENT,), (), True),
        ((NO_EXTENT,), (EXTENT.value,), False),
        ((NO_EXTENT,), (UNKNOWN,), False),
        ((UNKNOWN,), (NO_EXTENT,), True),
        (("memory",), (), False),
    ],
)
def test_what_stands_against_it_decides(
    by_the_host: tuple[str, ...], by_others: tuple[str, ...], tried_again: bool
) -> None:
    """A refutation before all, and before what is not modelled of one obligation what is not modelled at all."""
    modelled, broken, kept = _modelled()
    case = Case(modelled, (), BUDGET, (), None)
    routes = {**dict.fromkeys(by_the_host, (broken,)), **dict.fromkeys(by_others, (kept,))}
    case._searched = Searched(routes, 1, 1, False, "")
    assert case.fails_by_the_host(EXTENT, _cancel()) is tried_again


def test_what_the_search_came_to_is_named_first() -> None:
    modelled, at, _ = _modelled()
    fault = Fault(NO_EXTENT, "a lend of any length", Where("f", 0, "lib.rs:1"))
    edges = tuple(replace(one, fault=fault) if number == at else one for number, one in enumerate(modelled.edges.edges))
    case = Case(replace(modelled, edges=replace(modelled.edges, edges=edges)), (), BUDGET, (), None)
    case._searched = Searched({NO_EXTENT: (at,)}, 1, 1, False, "")
    verdict = case.verdict(EXTENT)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == f"reaches what is not modelled: a lend of any length, at {fault.where}"

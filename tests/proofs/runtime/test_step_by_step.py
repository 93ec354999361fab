"""What the steps alone exclude is proved without a search to its end, and what they do not is searched for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime import case
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.modelled import Modelled, modelled_operation
from proofs.runtime.step_by_step import possible_faults
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import Proved
from smt_models.host.variants import Peer
from smt_models.runtime.explore import explore
from smt_models.runtime.operation import Subject

BUDGET = Budget(60, 4096)
BY_SEARCH = RuntimeKind.END_DROPPED_IDLE
"""No state leads to it; but an edge does, of which no solver was asked."""


@pytest.fixture(autouse=True)
def _from_the_first_state_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "_MANY", 0)


@cache
def _modelled() -> Modelled:
    example = committed()
    operation = example.profile.operation("future-read")
    explored = explore(Subject(example.program, example.profile, operation, Peer.WASM, Panic.ABORT))
    return replace(modelled_operation(explored, BUDGET), faults_decided=True)


def _proved(modelled: Modelled, kind: RuntimeKind) -> set[str]:
    """What is excluded besides."""
    verdict = Case(modelled, ("H3", "H4"), BUDGET, (), None, asked=(kind,)).verdict(kind)
    assert isinstance(verdict, Proved)
    assert isinstance(verdict.evidence, Invariant)
    return set(verdict.evidence.excluded)


def test_it_is_proved_and_what_was_not_looked_for_is_an_earlier_fault() -> None:
    assert possible_faults(_modelled().edges) == {BY_SEARCH.value}
    excluded = _proved(_modelled(), RuntimeKind.CANCEL_BEFORE_FREE)
    assert RuntimeKind.MEMORY.value in excluded
    assert BY_SEARCH.value not in excluded


def test_an_edge_that_leads_to_it_makes_the_search_go_on() -> None:
    assert {BY_SEARCH.value, RuntimeKind.MEMORY.value} <= _proved(_modelled(), BY_SEARCH)


def test_a_shape_that_is_left_out_is_found_by_the_checker() -> None:
    right = _modelled()
    less = replace(right, edges=replace(right.edges, shapes=right.edges.shapes[:-1]))
    asked = (RuntimeKind.CANCEL_BEFORE_FREE,)
    assert [Case(one, (), BUDGET, (), None, asked=asked)._by_steps is None for one in (right, less)] == [False, True]


def test_a_search_ends_where_all_that_is_asked_for_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small it is: what is refuted needs nothing else."""
    monkeypatch.setattr(case, "_MANY", 1_000_000)
    one, other = RuntimeKind.CANCEL_BEFORE_FREE.value, RuntimeKind.MEMORY.value
    both = Case(_modelled(), (), BUDGET, (), None, asked=(RuntimeKind.CANCEL_BEFORE_FREE, RuntimeKind.MEMORY))
    assert [both._is_enough(reached) for reached in ({one}, {one, other})] == [False, True]
    assert not Case(_modelled(), (), BUDGET, (), None)._is_enough({one, other})

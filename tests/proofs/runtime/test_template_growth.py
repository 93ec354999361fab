"""A round in which the template grew is not gone through to its end: what is found is what whole rounds find."""

from __future__ import annotations

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from smt_models.host.variants import Peer
from smt_models.runtime import explore as exploring
from smt_models.runtime.actions import actions_of
from smt_models.runtime.emit import system_of
from smt_models.runtime.explore import Explored, explore
from smt_models.runtime.operation import Subject
from smt_models.runtime.shapes import values_of
from smt_models.system.operators import Value


def _subject(operation: str, peer: Peer) -> Subject:
    example = committed()
    return Subject(example.program, example.profile, example.profile.operation(operation), peer, Panic.ABORT)


def _explored(operation: str, peer: Peer) -> Explored:
    return explore(_subject(operation, peer))


def _members(explored: Explored) -> dict[str, frozenset[Value]]:
    """In which order they were found is no matter."""
    return {one.name: frozenset(values_of(one)) for one in explored.shaped}


@pytest.mark.parametrize(("operation", "peer"), [("future-read", Peer.HOST), ("future-write", Peer.WASM)])
def test_the_model_is_that_of_whole_rounds(operation: str, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = _explored(operation, peer)
    monkeypatch.setattr(exploring, "FIRST", frozenset[str]())
    monkeypatch.setattr(exploring, "LEAST_BLOCKS", 1_000_000)
    whole = _explored(operation, peer)
    assert _members(ended) == _members(whole)
    assert set(ended.shapes) == set(whole.shapes)
    assert ended.outcomes() == whole.outcomes()
    assert ended.actions.executor.blocks < 0.8 * whole.actions.executor.blocks
    if ended.shaped == whole.shaped:
        assert (ended.shapes, system_of(ended)) == (whole.shapes, system_of(whole))


def test_what_is_gone_through_first_are_actions() -> None:
    """Else nothing would be."""
    assert {action.name for action in actions_of(_subject("future-read", Peer.HOST))} >= exploring.FIRST


def test_a_round_may_end_as_soon_as_the_template_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """However soon that is, rounds in which it does not grow are whole."""
    plain = _explored("future-read", Peer.WASM)
    monkeypatch.setattr(exploring, "LEAST_BLOCKS", -1_000_000)
    ended = _explored("future-read", Peer.WASM)
    assert ended.rounds > plain.rounds
    assert not ended.actions.grown
    assert _members(ended) == _members(plain)
    assert set(ended.shapes) == set(plain.shapes)
    assert ended.outcomes() == plain.outcomes()

"""What a negative control says of the edges of an edited program."""

from __future__ import annotations

from dataclasses import replace

import pytest
from runtime_edges import PLACE, counting, lending

from extract.mir.statements import Return
from extract.mir.tree import Block, Source, Terminator
from proofs.runtime.controls import Control, Outcome, control
from proofs.runtime.search import Limits
from proofs.runtime.solve import NoAnswer
from smt_models.runtime.edges import Edges, Fault
from smt_models.runtime.edits import Edit
from smt_models.runtime.emit import UNKNOWN

LIMITS = Limits(10, 1000, 20, 2048)
EDIT = Edit("the call is skipped", PLACE, Block(3, False, (), Terminator(Return(), Source(1, None, None))))
WANTED = ("cancel-before-free", "memory")


def _control(edges: Edges, wanted: tuple[str, ...] = WANTED, limits: Limits = LIMITS) -> Control:
    return control(EDIT, edges, wanted, limits)


def test_one_that_fails_names_the_nearest_violation() -> None:
    found = _control(lending(guarded=False)[0])
    assert found == Control(EDIT.what, PLACE, Outcome.FAILED, "cancel-before-free", 2)


def test_one_that_stays_had_every_state_looked_at() -> None:
    assert _control(lending(guarded=True)[0]).outcome is Outcome.STAYED
    assert _control(lending(guarded=False)[0], ("memory",)).outcome is Outcome.STAYED


def test_what_was_not_looked_at_whole_has_not_stayed() -> None:
    found = _control(counting(7)[0], limits=Limits(2, 1000, 20, 2048))
    assert found.outcome is Outcome.UNKNOWN
    assert "2 steps" in found.why


def test_what_is_not_modelled_has_not_stayed() -> None:
    edges, _ = lending(guarded=False)
    missing = replace(edges.edges[-1], fault=Fault(UNKNOWN, "the function f", PLACE))
    found = _control(replace(edges, edges=(*edges.edges[:-1], missing)))
    assert found.outcome is Outcome.UNKNOWN
    assert "the function f" in found.why


def test_no_answer_is_no_outcome() -> None:
    with pytest.raises(NoAnswer, match="ended"):
        _control(counting(7)[0], limits=Limits(10, 1000, 20, 1))

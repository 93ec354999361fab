"""Negative controls for people and machines: which steps the proofs of an operation rest on, and which not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from artifacts import sentences
from artifacts.names import visible
from proofs.runtime_verdicts import Control, Invariant
from proofs.verdicts import Proved, Result

if TYPE_CHECKING:
    from artifacts.canonical import Json

LISTED = 100
"""Longest list in a report; certificates have them all."""


def controls_of(result: Result) -> tuple[Control, ...]:
    match result.verdict:
        case Proved(Invariant() as evidence):
            return evidence.controls
        case _:
            return ()


def controls_text(controls: Iterable[Control]) -> str:
    """In a sentence: how many break a proof, and what no proof rests on."""
    tried = list(dict.fromkeys(controls))
    stayed = [one for one in tried if not one.fails and not one.undecided]
    undecided = [one for one in tried if not one.fails and one.undecided]
    failed = len(tried) - len(stayed) - len(undecided)
    said = f"{failed} of {sentences.count(len(tried), 'step')}, taken away one at a time, break a proof"
    if stayed:
        said += f"; no proof rests on {len(stayed)}: {_few(stayed)}"
    if undecided:
        said += f"; {len(undecided)} undecided: {_few(undecided)}"
    return said


def controls_json(result: Result) -> Json:
    """`fail`: of the others, those that break this obligation; `fail_another`: those that break another one only."""
    controls = controls_of(result)
    if not controls:
        return None
    stayed = [one for one in controls if not one.fails and not one.undecided]
    return {
        "tried": len(controls),
        "fail": sum(result.kind.value in one.fails for one in controls),
        "fail_another": sum(bool(one.fails) and result.kind.value not in one.fails for one in controls),
        "undecided": sum(bool(one.undecided) and not one.fails for one in controls),
        "stayed": {"total": len(stayed), "shown": [_step(one) for one in stayed[:LISTED]]},
    }


def _few(controls: list[Control]) -> str:
    shown = "; ".join(_step(one) for one in controls[: sentences.FEW])
    return f"{shown}; and {len(controls) - sentences.FEW} more" if len(controls) > sentences.FEW else shown


def _step(control: Control) -> str:
    return f"{visible(control.step)} at {visible(sentences.place(control.where), 300)}"

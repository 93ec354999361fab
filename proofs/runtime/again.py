"""A runtime's model made again: from its MIR, and from which hypotheses a certificate takes."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.runtime.covering import covered_blocks, trusted_functions, uncovered_blocks
from proofs.runtime.judge import ALL, FEW, OperationUnderProof, Spending
from proofs.runtime.modelled import Modelled
from proofs.runtime.models import model_of
from proofs.runtime.task_side import TaskUnderProof
from proofs.runtime_verdicts import Invariant
from smt_models.system.script import model_script

OF_CANCEL = frozenset(("H1", "H2"))


@dataclass(frozen=True, slots=True)
class Again:
    """`evidence`: what follows from the MIR alone, where what a solver found is empty. `build`: what the making of the
    MIR took for granted. `certain`: as of what was modelled.
    """

    evidence: Invariant
    build: tuple[str, ...]
    certain: bool


def operation_again(
    asked: OperationUnderProof, hypotheses: tuple[str, ...], follows: bool, spending: Spending
) -> Again:
    """Raises NoFixpoint, NotModelled."""
    taken = ALL if OF_CANCEL & set(hypotheses) else FEW
    return _again(model_of(asked, taken, follows, spending), hypotheses, asked.build)


def task_again(asked: TaskUnderProof, hypotheses: tuple[str, ...], spending: Spending) -> Again:
    """Raises NoFixpoint, NotModelled."""
    return _again(model_of(asked, ALL, False, spending), hypotheses, asked.build)


def _again(modelled: Modelled, hypotheses: tuple[str, ...], build: tuple[str, ...]) -> Again:
    explored = modelled.explored
    evidence = Invariant(
        model=model_script(modelled.system),
        invariant="",
        excluded=(),
        hypotheses=hypotheses,
        trusted=trusted_functions(explored, modelled.library),
        covered=covered_blocks(explored),
        uncovered=uncovered_blocks(explored),
    )
    return Again(evidence, build, modelled.certain)

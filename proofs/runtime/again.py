"""A runtime's model made again: from its MIR, and from which hypotheses a certificate takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from proofs.runtime.covering import covered_blocks, trusted_functions, uncovered_blocks
from proofs.runtime.judge import ALL, FEW, Spending
from proofs.runtime.models import PartUnderProof, model_of
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


def made_again(asked: PartUnderProof, hypotheses: tuple[str, ...], follows: bool, spending: Spending) -> Again:
    """Raises NoFixpoint, NotModelled."""
    counts = "H5" in hypotheses
    of_host = replace(ALL if OF_CANCEL & set(hypotheses) else FEW, h5=counts, h5_unchecked=counts)
    modelled = model_of(asked, of_host, follows, spending)
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
    return Again(evidence, asked.build, modelled.certain)

"""What is known of a model before anything is asked of sums and products: what holds of single variables."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.system.terms import Term, Variable


@dataclass(frozen=True, slots=True)
class Settled:
    """`says`: a candidate. `value`: a variable, and the variable or literal that it is wherever the candidate says
    anything; what is a value there has none. None: it says of no variable what it is.
    """

    says: Term
    value: tuple[Variable, Term] | None

"""How paths end, counted: by kind, and by name and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from smt_models.runtime.outcomes import Outcome, Unknown, Violated


def kinds(outcomes: Iterable[Outcome]) -> Counter[str]:
    return Counter(type(one).__name__ for one in outcomes)


def unknown(outcomes: Iterable[Outcome]) -> Counter[str]:
    """What is not modelled and is reached by some shape."""
    return Counter(f"{one.what}, at {one.where}" for one in outcomes if isinstance(one, Unknown))


def violations(outcomes: Iterable[Outcome]) -> Counter[tuple[str, str]]:
    return Counter((one.obligation, f"{one.why}, at {one.where}") for one in outcomes if isinstance(one, Violated))

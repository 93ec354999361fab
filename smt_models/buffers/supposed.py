"""What may be supposed of the elements that callers pass (`hypothesis.py` says it in terms)."""

from __future__ import annotations

from enum import Enum


class Elements(Enum):
    """`ANY`: what types say. `FITTING`: besides, all that a call passes take fewer bytes in the canonical ABI than
    `usize` can count. `COUNTED`: besides, it is followed which of them were handed over, and nobody says of more than
    there still are that they were.
    """

    ANY = "any"
    FITTING = "fitting"
    COUNTED = "counted"

"""A client's `Vec` that is read into, as it is between actions: which elements are in it, and what is lent of it."""

from __future__ import annotations

from dataclasses import dataclass

from smt_models.runtime.extents import LARGEST
from smt_models.runtime.facts import fold
from smt_models.runtime.followed import LONGEST, NOBODY, NOTHING, OURS, Followed, between
from smt_models.runtime.values import Dangling, Pointer
from smt_models.system.terms import TRUE, Term, both, choose


@dataclass(frozen=True, slots=True)
class Filling:
    """A `Vec`, and the area with its room, if there is one. `lends`: something is lent; `is_direct`: in the `Vec`."""

    block: Pointer | Dangling
    length: Term
    capacity: Term
    area: tuple[Pointer | Dangling, Term] | None
    lends: bool
    is_direct: bool

    @property
    def spare(self) -> Term:
        return fold("bvsub", self.capacity, self.length)

    def in_vec(self) -> Followed:
        owner = choose(between(NOTHING, self.length), OURS, NOBODY)
        if self.lends and self.is_direct:
            return Followed(self.block, owner, self.length, _most(self.spare))
        return Followed(self.block, owner)

    def in_area(self) -> Followed | None:
        """Between actions it holds nothing that the guest has."""
        if self.area is not None:
            block, room = self.area
            return Followed(block, NOBODY, NOTHING, _most(room) if self.lends else NOTHING)
        if self.lends and not self.is_direct:
            return Followed(Dangling(), NOBODY, NOTHING, _most(self.spare))
        return None

    @property
    def is_possible(self) -> Term:
        """The area has as much room as there is in the `Vec`, which has none without a block."""
        room = TRUE if self.area is None else fold("=", self.area[1], self.spare)
        largest = LARGEST if isinstance(self.block, Pointer) else NOTHING
        return both(fold("bvule", self.length, self.capacity), fold("bvule", self.capacity, largest), room)


def _most(room: Term) -> Term:
    """As many elements as may be lent [CABI]."""
    return choose(fold("bvult", room, LONGEST), room, LONGEST)

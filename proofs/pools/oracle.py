"""What a run of the module itself breaks: a plain model of the blocks that are live, and looks at the bytes.

It knows the pool and the calls made, and nothing of how the module works; clients fill the blocks that they are given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from smt_models.pools import conditions as c
from smt_models.pools.pool import ALIGNMENTS, MOST_BYTES, ROLES, Host, Pool, Role

ADDRESSES = 1 << 32


@dataclass(frozen=True, slots=True)
class Block:
    """Live; `call`: the number of the call that handed it out."""

    at: int
    size: int
    call: int


@dataclass(frozen=True, slots=True)
class Fault:
    """`text`: what was seen; `at`, `size`: what it is about, if that lies anywhere."""

    text: str
    at: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A call that returned, and its number: memory before and after it, cut to what is looked at."""

    number: int
    role: str
    arguments: dict[str, int]
    result: int | None
    before: bytes
    after: bytes
    grew: bool
    unit: int = 1


@dataclass(slots=True)
class Oracle:
    """`metadata`: first and last address of known cells, and of what else calls store to at a known address.
    `all_known`: there is no more, so that whatever else is written to went astray; where the model follows a call only
    in part, what it writes then may be a cell too.
    """

    pool: Pool
    host: Host
    metadata: tuple[tuple[int, int], ...]
    all_known: bool
    blocks: list[Block] = field(default_factory=list)
    marks: set[int] = field(default_factory=set)

    def faulty_arguments(self, role: str, given: dict[str, int]) -> str | None:
        """Why a host that conforms would not make this call."""
        if self.host is Host.ANY:
            return None
        if role == "allocate":
            return self._faulty_request(given)
        if role == "release" and "pointer" in given:
            block = self._at(given["pointer"])
            if block is None or given.get("size", block.size) != block.size:
                return f"no block of that size lives at {given['pointer']:#x}"
        if role == "release" and not self.blocks:
            return "no block is live"
        if role == "reset" and self.pool.mark and given.get("mark", self.pool.base) not in self.marks:
            return f"{given['mark']:#x} is no mark"
        return None

    def _faulty_request(self, given: dict[str, int]) -> str | None:
        if given.get("align", 1) not in ALIGNMENTS or given.get("count", given.get("size", 0)) > MOST_BYTES:
            return "an alignment or size that no conforming host asks for"
        old, old_size = given.get("old", 0), given.get("old_size", 0)
        if (old, old_size) == (0, 0):
            return None
        block = self._at(old)
        if block is None or block.size != old_size or given.get("size") == 0:
            return f"no block of {old_size} bytes lives at {old:#x}"
        return None

    def _at(self, place: int) -> Block | None:
        return next((one for one in self.blocks if one.at == place), None)

    def broken(self, made: Made) -> dict[str, Fault]:
        """What the call broke, each with what was seen; and takes note of what it did."""
        match made.role:
            case "allocate":
                return self._allocated(made)
            case "release":
                self._released(made)
            case "reset":
                return self._reset(made)
            case "mark" if made.result is not None:
                self.marks.add(made.result)
            case _:
                pass
        return self._strayed(made)

    def _released(self, made: Made) -> None:
        if "pointer" in made.arguments:
            block = self._at(made.arguments["pointer"])
            if block is not None:
                self.blocks.remove(block)
        elif self.blocks:
            self.blocks.pop(0)

    def _reset(self, made: Made) -> dict[str, Fault]:
        place = made.arguments.get("mark", self.pool.base)
        above = [one for one in self.blocks if one.at + one.size > place]
        if not above:
            return {}
        one = above[0]
        what = f"the block {_range(one.at, one.size)} is live, and the pool was reset to {place:#x}"
        return {c.NO_REWIND: Fault(what, one.at, one.size)}

    def _strayed(self, made: Made) -> dict[str, Fault]:
        """Bytes changed that belong to no pool and to no cell."""
        if not self.all_known:
            return {}
        start = 0
        pools = ((part.base, part.end - 1) for part in self.pool.parts)
        for first, last in (*sorted((*self.metadata, *pools)), (len(made.before), 0)):
            if made.before[start:first] != made.after[start:first]:
                place = next(one for one in range(start, first) if made.before[one] != made.after[one])
                what = f"the byte at {place:#x} changed, which belongs to no pool or cell"
                return {c.INDEX: Fault(what, place, 1)}
            start = max(start, last + 1)
        return {}

    def _allocated(self, made: Made) -> dict[str, Fault]:
        given, at = made.arguments, made.result
        size = self._size(made.unit, given)
        assert at is not None
        if given.get("old") == given.get("old_size") == size == 0:
            return self._zero_size(made, at)
        if size == 0:
            return {}
        if at == 0 and not self.pool.begins_at_null:
            return {c.EXHAUSTION: Fault("it gave null", 0, size)}
        old = self._old(given)
        if old is not None:
            self.blocks.remove(old)
        found = self._misplaced(made, at, size)
        if "old" in given and given.get("old_size", 0) and at != given["old"]:
            found |= self._miscopied(made, at, size, old)
        self.blocks.append(Block(at, size, made.number))
        total = sum(one.size for one in self.blocks)
        if self.pool.budget is not None and total > self.pool.budget:
            found[c.BUDGET] = Fault(f"{total} bytes are live, of a budget of {self.pool.budget}", at, size)
        return found

    def _size(self, unit: int, given: dict[str, int]) -> int:
        return given["count"] * unit if "count" in given else given.get("size", self.pool.element_everywhere or 0)

    def _holds(self, at: int, size: int) -> bool:
        """Whether all of it lies in one part of the pool."""
        return any(part.base <= at and at + size <= part.end for part in self.pool.parts)

    def _old(self, given: dict[str, int]) -> Block | None:
        if not given.get("old_size"):
            return None
        return self._at(given.get("old", 0))

    def _zero_size(self, made: Made, at: int) -> dict[str, Fault]:
        align = made.arguments.get("align", 0)
        if at != align:
            return {c.ZERO_SIZE: Fault(f"nothing was asked for at alignment {align}, and it gave {at:#x}", at)}
        if made.before != made.after:
            return {c.ZERO_SIZE: Fault("nothing was asked for, and memory changed")}
        return {}

    def _misplaced(self, made: Made, at: int, size: int) -> dict[str, Fault]:
        pool = self.pool
        found = {}

        def fault(text: str) -> Fault:
            return Fault(text, at, size)

        align = made.arguments.get("align", pool.alignment or 0)
        if not self._holds(at, size):
            places = " or ".join(_range(part.base, part.size) for part in pool.parts)
            met = any(at < part.end and part.base < at + size for part in pool.parts)
            hint = "" if met else "; were it of another pool of the same allocator, `also` or a second --pool names it"
            found[c.RANGE] = fault(f"{_range(at, size)} is not within {places}{hint}")
        if pool.has_elements and not any(_is_element(part, at) for part in pool.parts):
            found[c.INDEX] = fault(f"{at:#x} is no element of the pool")
        if align and at % align:
            found[c.ALIGNED] = fault(f"{at:#x} is no multiple of {align}")
        for one in self.blocks:
            if at < one.at + one.size and one.at < at + size:
                found[c.DISJOINT] = fault(f"{_range(at, size)} overlaps the live block {_range(one.at, one.size)}")
        if made.grew:
            found[c.EXHAUSTION] = fault("it grew the memory")
        elif at + size > ADDRESSES:
            found[c.EXHAUSTION] = fault(f"{at:#x} and {size} bytes are beyond the last address")
        return found

    def _miscopied(self, made: Made, at: int, size: int, old: Block | None) -> dict[str, Fault]:
        given = made.arguments
        start, kept = given["old"], min(given["old_size"], size)
        wanted, got = made.before[start : start + kept], made.after[at : at + kept]
        owned = self._holds(start, kept)
        if old is None:
            if owned or got != wanted:
                return {}
            what = f"it copied {kept} bytes from {start:#x}, which is no block of the pool"
        elif got != wanted:
            what = f"the {kept} bytes at {at:#x} are not those of the old block at {start:#x}"
        elif made.before[at + kept : at + size] != made.after[at + kept : at + size]:
            what = f"more than the {kept} bytes of the old block were copied to {at:#x}"
        else:
            return {}
        return {c.COPY_OWNED: Fault(what, at, size)}


def role_of(pool: Pool, export: str) -> tuple[str, Role | None]:
    """The role's name, `other` if it has none."""
    for name in ROLES:
        for role in getattr(pool, name):
            if role.export == export:
                return name, role
    return "other", None


def _is_element(part: Pool, at: int) -> bool:
    """Whether an element of the part begins there; anything does in one without elements."""
    element = part.element or 1
    place = at - part.base
    return 0 <= place < part.size - part.size % element and place % element == 0


def _range(at: int, size: int) -> str:
    return f"{at:#x} to {at + size:#x}"

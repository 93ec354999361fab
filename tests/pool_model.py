"""What the clients of a pool hold, and which obligations of the catalogue a call broke: plain arithmetic, no prover."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pool_corpus import PoolModule, Region, Role

LETTERS = bytes(range(256)) * 20
"""What clients write: another row of bytes for each block."""
SPACE = 1 << 32


@dataclass(frozen=True, eq=False)
class Block:
    """Bytes that a client holds."""

    start: int
    size: int
    align: int
    content: bytes

    @property
    def end(self) -> int:
        return self.start + self.size


@dataclass(frozen=True)
class Call:
    role: Role
    arguments: dict[str, int]

    @property
    def size(self) -> int:
        """Of the block that an allocation asks for."""
        if "count" in self.arguments:
            return self.arguments["count"] * self.role.unit
        return self.arguments.get("size", self.role.size or 0)

    @property
    def asks_nothing(self) -> bool:
        """It is `realloc(0, 0, align, 0)`."""
        given = self.arguments
        return "old" in given and given["old"] == given["old_size"] == given["size"] == 0

    def __str__(self) -> str:
        return f"{self.role.export}({', '.join(map(str, self.arguments.values()))})"


@dataclass(frozen=True)
class Returned:
    value: int
    before: bytes
    after: bytes


@dataclass(frozen=True)
class Trapped:
    """It ended the instance."""


@dataclass(frozen=True)
class Spun:
    """It did not end."""


Outcome = Returned | Trapped | Spun


@dataclass
class Clients:
    """The live blocks, oldest first, and the marks that clients were given."""

    module: PoolModule
    live: list[Block] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Of every block that there ever was."""
    prepared: list[int] = field(default_factory=list)
    """The sizes that the allocator was told to expect."""
    astray: str | None = None
    """What it is called that a call writes what is not its own; None: by an obligation that the module has."""

    def broken_by(self, call: Call, outcome: Outcome) -> set[str]:
        """The obligations that this call broke; afterwards the clients hold what it left them."""
        held = list(self.live)
        match outcome:
            case Trapped():
                return {"zero-size"} if call.asks_nothing else set()
            case Spun():
                return {"exhaustion-traps"} if call.role.kind == "allocate" else set()
            case Returned():
                broken: set[str] = set()
                match call.role.kind:
                    case "allocate":
                        broken |= set(self._allocated(call, outcome))
                    case "release":
                        self._released(call)
                    case "reset":
                        broken |= set(self._reset(call))
                    case "mark":
                        self.marks.append(outcome.value)
                    case "access":
                        broken |= set(self._accessed(call, outcome))
                    case "prepare":
                        self.prepared.append(call.arguments["size"])
                    case other:
                        raise ValueError(f"{self.module.file}: no role {other}")
                return broken | set(self._frame(call, outcome, held)) | set(self._budget())

    def _frame(self, call: Call, outcome: Returned, held: list[Block]) -> Iterator[str]:
        """A call writes static objects only, an access the one that it is for; what stays live does not change."""
        module, before, after = self.module, outcome.before, outcome.after
        if call.role.kind == "access":
            regions = [module.region(call.role.touches or module.pool.name)]
        else:
            regions = sorted((*module.pools, *module.others), key=lambda region: region.base)
        starts = [0, *(region.end for region in regions)]
        ends = [*(region.base for region in regions), len(before)]
        outside = any(before[start:end] != after[start:end] for start, end in zip(starts, ends, strict=True))
        start, size = (outcome.value, call.size) if call.role.kind == "allocate" else (0, 0)
        kept = [one for one in self.live if one in held and (start + size <= one.start or one.end <= start)]
        inside = any(before[one.start : one.end] != after[one.start : one.end] for one in kept)
        if outside or (inside and call.role.kind != "access"):
            usual = "index-in-bounds" if "index-in-bounds" in module.obligations else "range-in-bounds"
            yield usual if self.astray is None else self.astray

    def _allocated(self, call: Call, outcome: Returned) -> Iterator[str]:
        given, role, size = call.arguments, call.role, call.size
        align = given.get("align", role.align or 1)
        old = self._taken_back(given)
        if size == 0:
            if call.asks_nothing:
                yield from () if (outcome.value, outcome.before) == (align, outcome.after) else ("zero-size",)
            return
        start, end = outcome.value, outcome.value + size
        if start == 0 or end > SPACE or len(outcome.after) != len(outcome.before):
            yield "exhaustion-traps"
        if start == 0:
            return
        inside = any(pool.base <= start and end <= pool.end for pool in self.module.pools)
        if not inside:
            yield "range-in-bounds"
        if self.module.pool.element is not None and not any(_is_element(pool, start) for pool in self.module.pools):
            yield "index-in-bounds"
        if align != 0 and start % align != 0:
            yield "aligned"
        free_of_others = not any(start < block.end and block.start < end for block in self.live)
        if not free_of_others:
            yield "disjoint"
        if given.get("old_size", 0) > 0:
            yield from self._copied(given, old, outcome)
        self.starts.append(start)
        if inside and free_of_others:
            content = LETTERS[len(self.starts) * 53 % 256 :][:size]
            self.live.append(Block(start, size, align, content))

    def _taken_back(self, given: dict[str, int]) -> Block | None:
        """The block that a client gives back to have it grown: it is the address that names it."""
        if given.get("old_size", 0) == 0:
            return None
        for block in self.live:
            if block.start == given["old"]:
                self.live.remove(block)
                return block
        return None

    def _copied(self, given: dict[str, int], old: Block | None, outcome: Returned) -> Iterator[str]:
        kept, start = min(given["old_size"], given["size"]), outcome.value
        if start == given["old"]:
            return
        if old is None or old.size != given["old_size"]:  # no block: what is copied must at least be the pool's
            if not any(pool.base <= given["old"] and given["old"] + kept <= pool.end for pool in self.module.pools):
                yield "copy-owned"
            return
        new = outcome.after[start : start + given["size"]]
        was = outcome.before[start : start + given["size"]]
        rest = any(now not in (0, then) for now, then in zip(new[kept:], was[kept:], strict=True))
        if new[:kept] != old.content[:kept] or rest:
            yield "copy-owned"

    def _released(self, call: Call) -> None:
        match call.arguments:
            case {"pointer": start}:
                self.live = [block for block in self.live if block.start != start]
            case _:  # in the order in which they were taken
                self.live = self.live[1:]

    def _reset(self, call: Call) -> Iterator[str]:
        place = call.arguments.get("mark", self.module.pool.base)
        if any(block.end > place for block in self.live):
            yield "no-rewind"
        self.marks = [mark for mark in self.marks if mark <= place]

    def _accessed(self, call: Call, outcome: Returned) -> Iterator[str]:
        table = self.module.region(call.role.touches or self.module.pool.name)
        assert table.element is not None
        if call.role.size is not None:  # it gives the address of so many bytes
            at = outcome.value - table.base
            if not 0 <= at <= table.size - call.role.size or at % table.element != 0:
                yield "index-in-bounds"

    def _budget(self) -> Iterator[str]:
        budget = self.module.budget
        if budget is not None and sum(block.size for block in self.live) > budget:
            yield "within-budget"


def _is_element(pool: Region, address: int) -> bool:
    assert pool.element is not None
    return 0 <= address - pool.base < pool.size and (address - pool.base) % pool.element == 0

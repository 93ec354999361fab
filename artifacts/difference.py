"""What changed between two runs: subjects, obligations, verdicts, assumptions, and the evidence of proofs.

It compares what the runs wrote; whether certificates hold is asked of `proofmark check`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from artifacts.names import visible

FORMAT = "proofmark-diff/1"

Gate = Literal["verdicts", "assumptions", "evidence", "subjects"]
Sort = Literal[
    "run-less-complete", "gone", "worse", "other-verdict", "better", "new", "assumes-more", "assumes-less", "evidence",
    "subject",
]  # fmt: skip
"""In the order in which changes are told."""

GATES: dict[Gate, frozenset[Sort]] = {
    "verdicts": frozenset(("run-less-complete", "gone", "worse")),
    "assumptions": frozenset(("assumes-more",)),
    "evidence": frozenset(("evidence",)),
    "subjects": frozenset(("subject",)),
}
_ORDER: tuple[Sort, ...] = (
    "run-less-complete", "gone", "worse", "other-verdict", "better", "new", "assumes-more", "assumes-less", "evidence",
    "subject",
)  # fmt: skip
_RANK = {"proved": 0, "bounded": 1, "unknown": 2, "vacuous": 2, "refuted": 3}

Key = tuple[str, str, str]
"""Subject's path, obligation, instance."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A result of a run. `assumptions`: (id, about) to the text; `evidence`: of the certificate, by part."""

    verdict: str
    sha256: str
    assumptions: Mapping[tuple[str, str], str]
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenRun:
    state: str
    entries: Mapping[Key, Entry]


@dataclass(frozen=True, slots=True)
class Change:
    """`what`: the subject alone, or with obligation and instance."""

    sort: Sort
    what: tuple[str, ...]
    detail: str


def difference(old: WrittenRun, new: WrittenRun) -> tuple[Change, ...]:
    found = [*_of_run(old, new), *_of_subjects(old, new)]
    for key in {**old.entries, **new.entries}:
        found += _of_result(key, old.entries.get(key), new.entries.get(key))
    return tuple(sorted(found, key=lambda change: (_ORDER.index(change.sort), change.what, change.detail)))


def _of_run(old: WrittenRun, new: WrittenRun) -> Iterator[Change]:
    if new.state != "complete" and old.state != new.state:
        yield Change("run-less-complete", (), f"{old.state} → {new.state}")


def _of_subjects(old: WrittenRun, new: WrittenRun) -> Iterator[Change]:
    before, after = ({key[0]: entry.sha256 for key, entry in run.entries.items()} for run in (old, new))
    for path in before.keys() & after.keys():
        if before[path] != after[path]:
            yield Change("subject", (path,), f"SHA-256 {before[path][:12]}… → {after[path][:12]}…")


def _of_result(key: Key, old: Entry | None, new: Entry | None) -> Iterator[Change]:
    if new is None:
        if old is not None:
            yield Change("gone", key, f"{old.verdict} → no result")
        return
    if old is None:
        yield Change("new", key, new.verdict)
    elif old.verdict != new.verdict:
        ranks = _RANK[old.verdict], _RANK[new.verdict]
        sort: Sort = "worse" if ranks[1] > ranks[0] else "better" if ranks[1] < ranks[0] else "other-verdict"
        yield Change(sort, key, f"{old.verdict} → {new.verdict}")
    yield from _of_assumptions(key, {} if old is None else old.assumptions, new)
    if old is not None and (old.verdict, new.verdict) == ("proved", "proved"):
        parts = sorted(part for part in {**old.evidence, **new.evidence} if _part(old, part) != _part(new, part))
        if parts:
            yield Change("evidence", key, ", ".join(parts))


def _of_assumptions(key: Key, before: Mapping[tuple[str, str], str], new: Entry) -> Iterator[Change]:
    """What a new proof assumes is more, too. Fewer assumptions count only while the proof is there."""
    for assumption in new.assumptions.keys() - before.keys():
        yield Change("assumes-more", key, f"{' '.join(filter(None, assumption))}: {new.assumptions[assumption]}")
    if new.verdict == "proved":
        for assumption in before.keys() - new.assumptions.keys():
            yield Change("assumes-less", key, f"{' '.join(filter(None, assumption))}: {before[assumption]}")


def _part(entry: Entry, part: str) -> object:
    return entry.evidence.get(part)


def failed_gates(changes: Sequence[Change], gates: Sequence[Gate]) -> tuple[Gate, ...]:
    sorts = {change.sort for change in changes}
    return tuple(gate for gate in gates if not sorts.isdisjoint(GATES[gate]))


def as_text(changes: Sequence[Change]) -> list[str]:
    lines = []
    for change in changes:
        where = " ".join(visible(part) for part in change.what[:2])
        instance = f" ({visible(change.what[2])})" if len(change.what) > 2 else ""
        lines.append(f"{change.sort:<17} {where or 'the run'}{instance}: {visible(change.detail, 600)}")
    counts = Counter(change.sort for change in changes)
    return [*lines, ", ".join(f"{counts[sort]} {sort}" for sort in _ORDER if counts[sort]) or "no change"]


def as_json(changes: Sequence[Change], failed: Sequence[Gate]) -> bytes:
    listed = [{"change": c.sort, **dict(zip(_KEYS, c.what, strict=False)), "detail": c.detail} for c in changes]
    return json.dumps({"format": FORMAT, "changes": listed, "failed": list(failed)}, indent=1).encode("ascii") + b"\n"


_KEYS = ("subject", "obligation", "instance")

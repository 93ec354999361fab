"""A pool at both ends: the static of a crate, and the pool in the module that is made of it.

Proofs at both ends are of one pool only if name, size and count of elements agree; and where they agree, what is proved
at one end is not refuted at the other. Each disagreement is a finding, whatever the verdicts are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proofs.verdicts import Proved, Refuted, Verdict


@dataclass(frozen=True, slots=True)
class End:
    """What one end says. `size`, `element`: in bytes; None is what it does not say. `verdicts`: by obligation and host;
    a crate's are for all callers.
    """

    path: str
    name: str
    size: int | None
    element: int | None
    count: int | None
    verdicts: Mapping[tuple[str, str], Verdict]

    @property
    def obligations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for kind, _ in self.verdicts))

    def all_are(self, kind: str, verdict: type[Proved | Refuted]) -> bool:
        return all(isinstance(one, verdict) for (of, _), one in self.verdicts.items() if of == kind)


@dataclass(frozen=True, slots=True)
class Join:
    """`module`: None if no pool there has the static's name. `proved`: obligations that are proved at both ends.
    `findings`: what does not agree; `open`: what stands in the way of saying that all does.
    """

    crate: str
    static: str
    module: str
    pool: str | None
    size: int | None
    proved: tuple[str, ...]
    findings: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.findings and not self.open


def joined(static: End, pool: End) -> Join:
    """Of two ends with one name."""
    both = tuple(kind for kind in static.obligations if kind in pool.obligations)
    findings = [*_extents(static, pool), *(one for kind in both for one in _against(kind, static, pool))]
    proved = tuple(kind for kind in both if static.all_are(kind, Proved) and pool.all_are(kind, Proved))
    left = [f"{kind} is not proved at both ends" for kind in both if kind not in proved]
    if not both:
        left.append("no obligation is asked of both ends")
    if static.size is None or pool.size is None:
        left.append("the size is not known at both ends")
    size = pool.size if not findings else None
    return Join(static.path, static.name, pool.path, pool.name, size, proved, tuple(findings), tuple(left))


def _extents(static: End, pool: End) -> Iterator[str]:
    pairs = (
        ("size", static.size, pool.size, "bytes"),
        ("size of an element", static.element, pool.element, "bytes"),
        ("count", static.count, pool.count, "elements"),
    )
    for what, one, other, unit in pairs:
        if one is not None and other is not None and one != other:
            yield f"{what}: {one} {unit} in the crate, {other} {unit} in the module"


def _against(kind: str, static: End, pool: End) -> Iterator[str]:
    """A refutation by a host that conforms refutes what holds for any; not so the other way."""
    for (of, host), verdict in pool.verdicts.items():
        if of != kind:
            continue
        if static.all_are(kind, Proved) and isinstance(verdict, Refuted):
            yield f"{kind}: proved of the crate, refuted of the module ({host})"
        elif static.all_are(kind, Refuted) and isinstance(verdict, Proved) and host == ANY:
            yield f"{kind}: refuted of the crate, proved of the module ({host})"


ANY = "host=any"

"""Of a large core module other processes begin to go over the bodies before this one has read what else is in it.

What is wrong with the module this one says, which reads all of it: who does not come to an end has no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from proofs.recheck.bodies import groups_of
from proofs.recheck.certificate import Evidence
from proofs.recheck.cores import Helpers, Work, helpers_for
from proofs.recheck.decode_module import PREAMBLE, read_imports
from proofs.recheck.faults import Malformed, Refused
from proofs.recheck.graph_certificate import ClosedSet
from proofs.recheck.module import Kind
from proofs.recheck.reader import Reader
from proofs.recheck.segments import read_bodies


@contextmanager
def begun(data: bytes, evidence: Evidence) -> Iterator[Helpers | None]:
    """None where nobody begins before."""
    count = helpers_for(_code_size(data)) if isinstance(evidence, ClosedSet) else 0
    if count == 0 or not isinstance(evidence, ClosedSet):
        yield None
        return
    members = [one for member in evidence.members if member.instance == 0 for one in member.ranges]

    def find() -> Work:
        imported, bodies = _read(data)
        if any(low < imported or high >= imported + len(bodies) for low, high in members):
            raise Refused("certificate, evidence.members: no body")  # and nothing is made of however many they are
        held = frozenset(index for low, high in members for index in range(low, high + 1))
        return Work(data, bodies, groups_of(imported, len(bodies), [held])[0])

    with Helpers(find, count) as helpers:
        yield helpers


def _section(data: bytes, number: int) -> Reader | None:
    """Of a core module, without a look into what stands before it."""
    r = Reader(data, 8, len(data))
    while not r.at_end:
        found = r.u8()
        section = r.sub(r.u32())
        if found == number:
            return section
    return None


def _code_size(data: bytes) -> int:
    """Bytes of a core module's code section. Nothing is wrong here: that is for `decode_module` to say."""
    try:
        code = _section(data, 10) if data[:8] == PREAMBLE else None
    except Malformed:
        return 0
    return 0 if code is None else code.end - code.position


def _read(data: bytes) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How many functions a core module imports, and its bodies, as `decode_module` finds them. Raises `Malformed`."""
    imported, code = _section(data, 2), _section(data, 10)
    imports = () if imported is None else read_imports(imported)
    return sum(one.kind is Kind.FUNC for one in imports), () if code is None else read_bodies(code)

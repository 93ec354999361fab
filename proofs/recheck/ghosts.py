"""What the invariant says of a ghost it says of another of its kind: docs/certificate.md, "Pools".

A model about a pool has a ghost block, which stands for any live block, and perhaps a ghost mark. A step whose inputs
are `other block at@N` and the like is one that another block takes part in, which is live as well; so the invariant
holds with that block in the ghost's place.
"""

from __future__ import annotations

from proofs.recheck.faults import Refused
from proofs.recheck.script import Script

GHOSTS = (
    ("block is live", ("block at", "block size", "blocks ahead"), "other block at"),
    ("mark is held", ("mark at",), "other mark at"),
)


def others(script: Script, state: tuple[str, ...], step: int) -> list[dict[str, str]]:
    """Where the step has another block, or another mark: what stands in the place of parts of the state."""
    found = []
    for exists, parts, begins in GHOSTS:
        if f"{begins}@{step}" not in script.constants:
            continue
        places = {exists: "true"}
        for part in parts:
            if part not in state:
                continue
            other = f"other {part}@{step}"
            if script.constants.get(other) != script.constants[part]:
                raise Refused(f"model: step {step} has another of its kind without {other!r}")
            places[part] = other
        if exists not in state:
            raise Refused(f"model: no {exists!r}")
        found.append(places)
    return found


def hypotheses(script: Script, state: tuple[str, ...], step: int, invariant: str) -> list[str]:
    """The invariant about another block, and about another mark, where the step has one."""
    found = []
    for places in others(script, state, step):
        bindings = (f"(|{part}| {other if other == 'true' else f'|{other}|'})" for part, other in places.items())
        found.append(f"(let ({' '.join(bindings)}) {invariant})")
    return found

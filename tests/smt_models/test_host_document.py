"""docs/host-model.md lists every rule of the models, and no other (those without H4 it describes in one sentence)."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

from test_host_proofs import OTHERS

from smt_models.host.codes import RULES
from smt_models.host.lease import lease_system
from smt_models.host.variants import ALL, Element, End, Hypotheses, Kind, Peer, Variant
from smt_models.system.model import System

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "host-model.md"
WITHOUT = (ALL, *(Hypotheses(**{f"h{number}": False}) for number in range(1, 4)))
FAMILIES = (
    (r"(stream|future)\.(read|write)", "{stream,future}.{read,write}"),
    (r"(stream|future)\.cancel-(read|write)", "{stream,future}.cancel-{read,write}"),
    (r"(stream|future)\.drop-(readable|writable)", "{stream,future}.drop-{readable,writable}"),
)


def rows(systems: list[System]) -> list[str]:
    """One row of the table for each rule: call, rule, citation; the same rule of several built-ins once."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for system in systems:
        for step in system.steps:
            call = step.call
            for pattern, family in FAMILIES:
                call = family if re.fullmatch(pattern, call) else call
            says = step.name.removeprefix(f"{step.call}: ")
            for citation in step.citation.removeprefix("CABI ").split(", "):
                found.setdefault((call, says), {})[citation] = None
    calls = dict.fromkeys(call for call, _ in found)
    return [
        f"| `{call}` | {says} | {', '.join(f'`{one}`' for one in sorted(cites))} |"
        for call in calls
        for (of, says), cites in found.items()
        if of == call
    ]


def tables() -> dict[str, list[str]]:
    """The rows of each table of the document, by its heading."""
    variants = [Variant(*parts) for parts in product(End, Kind, Peer, Element)]
    return {
        "One end of a stream or future": rows([lease_system(one, given) for given in WITHOUT for one in variants]),
        **{name.capitalize(): rows([make(given) for given in WITHOUT]) for name, make in OTHERS.items()},
    }


def test_every_rule_is_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"`{RULES}`" in text
    for heading, expected in tables().items():
        section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
        table = section.split("| call | rule | where |\n|---|---|---|\n", 1)[1].split("\n\n", 1)[0].splitlines()
        assert table == expected, heading

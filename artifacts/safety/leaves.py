"""From what stands of a result to a leaf of the argument, with all that it is said in the context of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from artifacts.catalogue import RULES
from artifacts.safety.argument import Leaf, Note
from artifacts.safety.states import Standing

_STATEMENTS = {rule.id: rule.statement for rule in RULES}


def leaf(subject: str, obligation: str, instance: str, standing: Standing) -> Leaf:
    claim = f"{_STATEMENTS.get(obligation, obligation).rstrip('.')}: {subject}"
    return Leaf(subject, obligation, instance, claim, standing, frozenset(_assumed(standing)))


def _assumed(standing: Standing) -> list[Note]:
    return [Note(True, f"{id_} {about}".rstrip(), text) for id_, about, text in standing.assumptions]


def notes_of_subject(subject: Mapping[str, Any]) -> frozenset[Note]:
    """`subject`: as in a report."""
    built = "" if subject["build"] is None else f", built as {json.dumps(subject['build'], sort_keys=True)}"
    text = f"{subject['name']}: {subject['bytes']} bytes, SHA-256 {subject['sha256']}{built}"
    return frozenset((Note(False, f"{subject['name']}, SHA-256 {subject['sha256'][:12]}…", text),))


def notes_of_run(tool_version: str) -> tuple[Note, ...]:
    """What holds of the argument as a whole, the system around it left to other arguments."""
    checked = f"each certificate that is said to hold was checked again by proofmark {tool_version} for this argument"
    return (
        Note(False, "Checked now", checked),
        Note(
            True,
            "The obligations suffice",
            "the obligations asked of the run are those that the system around it relies on: its hazards, and whether "
            "these obligations answer them, are argued elsewhere",
        ),
    )

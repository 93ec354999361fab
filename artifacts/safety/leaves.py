"""From what stands of a result to a leaf of the argument, with all that it is said in the context of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from artifacts.catalogue import RULES
from artifacts.clauses import clauses_of
from artifacts.safety.argument import Leaf, Note
from artifacts.safety.states import LRAT, Standing
from artifacts.trust import all_trusted, trusted_by

_STATEMENTS = {rule.id: rule.statement for rule in RULES}


def leaf(subject: str, obligation: str, instance: str, standing: Standing) -> Leaf:
    claim = f"{_STATEMENTS.get(obligation, obligation).rstrip('.')}: {subject}"
    notes = (*_assumed(subject, standing), *_believed(standing), *_served(obligation))
    return Leaf(subject, obligation, instance, claim, standing, frozenset(notes))


def _assumed(subject: str, standing: Standing) -> Iterator[Note]:
    for id_, about, text in standing.assumptions:
        yield Note(True, f"{id_} {about}".rstrip(), text, subject)


def _believed(standing: Standing) -> Iterator[Note]:
    """What has to be believed for a certificate to prove something, besides what it assumes."""
    if standing.certificate is None:
        return
    options = ("lrat",) if standing.certificate.solver == LRAT else ()
    needed = trusted_by(standing.certificate.evidence, {id_ for id_, _, _ in standing.assumptions}, options)
    ids = [one.id for one in needed]
    without = [one.id for one in all_trusted() if one.id not in ids]
    text = "; ".join(f"{one.id}: {one.what}" for one in needed)
    kind = standing.certificate.evidence
    yield Note(False, f"Believed of {kind}: {', '.join(ids)}", f"{text}. Not needed: {', '.join(without)}")


def _served(obligation: str) -> Iterator[Note]:
    for one in clauses_of(obligation):
        yield Note(False, one.title, f"{one.title}. Can serve: {one.serves}. Does not claim: {one.not_claimed}")


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

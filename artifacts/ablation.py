"""What comes of a proof without one thing that it rests on: as JSON, and in lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from artifacts.canonical import Json
from artifacts.explore.invariant_reading import Members, invariant_lines, members_of, steps_of
from artifacts.names import visible
from artifacts.sentences import SENTENCE_LIMIT, count
from artifacts.text import path_lines, trace_lines
from proofs.ablation.answers import (
    Allows,
    Answer,
    Dropped,
    Leaves,
    NotAsked,
    NotKnown,
    RefutedWithout,
    RestsOn,
    StillProved,
    Values,
    Way,
)
from proofs.recheck.faults import Refused
from proofs.verdicts import Reach

FORMAT = "proofmark-ablation/1"
SUFFIX = ".ablation.json"
STILL, REFUTED, NEEDED, UNKNOWN, NOT_ASKED = "still proved", "refuted", "needed", "not known", "not asked"
_LINES = 12
"""Of one clause."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """`certificate`: its file's name; `model`: the text that it names, "" for none."""

    certificate: str
    sha256: str
    obligation: str
    instance: str
    model: str
    dropped: tuple[Dropped, ...]


def word_of(dropped: Dropped) -> str:
    """Of a clause `needed`: what is left proves nothing; of an assumption, that what is left decides nothing. Neither
    says anything of the obligation itself.
    """
    match dropped.answer:
        case StillProved():
            return STILL
        case RefutedWithout():
            return REFUTED if dropped.assumption is not None else NEEDED
        case RestsOn():
            return NEEDED
        case NotKnown():
            return UNKNOWN
        case NotAsked():
            return NOT_ASKED
    assert_never(dropped.answer)


def document(ablation: Ablation) -> dict[str, Json]:
    """`model` is left out: the certificate names it."""
    return {
        "format": FORMAT,
        "certificate": {"name": ablation.certificate, "sha256": ablation.sha256},
        "obligation": ablation.obligation,
        "instance": ablation.instance,
        "dropped": [_entry(one, ablation.model) for one in ablation.dropped],
    }


def _entry(dropped: Dropped, model: str) -> Json:
    return {
        "sort": "clause" if dropped.assumption is None else "assumption",
        "name": name_of(dropped),
        "text": list(_said(dropped, members_of(model))),
        "without": word_of(dropped),
        "why": _why(dropped.answer),
        "trace": list(_trace(dropped.answer, model)),
    }


def name_of(dropped: Dropped) -> str:
    if dropped.assumption is not None:
        return visible(f"{dropped.assumption} {dropped.about}".rstrip(), SENTENCE_LIMIT)
    return visible(f"all that is said of {dropped.word}") if dropped.word is not None else "clause"


def _said(dropped: Dropped, members: Members) -> Iterator[str]:
    if dropped.assumption is not None:
        yield visible(dropped.text, SENTENCE_LIMIT)
    elif dropped.word is None:
        try:
            lines = invariant_lines(dropped.text, members)
        except Refused as refused:
            lines = [visible(str(refused))]
        yield from lines[:_LINES]
        if len(lines) > _LINES:
            yield f"… and {count(len(lines) - _LINES, 'more line')}"


def _why(answer: Answer) -> str:
    return visible(answer.how if isinstance(answer, StillProved) else answer.why, SENTENCE_LIMIT)


def _trace(answer: Answer, model: str) -> Iterator[str]:
    if not isinstance(answer, RefutedWithout):
        return
    members = members_of(model)
    match answer.trace:
        case Leaves(number, before, after):
            steps = steps_of(model)
            actor, step, _ = steps[number] if number < len(steps) else ("", f"step {number}", "")
            yield f"a state that is left: {_values(before, members)}"
            yield f"{actor} {step}: {_values(after, members) or 'changes nothing'}".lstrip()
        case Allows(bad, state):
            yield f"a state that is left: {_values(state, members)}"
            yield visible(f"there: {bad}")
        case Way(lines):
            yield from (visible(one, SENTENCE_LIMIT) for one in lines)
        case Reach(paths):
            for path in paths:
                yield visible(f"from {path.root}")
                yield from path_lines(path)
        case trace:
            yield from trace_lines(trace)


def _values(values: Values, members: Members) -> str:
    return visible(", ".join(f"{name} = {_value(name, value, members)}" for name, value in values), SENTENCE_LIMIT)


def _value(name: str, value: str, members: Members) -> str:
    if not value.startswith("#b"):
        return value
    number = int(value[2:], 2)
    known = members.get(name, ())
    return known[number] if number < len(known) else str(number)


def table(ablation: Ablation, traces: bool) -> tuple[str, ...]:
    """A line for each thing that was dropped, with why; `traces`: each trace as well."""
    counts = Counter(word_of(one) for one in ablation.dropped)
    said = ", ".join(f"{counts[word]} {word}" for word in (REFUTED, NEEDED, STILL, UNKNOWN, NOT_ASKED) if counts[word])
    counted = said or "it assumes nothing and has no clauses, so that nothing was asked"
    head = f"{visible(ablation.obligation)} ({visible(ablation.instance)}), without one thing at a time: {counted}"
    lines = [head, f"  {visible(ablation.certificate)}"]
    for one in ablation.dropped:
        lines += _row(one, ablation.model, traces)
    return tuple(lines)


def _row(dropped: Dropped, model: str, traces: bool) -> Iterator[str]:
    said = list(_said(dropped, members_of(model)))
    clause = f"{name_of(dropped)}: {said[0]}{' …' if len(said) > 1 else ''}" if said else name_of(dropped)
    name = clause if dropped.assumption is None else name_of(dropped)
    yield f"  {word_of(dropped):<12} {visible(name, 160)}"
    yield f"  {'':<12}   {_why(dropped.answer)}"
    if traces:
        yield from (f"  {'':<12}   | {line}" for line in _trace(dropped.answer, model))


def decided(ablations: Iterable[Ablation]) -> bool:
    """Whether anything was asked, and every question has its answer."""
    answers: Sequence[Answer] = [one.answer for ablation in ablations for one in ablation.dropped]
    asked = [one for one in answers if not isinstance(one, NotAsked)]
    return bool(asked) and not any(isinstance(one, NotKnown) for one in asked)

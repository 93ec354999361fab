"""What comes of a proof without one assumption, or without one clause of its invariant."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.verdicts import Bounded, Proved, Refuted, Trace, Unknown, Vacuous, Verdict

NOT_AT_HAND = "the model is made again from the program: give --src DIR or --package NAME@VERSION"
Values = tuple[tuple[str, str], ...]
"""Words of the state with their values, as SMT-LIB writes these."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """A state that what is left of an invariant allows, and a step of the model, by number, that leads out of it: no
    run, for nothing says that the state can be. `after`: what the step changes.
    """

    step: int
    before: Values
    after: Values


@dataclass(frozen=True, slots=True)
class Allows:
    """A state that what is left of an invariant allows, where `bad` holds."""

    bad: str
    state: Values


@dataclass(frozen=True, slots=True)
class Way:
    """Steps in words, one a line."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StillProved:
    """`how`: what shows it."""

    how: str


@dataclass(frozen=True, slots=True)
class RefutedWithout:
    """`why`: what it shows; of a clause, that what is left proves nothing, and not that the obligation is violated."""

    why: str
    trace: Trace | Leaves | Allows | Way


@dataclass(frozen=True, slots=True)
class RestsOn:
    """What the proof covers is decided by nothing else: without it the obligation is Unknown, for what `why` names, and
    neither more time nor more memory would help.
    """

    why: str


@dataclass(frozen=True, slots=True)
class NotKnown:
    why: str


@dataclass(frozen=True, slots=True)
class NotAsked:
    """What is no part of any model cannot be taken out of one."""

    why: str


Answer = StillProved | RefutedWithout | RestsOn | NotKnown | NotAsked


@dataclass(frozen=True, slots=True)
class Dropped:
    """`assumption`: its id, None for a clause. `about`: of an assumption; `text`: its sentence, or the clause as an
    invariant of its own, or for a `word` of the state, everything that the invariant says of it.
    """

    assumption: str | None
    about: str
    text: str
    answer: Answer
    word: str | None = None


Listed = frozenset[tuple[str, str]]
"""The assumptions of a certificate: id and about."""


def answer_of(verdict: Verdict, listed: Listed) -> Answer:
    """What a verdict says that was reached without one of the assumptions; what it rests on besides is told."""
    match verdict:
        case Proved(_, assumptions):
            more = [f"{one.id} {one.about}".rstrip() for one in assumptions if (one.id, one.about) not in listed]
            besides = f", which rests on {', '.join(more)} besides" if more else ""
            return StillProved(f"proved again, by evidence of its own{besides}")
        case Refuted(trace):
            return RefutedWithout("it is violated", trace)
        case Unknown(reason, final=True):
            return RestsOn(reason)
        case Unknown(reason) | Vacuous(reason) | Bounded(_, reason):
            return NotKnown(reason)

"""Results about a runtime for a terminal: one block for each operation, panic strategy and peer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from artifacts import sentences
from artifacts.names import visible
from artifacts.run import VerdictWord, verdict_word
from artifacts.runtime_controls import controls_of, controls_text
from proofs.verdicts import Assumption, Proved, Result

_WORST: tuple[VerdictWord, ...] = ("refuted", "unknown", "vacuous", "bounded", "proved")
WIDTH = 112
_INDENT = " " * 9


def operation_blocks(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    """One block for each run of results of one subject and instance."""
    for (path, instance), group in groupby(results, key=lambda one: (one.subject.path, one.instance)):
        yield _block(path, instance, list(group))


def _block(path: str, instance: str, results: list[Result]) -> tuple[str, ...]:
    counts = Counter(verdict_word(one.verdict) for one in results)
    worst = next(word for word in _WORST if counts[word])
    counted = ", ".join(f"{counts[word]} {word}" for word in _WORST if counts[word])
    spent = "from the cache" if all(one.cached for one in results) else f"{sum(one.seconds for one in results):.2f} s"
    lines = [f"{worst:<8} {visible(path)} ({visible(instance)}): {counted}; {spent}"]
    for word in _WORST:
        lines += _of_one_word(word, [one for one in results if verdict_word(one.verdict) == word])
    proofs = [one.verdict for one in results if isinstance(one.verdict, Proved)]
    taken = sorted({assumption for proof in proofs for assumption in proof.assumptions})
    for text in assumed(taken):
        first, *rest = _wrapped(f"assuming {text}")
        lines += [f"{_INDENT}{first}", *(f"{_INDENT}         {line}" for line in rest)]
    tried = [control for one in results for control in controls_of(one)]
    if tried:
        first, *rest = _wrapped(f"controls {controls_text(tried)}")
        lines += [f"{_INDENT}{first}", *(f"{_INDENT}         {line}" for line in rest)]
    return tuple(lines)


def _of_one_word(word: VerdictWord, results: list[Result]) -> list[str]:
    """Those with one reason together; of a proof the obligation's name says as much as its claim."""
    reasons: dict[str, list[str]] = {}
    for one in results:
        said = "" if word == "proved" else sentences.reason(one)
        reasons.setdefault(said, []).append(one.kind.value)
    lines = []
    for said, names in reasons.items():
        listed = _wrapped(", ".join(names))
        lines += [f"{_INDENT}{word:<8} {listed[0]}", *(f"{_INDENT}{'':<8} {line}" for line in listed[1:])]
        lines += [f"{_INDENT}{'':<8}   {line}" for line in _wrapped(said)] if said else []
    return lines


def assumed(taken: Iterable[Assumption]) -> Iterator[str]:
    """A line for each sort of assumption; where there are many of one sort, how many: certificates list them."""
    by_id: dict[str, list[Assumption]] = {}
    for one in taken:
        by_id.setdefault(one.id, []).append(one)
    for id, several in by_id.items():
        match id:
            case "library":
                yield f"that {sentences.count(len(several), 'library function')} do what the certificates say of them"
            case "contract":
                yield f"the contracts of {sentences.count(len(several), 'function')} that the profile names"
            case "earlier-fault":
                yield f"no earlier fault: {', '.join(one.about for one in several)}"
            case "hypothesis":
                yield from (f"{one.about}: {one.text}" for one in several)
            case _:
                yield from (one.text for one in several)


def _wrapped(text: str) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) >= WIDTH - 20:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]

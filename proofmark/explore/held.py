"""What a file holds of other ways: asked while it is written, first at each step of each run that was recorded, then
further and further from there.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from artifacts.explore.addresses import BRANCH, Address, read_address, written_address
from artifacts.explore.model import Exploration, TraceView
from artifacts.explore.page import LIMIT, TooLarge, page
from artifacts.names import visible
from artifacts.sentences import count
from proofmark.explore.answering import Answering
from proofmark.explore.questions import Question

Answer = Mapping[str, Any]
_ELSEWHERE = "all else is answered where the run is, by proofmark explore RUN --web"


@dataclass(frozen=True, slots=True)
class Held:
    """Answers by question and address, as the page looks them up, in the order in which they were asked. `told`: how
    far that is, and why no further.
    """

    answers: Mapping[str, Answer]
    told: str = ""


@dataclass(frozen=True, slots=True)
class Spend:
    """On other ways: `steps` from the recorded run at most, if a number is given, and `bytes` of the page."""

    seconds: float
    steps: int | None = None
    bytes: int = LIMIT


class _Ended(Exception):
    """`str` says what."""


class _Holding:
    def __init__(self, answering: Answering, spend: Spend) -> None:
        self.known: dict[str, Answer] = {}
        self._answering = answering
        self._ends = time.monotonic() + spend.seconds
        self._room = self._left = spend.bytes
        self._texts = _Texts()

    def ask(self, ask: str, at: str) -> list[str]:
        """The runs that an answer leads to. Raises _Ended."""
        asked = f"{ask} {at}"
        if asked not in self.known:
            if time.monotonic() > self._ends:
                raise _Ended("the time ended")
            self.known[asked] = self._answering.answer({"ask": ask, "at": at})
            self._packed(self.known[asked])
        return [run_of(address) for _, address in self.known[asked].get("lines", ()) if address is not None]

    def _packed(self, answer: Answer) -> None:
        """Each by itself takes more than all together: these are looked at where those might not fit. Raises _Ended."""
        self._left -= _size([_without_texts(answer), *self._texts.added(answer)])
        if self._left < 0:
            self._left = self._room - _size(_as_written(self.known.items()))
        if self._left < self._room // 100:
            raise _Ended("the page was full")


def _size(what: Any) -> int:
    """About as on the page."""
    text = json.dumps(what, ensure_ascii=False, separators=(",", ":"))
    return len(zlib.compress(text.encode(), 9)) * 4 // 3


def held(exploration: Exploration, answering: Answering, spend: Spend) -> Held:
    """First what can be done at each step and whether it can go wrong, then where each way leads and whether that can,
    the rest of the questions, and then the ways from there on, as long as there is time and room.
    """
    holding = _Holding(answering, spend)
    runs = [view for view in exploration.views if isinstance(view, TraceView)]
    level = [_step(view, step) for view in runs for step in range(len(view.steps))]
    depth = 0
    try:
        _questions(holding, level)
        while level and depth != spend.steps:
            further = _further(holding, level)
            if depth == 0:
                _rest(holding, level)
            depth, level = depth + 1, further
        why = "no more was wanted" if level else "no way goes on"
    except _Ended as error:
        why = str(error)
    whole = f"all of up to {count(depth, 'step')} from each step that was recorded" if depth else "some of single steps"
    told = f"of other ways, this file holds {whole}; {why}"
    return Held(holding.known, f"{told}: {_ELSEWHERE}" if holding.known else "")


def _questions(holding: _Holding, steps: list[str]) -> None:
    for at in steps:
        holding.ask("ways", at)
    _asked(holding, steps, Question.WRONG)


def _further(holding: _Holding, level: list[str]) -> list[str]:
    """Where the ways of these places lead."""
    found: dict[str, None] = {}
    for at in level:
        for way in holding.ask("ways", at):
            found[way] = None
            holding.ask("view", way)
            holding.ask(Question.WRONG.value, way)
    return list(found)


def _rest(holding: _Holding, steps: list[str]) -> None:
    _asked(holding, steps, Question.SHORTEST)
    _asked(holding, steps, Question.UNDER)


def _asked(holding: _Holding, steps: list[str], question: Question) -> None:
    for at in steps:
        if any(name == question.value for name, _ in holding.known[f"ways {at}"].get("questions", ())):
            for run in holding.ask(question.value, at):
                holding.ask("view", run)


def _step(view: TraceView, step: int) -> str:
    return written_address(Address(view.heading.key, {"from": str(step)}))


def run_of(address: str) -> str:
    """Of a run, without a place in it."""
    read = read_address(address)
    return written_address(Address(read.key, {name: read.place.get(name, "") for name in BRANCH}))


# The texts that runs pass, each once: most runs pass the same


class _Texts:
    """Of Rust and MIR, as on a page (`Listing`), of all the answers that were added."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def added(self, answer: Answer) -> list[Any]:
        """What is new of them: [kind, name, block, what it is]."""
        new = []
        for piece in _pieces(answer.get("view", {}).get("listing", {})):
            text = json.dumps(piece)
            if text not in self._known:
                self._known[text] = piece
                new.append(piece)
        return new

    def listing(self) -> dict[str, Any]:
        made: dict[str, Any] = {"rust": {}, "mir": {}, "missing": []}
        for kind, name, block, what in self._known.values():
            match kind:
                case "rust":
                    made["rust"].setdefault(name, []).append(what)
                case "mir":
                    made["mir"].setdefault(name, {})[block] = what
                case _:
                    made["missing"].append(what)
        return made


def _pieces(listing: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    for name, excerpts in listing.get("rust", {}).items():
        yield from (("rust", name, "", one) for one in excerpts)
    for name, blocks in listing.get("mir", {}).items():
        yield from (("mir", name, at, lines) for at, lines in blocks.items())
    yield from (("missing", "", "", one) for one in listing.get("missing", ()))


def _without_texts(answer: Answer) -> Answer:
    if "view" not in answer:
        return answer
    return {"view": {name: value for name, value in answer["view"].items() if name != "listing"}}


def _as_written(answers: Iterable[tuple[str, Answer]]) -> dict[str, Answer]:
    """As a page has them: what runs pass stands once for each result, under `texts KEY`."""
    texts: dict[str, _Texts] = {}
    written: dict[str, Answer] = {}
    for asked, answer in answers:
        if "view" in answer:
            texts.setdefault(read_address(asked.partition(" ")[2]).key, _Texts()).added(answer)
        written[asked] = _without_texts(answer)
    return {**written, **{f"texts {key}": one.listing() for key, one in texts.items()}}


def page_with(exploration: Exploration, known: Held) -> bytes:
    """With all that fits of what is known; what was asked last is left out first, and the page says so. Raises
    TooLarge.
    """
    answers = list(known.answers.items())
    fits = len(answers)
    while True:
        notes = [known.told] if known.told else []
        if fits < len(answers):
            notes.append(f"of {len(answers)} answers about other ways the last {len(answers) - fits} do not fit")
        shown = replace(exploration, notes=(*exploration.notes, *(visible(one, 600) for one in notes)))
        try:
            return page(shown, _as_written(answers[:fits]))
        except TooLarge:
            if not fits:
                raise
            fits = int(fits * 0.9)

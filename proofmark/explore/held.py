"""What a file holds of other ways: asked while it is written, at each step of each run that was recorded."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from artifacts.explore.addresses import BRANCH, Address, read_address, written_address
from artifacts.explore.model import Exploration, TraceView
from artifacts.explore.page import TooLarge, page
from artifacts.names import visible
from proofmark.explore.answering import Answering
from proofmark.explore.questions import Question

Held = Mapping[str, Mapping[str, Any]]
_FURTHER = "a file holds what can be done at the steps of the recorded run, and no further"


class _TimeIsUp(Exception):
    pass


class _Holding:
    """Answers by question and address, as the page looks them up."""

    def __init__(self, answering: Answering, ends: float) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self._answering = answering
        self._ends = ends

    def ask(self, ask: str, at: str) -> list[str]:
        """The runs that an answer leads to."""
        if time.monotonic() > self._ends:
            raise _TimeIsUp
        answer = self.known[f"{ask} {at}"] = self._answering.answer({"ask": ask, "at": at})
        return [run_of(address) for _, address in answer.get("lines", ()) if address is not None]

    def look(self, run: str) -> None:
        if f"view {run}" not in self.known:
            self.ask("view", run)


def held(exploration: Exploration, answering: Answering, seconds: float) -> Held:
    """As much as so many seconds are enough for: first what can be done at each step and whether it can go wrong,
    then where each way leads and whether that can, then the rest of the questions.
    """
    holding = _Holding(answering, time.monotonic() + seconds)
    runs = [view for view in exploration.views if isinstance(view, TraceView)]
    steps = [_step(view, step) for view in runs for step in range(len(view.steps))]
    try:
        ways = {at: holding.ask("ways", at) for at in steps}
        _asked(holding, steps, Question.WRONG)
        for at in steps:
            for way in ways[at]:
                holding.look(way)
                holding.ask(Question.WRONG.value, way)
                asked = [one for one in holding.known[f"ways {at}"]["questions"] if one[0] == Question.WRONG.value]
                holding.known[f"ways {way}"] = {"why": _FURTHER, "questions": asked}
        _asked(holding, steps, Question.SHORTEST)
        _asked(holding, steps, Question.UNDER)
    except _TimeIsUp:
        pass
    return holding.known


def _asked(holding: _Holding, steps: list[str], question: Question) -> None:
    for at in steps:
        if any(name == question.value for name, _ in holding.known[f"ways {at}"].get("questions", ())):
            for run in holding.ask(question.value, at):
                holding.look(run)


def _step(view: TraceView, step: int) -> str:
    return written_address(Address(view.heading.key, {"from": str(step)}))


def run_of(address: str) -> str:
    """Of a run, without a place in it."""
    read = read_address(address)
    return written_address(Address(read.key, {name: read.place.get(name, "") for name in BRANCH}))


def page_with(exploration: Exploration, known: Held) -> bytes:
    """With all that fits of what is known: where it is too much, that of some results is left out, and the page says
    so. Raises TooLarge.
    """
    keys = list(dict.fromkeys(_key(asked) for asked in known))
    out: list[str] = []
    while True:
        told = f"other ways of {', '.join(out)} are left out: they do not fit on this page"
        notes = (*exploration.notes, visible(told, 600)) if out else exploration.notes
        left = {asked: answer for asked, answer in known.items() if _key(asked) not in out}
        try:
            return page(replace(exploration, notes=notes), left)
        except TooLarge:
            if not left:
                raise
            out.append(keys.pop())


def _key(asked: str) -> str:
    """Of the result that a question is about."""
    return read_address(asked.partition(" ")[2]).key

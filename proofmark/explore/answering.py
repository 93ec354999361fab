"""Questions of the page about other ways, and their answers, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from artifacts.explore.addresses import Address, read_address, written_address
from artifacts.explore.document import document_of
from artifacts.explore.model import Exploration, View
from artifacts.names import visible
from proofmark.explore.branches import NO_RUN, Answer, Branches, followed_place
from proofmark.explore.part import CannotBranch
from proofmark.explore.questions import Question, answers, questions, ways


class NoQuestion(Exception):
    """What was asked is no question; `str` says what was expected."""


class Answering:
    """`ask` is `ways` (what can be done there), `view` (the run up to there) or a Question; `at` the address of the
    place, `from`, `then` and `with` alone.
    """

    def __init__(self, exploration: Exploration, branches: Branches | None) -> None:
        self._views = {view.heading.key: view for view in exploration.views}
        self._branches = branches

    def answer(self, asked: Any) -> dict[str, Any]:
        """`{"why": TEXT}` where there is no answer. Raises NoQuestion."""
        match asked:
            case {"ask": str(ask), "at": str(at), **more} if not more:
                address = read_address(at)
            case _:
                raise NoQuestion('expected {"ask": TEXT, "at": ADDRESS}')
        view = self._views.get(address.key)
        if view is None:
            raise NoQuestion("expected the address of a result that is explored")
        try:
            return self._answer(ask, view, address)
        except CannotBranch as error:
            return {"why": visible(str(error), 600)}

    def doing(self) -> str:
        """What is done for the answer that is waited for."""
        return "" if self._branches is None else self._branches.doing.words()

    def _answer(self, ask: str, view: View, address: Address) -> dict[str, Any]:
        if self._branches is None:
            raise CannotBranch(NO_RUN)
        self._branches.asked()
        place = followed_place(view, address.place)
        key = view.heading.key
        if ask == "view":
            return {"view": document_of(self._branches.shown(view, place))}
        if ask == "ways":
            possible = ways(self._branches, view, place)
            asked = questions(self._branches, view)
            return {"lines": _lines(key, possible), "questions": [[one.value, text] for one, text in asked.items()]}
        wanted = next((one for one in Question if one.value == ask), None)
        if wanted is None:
            raise NoQuestion("expected ways, view, wrong, shortest or under")
        return {"lines": _lines(key, answers(self._branches, view, place, wanted))}


def _lines(key: str, some: Iterable[Answer]) -> list[list[str | None]]:
    """Texts, and addresses where there is something to look at."""
    return [
        [visible(one.text, 600), None if one.place is None else written_address(Address(key, one.place))]
        for one in some
    ]

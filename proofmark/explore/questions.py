"""What can be asked at a place, in the words that the terminal program and the page share."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import assert_never

from artifacts.explore.model import View
from proofmark.explore.branches import Answer, Branches, Place, way_of


class Question(enum.Enum):
    """Its name for the page."""

    WRONG = "wrong"
    SHORTEST = "shortest"
    UNDER = "under"


def ways(branches: Branches, view: View, place: Place) -> tuple[Answer, ...]:
    """What can be done there, each with the place where it is done. Raises CannotBranch."""
    possible = ((way_of(one), place.then(one.name)) for one in branches.possible(view, place))
    return tuple(Answer(text, further.address(further.steps)) for text, further in possible)


def questions(branches: Branches, view: View) -> dict[Question, str]:
    """Those that have an answer here, in words. Raises CannotBranch."""
    asked = {Question.WRONG: "can this still go wrong?", Question.SHORTEST: "a shortest way here?"}
    name = branches.hypothesis(view)
    return asked if name is None else {**asked, Question.UNDER: f"does it still happen when {name} holds?"}


def answers(branches: Branches, view: View, place: Place, question: Question) -> Iterator[Answer]:
    """Raises CannotBranch."""
    match question:
        case Question.WRONG:
            yield from branches.goes_wrong(view, place)
        case Question.SHORTEST:
            yield branches.shortest(view, place)
        case Question.UNDER:
            yield from branches.under(view, place)
        case _:
            assert_never(question)

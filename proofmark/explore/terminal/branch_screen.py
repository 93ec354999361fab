"""What can be done at a place, and questions of it: a list over the view. Models and solvers work beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.worker import get_current_worker

from artifacts.explore.model import View
from artifacts.names import visible
from proofmark.explore.branches import Answer, Branches, Place
from proofmark.explore.doing import Stopped
from proofmark.explore.part import CannotBranch
from proofmark.explore.questions import Question, answers, questions, ways

T = TypeVar("T")
_WAITING = "the model is made and the solver asked …"
_TOLD_EVERY = 0.5
_LEAVE = "enter takes it, esc leaves"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`place`: an address of the view, and what is shown there."""

    place: Mapping[str, str]
    view: View


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    chosen: Callable[[], None] | None = None


class BranchScreen(ModalScreen[Chosen | None]):
    """Of the recorded `view`, at `place`. Gives where to go, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "leave", priority=True)]

    def __init__(self, branches: Branches, view: View, place: Place) -> None:
        super().__init__()
        self._branches = branches
        self._view = view
        self._place = place
        self._lines: list[_Line] = []
        self._first: list[_Line] = []
        self._waits = False

    def compose(self) -> ComposeResult:
        yield Static(f"what can be done after step {self._place.steps}; {_LEAVE}", id="of")
        yield OptionList(markup=False, id="ways")
        yield Static(_WAITING, id="said", markup=False)

    def on_mount(self) -> None:
        self._program = self.app
        self.set_interval(_TOLD_EVERY, self._tell)
        self._beside(self._list)

    def on_unmount(self) -> None:
        """What is still done is for nobody: the program must not wait for it when it ends."""
        self._branches.doing.stop()

    def action_back(self) -> None:
        if self._first and (self._waits or self._lines is not self._first):
            self._branches.doing.stop()
            self._waits = False
            self._show(self._first)
        else:
            self.dismiss(None)

    def _tell(self) -> None:
        if self._waits:
            self.query_one("#said", Static).update(f"{_WAITING} {self._branches.doing.words()}")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """All of a line that does not fit."""
        self.query_one("#said", Static).update(self._lines[event.option_index].text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        chosen = self._lines[event.option_index].chosen
        if chosen is not None:
            self.query_one("#said", Static).update(_WAITING)
            chosen()

    def _beside(self, work: Callable[[], None]) -> None:
        """In a thread of the program's."""
        self._waits = True
        self._branches.asked()
        self._program.run_worker(work, thread=True, exclusive=True, group="branches")

    def _then(self, done: Callable[[], None]) -> None:
        """From that thread, if this screen has not been left, or asked otherwise, meanwhile."""
        if not get_current_worker().is_cancelled:
            self._program.call_from_thread(lambda: self._answered(done) if self.is_current else None)

    def _answered(self, done: Callable[[], None]) -> None:
        self._waits = False
        done()

    def _leave(self, chosen: Chosen) -> None:
        self.dismiss(chosen)

    def _list(self) -> None:
        """The actions, and what can be asked."""

        def made() -> list[_Line]:
            possible = ways(self._branches, self._view, self._place)
            asked = questions(self._branches, self._view)
            return [*map(self._line, possible), *(self._asks(text, one) for one, text in asked.items())]

        lines = self._told(made)
        if lines:
            self._first = lines
            self._then(lambda: self._show(lines))

    def _asks(self, text: str, question: Question) -> _Line:
        return _Line(f"? {text}", lambda: self._beside(lambda: self._ask(question)))

    def _ask(self, question: Question) -> None:
        found = self._told(lambda: list(answers(self._branches, self._view, self._place, question)))
        lines = [self._line(one) for one in found or ()]
        if lines:
            self._then(lambda: self._show(lines))

    def _line(self, answer: Answer) -> _Line:
        place = answer.place
        if place is None:
            return _Line(answer.text)
        return _Line(f"→ {answer.text}", lambda: self._beside(lambda: self._go(place)))

    def _go(self, place: Mapping[str, str]) -> None:
        view = self._told(lambda: self._branches.at(self._view, place))
        if view is not None:
            self._then(lambda: self._leave(Chosen(place, view)))

    def _told(self, asked: Callable[[], T]) -> T | None:
        """In a thread: what cannot be done is said."""
        try:
            return asked()
        except Stopped:
            return None
        except CannotBranch as error:
            why = visible(str(error), 600)
            self._then(lambda: self.query_one("#said", Static).update(why))
            return None

    def _show(self, lines: list[_Line]) -> None:
        self._lines = lines
        listed = self.query_one("#ways", OptionList)
        listed.clear_options()
        listed.add_options([Text(one.text, no_wrap=True, overflow="ellipsis") for one in lines])
        listed.highlighted = 0
        listed.focus()

"""Searching the view below; and the list of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from artifacts.explore.model import View
from artifacts.explore.searching import Hit, hits

_MOST = 200


class SearchScreen(ModalScreen[Mapping[str, str] | None]):
    """Gives the place of the hit that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave", priority=True),
        Binding("down", "move(1)", "next hit", priority=True),
        Binding("up", "move(-1)", "previous hit", priority=True),
    ]

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._hits: list[Hit] = []

    def compose(self) -> ComposeResult:
        yield Input(placeholder="search; enter opens, esc leaves")
        yield Static("", id="count", markup=False)
        yield OptionList(markup=False, id="hits")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False

    @on(Input.Changed)
    def find(self, event: Input.Changed) -> None:
        self._hits = hits(self._view, event.value, _MOST)
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Text(hit.text, no_wrap=True, overflow="ellipsis") for hit in self._hits])
        listed.highlighted = 0 if self._hits else None
        more = " or more, the first shown" if len(self._hits) == _MOST else ""
        self.query_one("#count", Static).update(f"{len(self._hits)} hit{'' if len(self._hits) == 1 else 's'}{more}")

    @on(Input.Submitted)
    def choose(self) -> None:
        chosen = self.query_one(OptionList).highlighted
        if chosen is not None:
            self.dismiss(self._hits[chosen].place)

    def action_move(self, by: int) -> None:
        listed = self.query_one(OptionList)
        if listed.highlighted is not None:
            listed.highlighted = max(0, min(listed.highlighted + by, len(self._hits) - 1))


_HELP = """\
A trace              A call graph               Everywhere
→ ←  next, back      → ←  next, previous root   n p  another result
↓ ↑  events          tab  next list             /    search
Home End             enter  choose a function   y    copy the address
tab 1 to 7  panels   space  take a root or a    ?    this list
b    other ways             call away, or back  q    quit

What stands after # is the address of the place: give it to --at,
or to the page that --html writes of the same thing.
Escape leaves this list.
"""


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "leave", priority=True)]

    def compose(self) -> ComposeResult:
        yield Static(_HELP, id="help", markup=False)

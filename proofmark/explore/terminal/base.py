"""What all screens of the terminal program share: the heading, the place, and how another place is reached."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from artifacts.explore.addresses import Address, written_address
from artifacts.explore.model import View

SIGNS = {"proved": "✓", "refuted": "✗", "unknown": "?", "bounded": "≤", "vacuous": "∅"}


class ViewScreen(Screen[None]):
    """One view. `place`: where in it one is, as in its address."""

    def __init__(self, view: View, place: Mapping[str, str], position: str) -> None:
        super().__init__()
        self.shown = view
        self.place: dict[str, str] = dict(place)
        self._position = position

    def compose(self) -> ComposeResult:
        yield Static(self._title(), id="title", markup=False)
        yield from self.body()
        yield Static("", id="address", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> tuple[Widget, ...]:
        raise NotImplementedError

    def _title(self) -> Text:
        heading = self.shown.heading
        sign = SIGNS.get(heading.verdict, "·")
        title = Text(f"{sign} {heading.verdict} {heading.obligation}", style="bold", no_wrap=True, overflow="ellipsis")
        return title.append(f"  {self._position}  {heading.subject}\n{heading.reason}", style="not bold")

    @property
    def address(self) -> str:
        return written_address(Address(self.shown.heading.key, self.place))

    def number(self, name: str, first: int, last: int, otherwise: int) -> int:
        return Address("", self.place).number(name, first, last, otherwise)

    def go(self, place: Mapping[str, str]) -> None:
        """Another place of this view."""
        self.place = dict(place)
        self.refresh_place()
        shown = Text(f"#{self.address}", no_wrap=True, overflow="ellipsis")
        self.query_one("#address", Static).update(shown)

    def refresh_place(self) -> None:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.go(self.place)


def plain(lines: list[str], wraps: bool = True) -> Text:
    """Lines as they are: nothing in them is markup. Those that do not wrap end with an ellipsis."""
    return Text("\n".join(lines), no_wrap=not wraps, overflow="fold" if wraps else "ellipsis")

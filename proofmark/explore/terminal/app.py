"""The terminal program itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, assert_never

from textual.app import App
from textual.binding import Binding, BindingType

from artifacts.explore.addresses import Address, read_address, written_address
from artifacts.explore.model import CallView, Exploration, TextView, TraceView
from proofmark.explore.opening import view_at
from proofmark.explore.terminal.base import ViewScreen
from proofmark.explore.terminal.calls_screen import CallsScreen
from proofmark.explore.terminal.search_screen import HelpScreen, SearchScreen
from proofmark.explore.terminal.text_screen import TextScreen
from proofmark.explore.terminal.trace_screen import TraceScreen


class Explorer(App[None]):
    """Shows an exploration, from `address` on."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "proofmark explore"
    CSS = """
    #title { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
    #address { height: 1; color: $text-muted; }
    #lanes { height: 1fr; min-height: 6; }
    #panels { height: 1; }
    #panel { text-overflow: ellipsis; }
    #below { height: 1fr; }
    #calls { height: 1fr; }
    #calls OptionList { width: 1fr; height: 100%; border: round $surface-lighten-2; padding: 0; }
    #calls OptionList:focus { border: heavy $accent; }
    #around { height: 8; border: round $surface-lighten-2; padding: 0; }
    #around:focus { border: heavy $accent; }
    OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
    #what-if { height: 1; }
    Collapsible { padding: 0; border: none; }
    SearchScreen, HelpScreen { align: center middle; }
    SearchScreen > * { width: 90%; }
    SearchScreen OptionList { height: 60%; }
    #help { width: 76; height: auto; border: heavy $accent; padding: 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "other(1)", "result", key_display="n/p"),
        Binding("p", "other(-1)", "previous result", show=False),
        Binding("slash", "search", "search", key_display="/"),
        Binding("y", "copy", "copy address", show=False),
        Binding("question_mark", "help", "keys", key_display="?"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, exploration: Exploration, address: str = "") -> None:
        super().__init__()
        self.exploration = exploration
        self._start = address

    def on_mount(self) -> None:
        self.push_screen(self._screen(self._start))

    def _screen(self, address: str) -> ViewScreen:
        view = view_at(self.exploration, address)
        place = dict(read_address(address).place)
        position = f"{self.exploration.views.index(view) + 1}/{len(self.exploration.views)}"
        match view:
            case TraceView():
                return TraceScreen(view, place, position)
            case CallView():
                return CallsScreen(view, place, position)
            case TextView():
                return TextScreen(view, place, position)
        assert_never(view)

    def _now(self) -> ViewScreen | None:
        return self.screen if isinstance(self.screen, ViewScreen) else None

    def action_other(self, by: int) -> None:
        now = self._now()
        if now is None:
            return
        views = self.exploration.views
        at = next(number for number, view in enumerate(views) if view is now.shown) + by
        if 0 <= at < len(views):
            self.switch_screen(self._screen(written_address(Address(views[at].heading.key))))

    def action_search(self) -> None:
        now = self._now()
        if now is not None:
            self.push_screen(SearchScreen(now.shown), self._found)

    def _found(self, place: Mapping[str, str] | None) -> None:
        now = self._now()
        if place is None or now is None:
            return
        if isinstance(now, TextScreen):  # its marks are made with it
            position = f"{self.exploration.views.index(now.shown) + 1}/{len(self.exploration.views)}"
            self.switch_screen(TextScreen(now.proof, dict(place), position))
        else:
            now.go({**now.place, **place} if isinstance(now, CallsScreen) else place)

    def action_copy(self) -> None:
        if (now := self._now()) is not None:
            self.copy_to_clipboard(f"#{now.address}")

    def action_help(self) -> None:
        if self._now() is not None:
            self.push_screen(HelpScreen())

"""The terminal program itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, assert_never

from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.timer import Timer

from artifacts.explore.addresses import Address, read_address, written_address
from artifacts.explore.model import CallView, Exploration, TextView, TraceView, View
from proofmark.collector import BetweenKeys
from proofmark.explore.branches import NO_RUN, Branches, place_of
from proofmark.explore.opening import view_at
from proofmark.explore.part import CannotBranch
from proofmark.explore.terminal.base import ViewScreen
from proofmark.explore.terminal.branch_screen import BranchScreen, Chosen
from proofmark.explore.terminal.calls_screen import CallsScreen
from proofmark.explore.terminal.pool_screen import PoolScreen
from proofmark.explore.terminal.search_screen import HelpScreen, SearchScreen
from proofmark.explore.terminal.text_screen import TextScreen
from proofmark.explore.terminal.trace_screen import TraceScreen
from proofs.pool_run import PoolRun

_REST = 3.0
"""Seconds without a key."""


class Explorer(App[None]):
    """Shows an exploration, from `address` on."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "proofmark explore"
    CSS = """
    #title { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
    #address { height: 1; color: $text-muted; }
    #lanes { height: 1fr; min-height: 6; }
    #bar { height: auto; max-height: 9; padding: 0 1; }
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
    SearchScreen, HelpScreen, BranchScreen { align: center middle; }
    BranchScreen > * { width: 100%; }
    BranchScreen OptionList { height: 60%; }
    BranchScreen Static { background: $surface; }
    SearchScreen > * { width: 90%; }
    SearchScreen OptionList { height: 60%; }
    #help { width: 76; height: auto; border: heavy $accent; padding: 1; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "other(1)", "result", key_display="n/p"),
        Binding("p", "other(-1)", "previous result", show=False),
        Binding("b", "branch", "other ways"),
        Binding("slash", "search", "search", key_display="/"),
        Binding("y", "copy", "copy address", show=False),
        Binding("question_mark", "help", "keys", key_display="?"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(
        self,
        exploration: Exploration,
        address: str = "",
        branches: Branches | None = None,
        view: View | None = None,
        is_alone: bool = False,
    ) -> None:
        """`view`: what the address shows, if that is not of the exploration itself. `is_alone`: this process does
        nothing else.
        """
        super().__init__()
        self._is_alone = is_alone
        self.exploration = exploration
        self._branches = branches
        self._start = (address, view)
        self._rest: Timer | None = None

    def on_mount(self) -> None:
        self.push_screen(self._screen(*self._start))

    def on_ready(self) -> None:
        if self._is_alone:
            self._rest = self.set_interval(_REST, BetweenKeys().rest)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and self._rest is not None:
            self._rest.reset()
        await super().on_event(event)

    def _number(self, view: View) -> int:
        """Of the result that a view is about."""
        return next(at for at, one in enumerate(self.exploration.views) if one.heading.key == view.heading.key)

    def _screen(self, address: str, shown: View | None = None) -> ViewScreen:
        view = shown or view_at(self.exploration, address)
        place = dict(read_address(address).place)
        position = f"{self._number(view) + 1}/{len(self.exploration.views)}"
        match view:
            case TraceView(pool=PoolRun()):
                return PoolScreen(view, place, position)
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
        at = self._number(now.shown) + by
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
            self.switch_screen(self._screen(written_address(Address(now.shown.heading.key, place))))
        else:
            now.go({**now.place, **place} if isinstance(now, CallsScreen) else place)

    def action_branch(self) -> None:
        now = self._now()
        if now is None or isinstance(now, CallsScreen):
            return
        if isinstance(now, PoolScreen):
            self.notify("other ways are known of runtimes alone")
            return
        if self._branches is None:
            self.notify(NO_RUN, markup=False)
            return
        recorded = self.exploration.views[self._number(now.shown)]
        step = now.at().step if isinstance(now, TraceScreen) else 0
        try:
            place = place_of(recorded, now.place, step)
        except CannotBranch as error:
            self.notify(str(error), markup=False)
            return
        self.push_screen(BranchScreen(self._branches, recorded, place), self._branched)

    def _branched(self, chosen: Chosen | None) -> None:
        if chosen is not None:
            address = Address(chosen.view.heading.key, chosen.place)
            self.switch_screen(self._screen(written_address(address), chosen.view))

    def action_copy(self) -> None:
        if (now := self._now()) is not None:
            self.copy_to_clipboard(f"#{now.address}")

    def action_help(self) -> None:
        if self._now() is not None:
            self.push_screen(HelpScreen())

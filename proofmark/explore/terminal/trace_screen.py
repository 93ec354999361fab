"""A trace in the terminal: swim lanes above, one step of them below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.coordinate import Coordinate
from textual.widget import Widget
from textual.widgets import DataTable, Static

from artifacts.explore.addresses import BRANCH
from artifacts.explore.model import Lane, TraceView
from artifacts.explore.summaries import cells_of, columns_of
from proofmark.explore.terminal.base import ViewScreen, plain
from proofmark.explore.terminal.panels import PANELS, At, default_entry

_NUMBER = 6
_GAP = 1
_ABOVE = 3


class TraceScreen(ViewScreen):
    panels = PANELS
    shares: ClassVar[tuple[int, ...]] = (1,) * len(Lane)
    """Of the width, for each column."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "step(1)", "next", priority=True),
        Binding("left", "step(-1)", "back", priority=True),
        Binding("down", "entry(1)", "event", priority=True, key_display="↓↑"),
        Binding("up", "entry(-1)", "event", priority=True, show=False),
        Binding("home", "first", "start", priority=True, show=False),
        Binding("end", "last", "end", priority=True, show=False),
        Binding("tab", "panel(1)", "panel", priority=True),
        Binding("shift+tab", "panel(-1)", "panel", priority=True, show=False),
        *(Binding(str(at), f"show({at - 1})", name, show=False) for at, (name, _) in enumerate(PANELS, 1)),
    ]

    def __init__(self, view: TraceView, place: dict[str, str], position: str) -> None:
        super().__init__(view, place, position)
        self.trace = view
        self.panel = 0
        self._marked = 0

    def body(self) -> tuple[Widget, ...]:
        lanes: DataTable[Text] = DataTable(id="lanes", cursor_type="row", cell_padding=0, zebra_stripes=True)
        lanes.can_focus = False
        below = VerticalScroll(Static("", id="panel", markup=False), id="below")
        return (lanes, Static("", id="panels", markup=False), below)

    def on_mount(self) -> None:
        self._fill()
        super().on_mount()

    def on_resize(self) -> None:
        self._fill()
        self.refresh_place()

    def _fill(self) -> None:
        """The columns share what the number leaves of the width."""
        lanes = self.query_one("#lanes", DataTable)
        lanes.clear(columns=True)
        columns = columns_of(self.trace)
        room = (self.size.width - _NUMBER - 2) / sum(self.shares)
        widths = [max(6, int(room * share)) for share in self.shares]
        lanes.add_column("step", width=_NUMBER)
        for name, width in zip(columns, widths, strict=True):
            lanes.add_column(_cell((name,), width - _GAP), width=width)
        lanes.add_row(_number(0, False), *(Text("") for _ in columns))
        for step in self.trace.steps:
            cells = zip(cells_of(self.trace, step), widths, strict=True)
            lanes.add_row(_number(step.number, False), *(_cell(lines, width - _GAP) for lines, width in cells))

    def refresh_place(self) -> None:
        lanes = self.query_one("#lanes", DataTable)
        at = self.at()
        if lanes.row_count > at.step:
            lanes.update_cell_at(Coordinate(self._marked, 0), _number(self._marked, False))
            lanes.update_cell_at(Coordinate(at.step, 0), _number(at.step, True))
            self._marked = at.step
            lanes.move_cursor(row=at.step, animate=False)
        self.query_one("#panels", Static).update(Text(self._names(), style="reverse", no_wrap=True))
        name, panel = self.panels[self.panel]
        lines = list(panel(at))
        wraps = name not in ("events", "Rust", "MIR")
        shown = self.query_one("#panel", Static)
        shown.styles.text_wrap = "wrap" if wraps else "nowrap"
        shown.update(plain(lines, wraps))
        marked = next((number for number, line in enumerate(lines) if line.startswith("▶")), None)
        if marked is not None:
            self.query_one("#below", VerticalScroll).scroll_to(y=max(0, marked - _ABOVE), animate=False)

    def _names(self) -> str:
        named = enumerate(name for name, _ in self.panels)
        return "".join(f"[{at + 1} {name}]" if at == self.panel else f" {at + 1} {name} " for at, name in named)

    def at(self) -> At:
        step = self.number("step", 0, len(self.trace.steps), min(1, len(self.trace.steps)))
        entries = self.trace.steps[step - 1].entries if step else ()
        otherwise = default_entry(self.trace.steps[step - 1]) if step else None
        chosen = self.number("entry", 0, len(entries) - 1, -1)
        return At(self.trace, step, otherwise if chosen < 0 else chosen)

    def go(self, place: Mapping[str, str]) -> None:
        """Which run it is stays."""
        super().go({**{name: self.place[name] for name in BRANCH if name in self.place}, **place})

    def _to(self, step: int) -> None:
        self.query_one("#below", VerticalScroll).scroll_home(animate=False)
        self.go({"step": str(max(0, min(step, len(self.trace.steps))))})

    def action_step(self, by: int) -> None:
        self._to(self.at().step + by)

    def action_first(self) -> None:
        self._to(0)

    def action_last(self) -> None:
        self._to(len(self.trace.steps))

    def action_entry(self, by: int) -> None:
        """The next event; panels that have no events of their own are scrolled."""
        at = self.at()
        if at.chosen is None or at.last is None:
            return
        chosen = max(0, min(at.chosen + by, len(at.last.entries) - 1))
        self.go({"step": str(at.step), "entry": str(chosen)})

    def action_panel(self, by: int) -> None:
        self.action_show((self.panel + by) % len(self.panels))

    def action_show(self, panel: int) -> None:
        if panel >= len(self.panels):
            return
        self.panel = panel
        self.query_one("#below", VerticalScroll).scroll_home(animate=False)
        self.refresh_place()


def _number(step: int, here: bool) -> Text:
    """The step's number, marked without colour where one is."""
    number = f"{step:>4} " if step else "start"
    return Text(f"{'▶' if here else ' '}{number}", style="bold" if here else "")


def _cell(lines: tuple[str, ...], width: int) -> Text:
    """A lane in one line: what is broken, else what happens, else what changes; and how much more there is."""
    broken = [line for line in lines if line.startswith("✗")]
    ordered = [*broken, *(line for line in lines if line not in broken)]
    if not ordered:
        return Text("")
    more = f" +{len(ordered) - 1}" if len(ordered) > 1 else ""
    shown = Text(ordered[0], no_wrap=True, overflow="ellipsis", style="bold" if broken else "")
    shown.truncate(max(1, width - len(more)), overflow="ellipsis")
    return shown.append(more)

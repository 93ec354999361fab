"""A call graph in the terminal: roots, ways, and what no way can do without; and one function with its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.worker import get_current_worker

from artifacts.explore.addresses import read_without, written_without
from artifacts.explore.call_distances import Edge
from artifacts.explore.call_questions import CUT_LIMIT, Calls, OnEveryPath, Without
from artifacts.explore.model import CallView
from artifacts.sentences import count
from proofmark.explore.terminal.base import ViewScreen

_LAYER = 12
_LINES = 600
_NEIGHBOURS = 200
_PATIENCE = 0.15
"""Seconds until it is said that an answer is looked for."""
_SOON = 0.03
"""Seconds after which a part of an answer is shown before the rest."""
_REMEMBERED = 8
"""Answers: what is put back was known before, and the next one follows from that with the fewest other calls."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known with something taken away: at first, perhaps, not what is on `every` path, nor the `cut`."""

    without: Without
    calls: Calls
    left: tuple[int, ...]
    every: OnEveryPath | None = None
    cut: tuple[Edge, ...] | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: what enter chooses, and what space takes away."""

    text: str
    function: int | None = None
    call: Edge | None = None
    root: int | None = None


class CallsScreen(ViewScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "root(1)", "root", priority=True, key_display="→←"),
        Binding("left", "root(-1)", "previous root", priority=True, show=False),
        Binding("tab", "app.focus_next", "list"),
        Binding("space", "take", "without", priority=True),
    ]

    def __init__(self, view: CallView, place: dict[str, str], position: str) -> None:
        super().__init__(view, place, position)
        self.graph = view
        self.asked: Asked | None = None
        self._marked: str | None = None
        self._known: dict[Without, Asked] = {}
        self._lines: dict[str, list[Line]] = {}

    def body(self) -> tuple[Widget, ...]:
        lists = (OptionList(markup=False, id=name, compact=True) for name in ("roots", "ways", "every"))
        around = OptionList(markup=False, id="around", compact=True)
        return (Static("", id="what-if", markup=False), Horizontal(*lists, id="calls"), around)

    def on_mount(self) -> None:
        for name, title in (("roots", "roots"), ("ways", "shortest"), ("every", f"to {self.graph.goal}")):
            self.query_one(f"#{name}", OptionList).border_title = title
        super().on_mount()

    def refresh_place(self) -> None:
        """What was taken away changes everything, and is asked beside; another root or function changes a list."""
        without = self._without
        if self.asked is not None and self.asked.without == without:
            self._show(self.asked)
        elif without in self._known:
            self._answered(self._known[without])
        else:
            self.set_timer(_PATIENCE, self._looking)
            self._ask(without)

    @property
    def _without(self) -> Without:
        return read_without(self.graph, self.place.get("without", ""))

    def _looking(self) -> None:
        if self.is_attached and (self.asked is None or self.asked.without != self._without):
            self.query_one("#what-if", Static).update("looking …")

    @work(thread=True, exclusive=True)
    def _ask(self, without: Without) -> None:
        """Each part of the answer is for who still asks: another question ends this one."""
        worker = get_current_worker()
        begun = monotonic()
        for asked in self._parts(without):
            if worker.is_cancelled:
                return
            if asked.is_whole or monotonic() - begun > _SOON:
                self.app.call_from_thread(self._answered, asked)
                begun = monotonic()

    def _parts(self, without: Without) -> Iterator[Asked]:
        known = [one.calls for one in list(self._known.values())]
        nearest = min(
            known, key=lambda one: (len(one.without.calls ^ without.calls), one.distance.count(-1)), default=None
        )
        calls = nearest.next(without) if nearest else Calls(self.graph, without)
        yield (reached := Asked(without, calls, calls.roots()))
        passed = replace(reached, every=(every := calls.on_every_path(reached.left)))
        if not every.calls:  # any of which is a cut
            yield passed
        yield replace(passed, cut=calls.smallest_cut(reached.left, every), is_whole=True)

    def _answered(self, asked: Asked) -> None:
        if asked.is_whole:
            self._known[asked.without] = asked
            for oldest in list(self._known)[:-_REMEMBERED]:
                del self._known[oldest]
        if self.is_attached and asked.without == self._without:
            self.asked = asked
            self._show(asked)

    def _show(self, asked: Asked) -> None:
        away = len(asked.without.roots) + len(asked.without.calls)
        reach = "reaches" if len(asked.left) == 1 else "reach"
        reach = f"{len(asked.left)} of {count(len(self.graph.roots), 'root')} {reach} {self.graph.goal}"
        outcome = reach if asked.left else f"nothing reaches {self.graph.goal} any more"
        said = f"without {count(away, 'thing')}: {outcome}" if away else outcome
        self.query_one("#what-if", Static).update(Text(said, style="bold", no_wrap=True))
        moved = self.query_one("#roots", OptionList).highlighted is None or self.place.get("root") != self._marked
        self._list("roots", self._roots(asked), self.root if moved else None)
        self._marked = self.place.get("root")
        self._list("ways", self._ways(asked), None)
        self._list("every", self._every(asked), None)
        self._list("around", self._around(asked), None)
        self.query_one("#around", OptionList).border_title = self.graph.names[self.function]

    def _list(self, name: str, lines: list[Line], chosen: int | None) -> None:
        listed = self.query_one(f"#{name}", OptionList)
        before = listed.highlighted
        if self._lines.get(name) != lines:
            self._lines[name] = lines
            listed.set_options([Text(line.text, no_wrap=True, overflow="ellipsis") for line in lines])
        at = chosen if chosen is not None else before
        listed.highlighted = None if at is None or not lines else min(at, len(lines) - 1)

    @property
    def root(self) -> int:
        first = self.asked.left[0] if self.asked and self.asked.left else 0
        return self.number("root", 0, len(self.graph.roots) - 1, first)

    @property
    def function(self) -> int:
        return self.number("function", 0, len(self.graph.names) - 1, self.graph.roots[self.root].function)

    def _roots(self, asked: Asked) -> list[Line]:
        lines = []
        for number, root in enumerate(self.graph.roots):
            far = asked.calls.distance[root.function]
            state = "without" if number in asked.without.roots else f"{far + 1} away" if far >= 0 else "apart"
            mark = "●" if number in asked.left else "○"
            lines.append(Line(f"{mark} {state}: {root.name}", root.function, None, number))
        return lines

    def _ways(self, asked: Asked) -> list[Line]:
        shortest = asked.calls.shortest(self.graph.roots[self.root].function)
        lines = [Line(count(shortest.count, "shortest path"))]
        most = max(1, min(_LAYER, _LINES // max(1, len(shortest.layers))))
        for depth, layer in enumerate(shortest.layers):
            lines += [Line(f"{depth} {self.graph.names[one]}", one) for one in layer[:most]]
            if len(layer) > most:
                lines.append(Line(f"{depth} and {len(layer) - most} more here"))
        return [*lines, Line(f"⇒ {self.graph.goal}")] if shortest.layers else [Line("no path")]

    def _every(self, asked: Asked) -> list[Line]:
        if asked.every is None:
            return [Line("looking …")]
        lines = [Line("on every path:")]
        lines += [Line(f"  {self.graph.names[one]}", one) for one in asked.every.functions] or [Line("  no function")]
        lines.append(Line("calls on every path:"))
        lines += [self._call(call) for call in asked.every.calls] or [Line("  none")]
        lines.append(Line("a smallest cut:"))
        if not asked.is_whole:
            return [*lines, Line("  looking …")]
        if asked.cut is None:
            return [*lines, Line(f"  none of at most {CUT_LIMIT} calls")]
        return [*lines, *([self._call(call) for call in asked.cut] or [Line("  nothing to cut")])]

    def _call(self, call: Edge) -> Line:
        return Line(f"  {self.graph.names[call[0]]} → {self.graph.names[call[1]]}", call[1], call)

    def _around(self, asked: Asked) -> list[Line]:
        """The chosen function: its size, its instructions on shortest paths, its callers and its calls."""
        one = self.function
        far = asked.calls.distance[one]
        reach = (
            f"{count(far, 'call')} from the one that holds" if far > 0 else "holds" if far == 0 else "does not reach"
        )
        lines = [Line(f"{count(self.graph.sizes[one], 'byte')} of code; {reach} {self.graph.goal}")]
        for target in (*self.graph.edges[one], None):
            site = self.graph.sites.get((one, target))
            if target is not None:
                gone = " (without this call)" if (one, target) in asked.without.calls else ""
                at = f" at 0x{site.offset:x}" if site else ""
                lines.append(Line(f"→ {self.graph.names[target]}{at}{gone}", target, (one, target)))
            lines += [Line(f"    {text}") for text in (site.lines if site else ())]
        callers = asked.calls.callers.of(one)[:_NEIGHBOURS]
        return [*lines, *(Line(f"← {self.graph.names[caller]}", caller, (caller, one)) for caller in callers)]

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        line = self._lines[event.option_list.id or ""][event.option_index]
        if line.root is not None:
            self.go({**self.place, "root": str(line.root), "function": str(line.function)})
        elif line.function is not None:
            self.go({**self.place, "function": str(line.function)})

    def action_root(self, by: int) -> None:
        root = max(0, min(self.root + by, len(self.graph.roots) - 1))
        self.go({**self.place, "root": str(root), "function": str(self.graph.roots[root].function)})

    def action_take(self) -> None:
        """Takes the root or call of the highlighted line away, or puts it back."""
        listed = self.focused
        if not isinstance(listed, OptionList) or listed.highlighted is None or self.asked is None:
            return
        line = self._lines[listed.id or ""][listed.highlighted]
        without = self.asked.without
        if line.root is not None:
            without = Without(without.roots ^ {line.root}, without.calls)
        elif line.call is not None:
            without = Without(without.roots, without.calls ^ {line.call})
        self.go({**self.place, "without": written_without(without)})

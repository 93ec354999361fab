"""A verdict in the terminal, with what it rests on."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Collapsible, Static

from artifacts.explore.model import Section, TextView
from proofmark.explore.terminal.base import ViewScreen, plain

_OPEN = 6


class TextScreen(ViewScreen):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "app.focus_next", "section")]

    def __init__(self, view: TextView, place: dict[str, str], position: str) -> None:
        super().__init__(view, place, position)
        self.proof = view

    def body(self) -> tuple[Widget, ...]:
        facts = Section("About this result", (("instance", self.proof.heading.instance), *self.proof.heading.facts))
        return (VerticalScroll(*(self._section(one, at) for at, one in enumerate(self.proof.sections)), _facts(facts)),)

    def _section(self, section: Section, at: int) -> Collapsible:
        chosen = self.number("item", 0, len(section.items) - 1, -1) if self.place.get("section") == str(at) else -1
        tree = section.title == "The invariant"
        lines = [f"{section.note}\n"] if section.note else []
        for number, (text, more) in enumerate(section.items):
            mark = "▶" if number == chosen else " " if tree else "·"
            lines.append(f"{mark} {text}{f' ({more})' if more else ''}")
        title = f"{section.title} ({len(section.items)})" if section.items else section.title
        here = self.place.get("section") == str(at)
        collapsed = len(section.items) > _OPEN and not here
        return Collapsible(Static(plain(lines), markup=False), title=title, collapsed=collapsed, id=f"section-{at}")

    def refresh_place(self) -> None:
        """Sections are made with their marks; the one of the address comes into view."""
        at = self.number("section", 0, len(self.proof.sections) - 1, -1)
        if at >= 0:
            self.query_one(f"#section-{at}").scroll_visible(animate=False)


def _facts(section: Section) -> Collapsible:
    lines = [f"{name}: {text}" for name, text in section.items if text]
    return Collapsible(Static(plain(lines), markup=False), title=section.title, collapsed=True)

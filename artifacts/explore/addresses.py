"""Addresses of places: the same text in the page, after `#`, and in the terminal program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from artifacts.explore.call_questions import Without
from artifacts.explore.model import CallView

_PLAIN = "!~*'()-_."
"""What the page leaves as it is, besides letters and digits (encodeURIComponent)."""


BRANCH = ("from", "then", "with")
"""What of a place says which run is looked at, if not the one that was recorded."""


@dataclass(frozen=True, slots=True)
class Address:
    """`key`: of the view, empty for the first. `place`: names and values in their order."""

    key: str = ""
    place: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str, first: int, last: int, otherwise: int) -> int:
        """A number of the place; `otherwise` where there is none, or none in the range."""
        text = self.place.get(name, "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        return number if first <= number <= last else otherwise


def is_branch(place: Mapping[str, str]) -> bool:
    return any(place.get(name) for name in BRANCH)


def read_address(text: str) -> Address:
    key, *parts = (unquote(part) for part in text.removeprefix("#").split("/"))
    return Address(key, dict(zip(parts[::2], parts[1::2], strict=False)))


def written_address(address: Address) -> str:
    parts = [address.key]
    for name, value in address.place.items():
        if value:
            parts += [name, value]
    return "/".join(quote(part, safe=_PLAIN) for part in parts)


def read_without(view: CallView, text: str) -> Without:
    """`r0+c4-5`: root 0 and the call from 4 to 5; what the view does not have is passed over."""
    roots: set[int] = set()
    calls: set[tuple[int, int]] = set()
    for part in text.split("+"):
        caller, _, target = part[1:].partition("-")
        if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (caller, target or "0")):
            continue
        if part[0] == "r" and not target and int(caller) < len(view.roots):
            roots.add(int(caller))
        elif part[0] == "c" and target and int(caller) < len(view.names) and int(target) in view.edges[int(caller)]:
            calls.add((int(caller), int(target)))
    return Without(frozenset(roots), frozenset(calls))


def written_without(without: Without) -> str:
    roots = (f"r{root}" for root in sorted(without.roots))
    return "+".join((*roots, *(f"c{caller}-{target}" for caller, target in sorted(without.calls))))

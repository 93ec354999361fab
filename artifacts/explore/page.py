"""The page: one HTML file that holds an exploration and all that shows it. It asks for nothing from anywhere, but a
page that is served asks whoever serves it: its policy lets only its own script and style run, each named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any

from artifacts.explore.document import document
from artifacts.explore.model import CallView, Exploration
from artifacts.explore.shrinking import nearest

LIMIT = 1_000_000
"""Largest page, in bytes."""
_SCRIPTS = (
    "base.js",
    "pool_view.js",
    "trace_view.js",
    "calls.js",
    "calls_view.js",
    "text_view.js",
    "branches.js",
    "start.js",
)
_NOTHING: Mapping[str, Any] = {}


class TooLarge(Exception):
    """What was opened does not fit on a page, whatever is left out of its call graphs."""


def page(exploration: Exploration, held: Mapping[str, Any] = _NOTHING) -> bytes:
    """At most `LIMIT` bytes; functions on the longest ways to a goal are left out where they do not fit, and the page
    says so. `held`: answers to questions about other ways, by question and address. Raises TooLarge.
    """
    written = _page(exploration, held)
    while len(written) > LIMIT:
        smaller = _cut(exploration, 0.9 * LIMIT / len(written))
        if smaller is exploration:
            raise TooLarge(f"the page has {len(written)} bytes; at most {LIMIT} fit")
        exploration, written = smaller, _page(smaller, held)
    return written


def served_page(exploration: Exploration) -> bytes:
    """Of any size, and with nothing left out; it asks its server about other ways."""
    return _page(exploration, None)


def policy(asks: bool) -> str:
    """The content security policy: nothing is loaded from anywhere; only a page that `asks` may ask its server."""
    asked = "connect-src 'self'; " if asks else ""
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_resource('page.css'))}'; "
        f"{asked}base-uri 'none'; form-action 'none'"
    )


def _cut(exploration: Exploration, share: float) -> Exploration:
    """With the largest call graph cut to this share of its functions; itself if none can be."""
    sizes = [len(view.names) if isinstance(view, CallView) else 0 for view in exploration.views]
    at = max(range(len(sizes)), key=sizes.__getitem__, default=0)
    largest = exploration.views[at] if exploration.views else None
    if not isinstance(largest, CallView):
        return exploration
    smaller = nearest(largest, int(sizes[at] * share))
    if len(smaller.names) == sizes[at]:
        return exploration
    return replace(exploration, views=(*exploration.views[:at], smaller, *exploration.views[at + 1 :]))


def _page(exploration: Exploration, held: Mapping[str, Any] | None) -> bytes:
    text = json.dumps(document(exploration, held), ensure_ascii=False, separators=(",", ":"))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(text.encode()) + packer.flush()
    values = {
        "policy": html.escape(policy(asks=held is None), quote=True),
        "title": html.escape(exploration.title),
        "style": _resource("page.css"),
        "script": _script(),
        "data": base64.b64encode(packed).decode(),
    }
    written = _resource("page.html")
    for name, value in values.items():
        before, _, after = written.partition(f"<!--{name}-->")
        written = before + value + after
    return written.encode()


def _script() -> str:
    parts = "\n".join(_resource(name) for name in _SCRIPTS)
    return f"(() => {{\n'use strict';\n{parts}}})();\n"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    return resources.files("artifacts.explore").joinpath("page", name).read_text(encoding="utf-8")

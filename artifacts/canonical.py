"""Canonical JSON, in which certificates are written: one value, one text."""

from __future__ import annotations

import json
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def canonical(value: Json) -> bytes:
    """Canonical JSON: UTF-8, keys sorted by code point, no white space, one new line at the end."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"

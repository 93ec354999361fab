"""Reads JSON of others strictly: what two readers could take for two things is none."""

from __future__ import annotations

import json
from typing import NoReturn


def parsed(raw: bytes) -> object:
    """Raises ValueError (JSONDecodeError, where a position is known) for what is no JSON, has a key twice, or a number
    that is none; RecursionError for what is too deep.
    """
    value: object = json.loads(raw, object_pairs_hook=_each_key_once, parse_constant=_no_number)
    return value


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of a key that is there twice, other readers may take the other value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(text: str) -> NoReturn:
    """JSON has no `NaN`, though Python writes it."""
    raise ValueError(f"{text} is no number")

"""Values of a certificate's JSON by their form; what has another is refused, with its place."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NoReturn

from proofs.recheck.faults import Refused

_SHA256 = re.compile(r"[0-9a-f]{64}")


def refuse(where: str, what: str) -> NoReturn:
    raise Refused(f"certificate, {where}: {what}")


def entries(value: object, where: str, keys: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != keys:
        refuse(where, f"expected an object with the keys {', '.join(sorted(keys))}")
    return value


def items(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        refuse(where, "expected a list")
    return value


def text(value: object, where: str) -> str:
    if not isinstance(value, str):
        refuse(where, "expected text")
    return value


def integer(value: object, where: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        refuse(where, "expected an integer")
    return value


def equal(value: object, expected: str, where: str) -> None:
    if value != expected:
        refuse(where, f"expected {expected!r}")


def sha256(value: object, where: str) -> str:
    found = text(value, where)
    if not _SHA256.fullmatch(found):
        refuse(where, "not 64 hexadecimal digits")
    return found


def sorted_names(value: object, where: str) -> tuple[str, ...]:
    names = tuple(text(one, where) for one in items(value, where))
    if any(a >= b for a, b in pairwise(names)):
        refuse(where, "not sorted, or with something twice")
    return names

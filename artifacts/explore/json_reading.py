"""JSON of files that anybody may have written, read step by step: what is wrong is told with its place in the value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artifacts.regular_file import read_regular
from artifacts.strict_json import parsed
from extract.errors import InputError, LineColumn, WholeFile

LARGEST = 256 << 20
"""Largest file, in bytes."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file, and the way to it."""

    file: str
    path: str
    value: Any

    def fail(self, expected: str) -> InputError:
        found = {dict: "an object", list: "a list", str: "a text", type(None): "null", bool: "true or false"}
        what = found.get(type(self.value), "a number")
        return InputError(self.file, WholeFile(), f"{what} at {self.path or 'the top'}", expected)

    def child(self, key: str) -> Node:
        """The member of this name; None for its value where there is none."""
        if not isinstance(self.value, dict):
            raise self.fail("an object")
        return Node(self.file, f"{self.path}.{key}" if self.path else key, self.value.get(key))

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def items(self) -> Iterator[Node]:
        if not isinstance(self.value, list):
            raise self.fail("a list")
        for number, item in enumerate(self.value):
            yield Node(self.file, f"{self.path}[{number}]", item)

    def exactly(self, number: int) -> list[Node]:
        """The items of a list of this length."""
        items = list(self.items())
        if len(items) != number:
            raise self.fail(f"a list of {number}")
        return items

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fail("a text")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.value is None else self.text()

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("true or false")
        return self.value

    def number(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.fail("a whole number")
        return self.value


def read_json(path: Path) -> Node:
    """Raises InputError."""
    try:
        return Node(str(path), "", parsed(read_regular(path, LARGEST)))
    except OSError as error:
        raise InputError(str(path), WholeFile(), error.strerror or str(error), "a readable file") from error
    except json.JSONDecodeError as error:
        raise InputError(str(path), LineColumn(error.lineno, error.colno), error.msg, "JSON") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InputError(str(path), WholeFile(), "what is no text of JSON", "JSON in UTF-8") from error
    except ValueError as error:
        raise InputError(str(path), WholeFile(), str(error), "JSON with each key once") from error

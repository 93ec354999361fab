"""Whether a value has the form that one of our JSON Schemas says: the schema, made into functions once.

A general validator takes a millisecond for each row of a report; it is asked where something is wrong, and says what.
Only keywords that are known here are taken, each with the meaning of draft 2020-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any] | bool
Holds = Callable[[object], bool]

_ANNOTATIONS = frozenset(("$schema", "$defs", "title", "description"))
_TYPES: Mapping[str, Holds] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: type(value) is int or (isinstance(value, float) and value.is_integer()),
}


def checker(schema: Schema) -> Holds:
    """Raises ValueError for a keyword that is not known."""
    return _Checker(schema).holds(schema)


class _Checker:
    def __init__(self, schema: Schema) -> None:
        self._definitions: Mapping[str, Schema] = {} if isinstance(schema, bool) else schema.get("$defs", {})
        self._made: dict[str, Holds] = {}

    def holds(self, schema: Schema) -> Holds:
        if isinstance(schema, bool):
            return lambda _: schema
        tests = [made for key in schema if (made := self._keyword(key, schema)) is not None]
        return tests[0] if len(tests) == 1 else _all(tests)

    def _keyword(self, key: str, schema: Mapping[str, Any]) -> Holds | None:
        """None of what says nothing by itself."""
        given = schema[key]
        match key:
            case "type":
                tests = [_TYPES[name] for name in ([given] if isinstance(given, str) else given)]
                return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)
            case "const":
                return _one_of((given,))
            case "enum":
                return _one_of(given)
            case "pattern":
                found = re.compile(given).search
                return lambda value: not isinstance(value, str) or found(value) is not None
            case "minimum":
                return lambda value: not isinstance(value, int | float) or isinstance(value, bool) or value >= given
            case "minItems":
                return lambda value: not isinstance(value, list) or len(value) >= given
            case "maxItems":
                return lambda value: not isinstance(value, list) or len(value) <= given
            case "uniqueItems" if given is True and schema.get("items") == {"type": "string"}:
                return _distinct_texts
            case "required":
                wanted = frozenset(given)
                return lambda value: not isinstance(value, dict) or wanted <= value.keys()
            case "properties":
                return _properties({name: self.holds(one) for name, one in given.items()})
            case "additionalProperties":
                return _others(frozenset(schema.get("properties", {})), self.holds(given))
            case "prefixItems":
                return _first([self.holds(one) for one in given])
            case "items":
                return _rest(len(schema.get("prefixItems", ())), self.holds(given))
            case "allOf":
                return _all([self.holds(one) for one in given])
            case "anyOf":
                tests = [self.holds(one) for one in given]
                return lambda value: any(test(value) for test in tests)
            case "oneOf":
                tests = [self.holds(one) for one in given]
                return lambda value: sum([test(value) for test in tests]) == 1
            case "if":
                asked, then, other = (self.holds(schema.get(word, True)) for word in ("if", "then", "else"))
                return lambda value: then(value) if asked(value) else other(value)
            case "then" | "else" if "if" in schema:
                return None
            case "$ref":
                return self._reference(given)
            case _ if key in _ANNOTATIONS:
                return None
        raise ValueError(f"a schema with {key}")

    def _reference(self, to: str) -> Holds:
        name = to.removeprefix("#/$defs/")
        definition = self._definitions[name]
        if name not in self._made:
            self._made[name] = lambda value: self._made[name](value)  # until it is made: it may refer to itself
            self._made[name] = self.holds(definition)
        return self._made[name]


def _all(tests: list[Holds]) -> Holds:
    def holds(value: object) -> bool:
        for test in tests:  # noqa: SIM110  (a generator takes twice as long)
            if not test(value):
                return False
        return True

    return holds


def _one_of(values: list[object] | tuple[object, ...]) -> Holds:
    """Texts, truths and null, which are equal to nothing but themselves."""
    if any(not isinstance(one, str | bool | None) for one in values):
        raise ValueError("a schema with constants of other types")
    known = frozenset((type(one), one) for one in values)
    return lambda value: isinstance(value, str | bool | None) and (type(value), value) in known


def _distinct_texts(value: object) -> bool:
    """What is no text among them `items` says."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return len(set(texts)) == len(texts)


def _properties(tests: Mapping[str, Holds]) -> Holds:
    listed = tuple(tests.items())

    def holds(value: object) -> bool:
        if isinstance(value, dict):
            for name, test in listed:
                if name in value and not test(value[name]):
                    return False
        return True

    return holds


def _others(named: frozenset[str], test: Holds) -> Holds:
    def holds(value: object) -> bool:
        return not isinstance(value, dict) or all(test(value[name]) for name in value.keys() - named)

    return holds


def _first(tests: list[Holds]) -> Holds:
    def holds(value: object) -> bool:
        return not isinstance(value, list) or all(test(one) for test, one in zip(tests, value, strict=False))

    return holds


def _rest(after: int, test: Holds) -> Holds:
    def holds(value: object) -> bool:
        return not isinstance(value, list) or all(map(test, value[after:] if after else value))

    return holds

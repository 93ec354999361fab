"""Our functions made of a schema, held to a general validator: the same answer to what is whole, and to what is not."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from importlib import resources
from typing import Any

import artifact_samples as samples
import pytest
from jsonschema import Draft202012Validator

from artifacts.report import report, schema
from artifacts.schema_check import checker

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.0,
        1.5,
        "",
        "a",
        "ab",
        [],
        [1],
        ["a", "b"],
        ["a", "a"],
        ["a", 1],
        [1, 2, 3],
        {},
        {"a": 1},
    ),
    *({"a": "a", "b": None}, {"b": [], "c": {}}, [[1, 2], {}], "0" * 64, 1 << 70),
)
SCHEMAS: tuple[Any, ...] = (
    *(
        True,
        False,
        {},
        *({"type": one} for one in ("object", "array", "string", "boolean", "null", "integer", "number")),
    ),
    *({"type": ["string", "null"]}, {"const": "a"}, {"const": True}, {"const": None}, {"enum": ["a", None, False]}),
    *({"pattern": "^a"}, {"minimum": 1}, {"minItems": 2}, {"maxItems": 1}, {"required": ["a"]}),
    {"properties": {"a": {"type": "integer"}, "b": False}},
    {"properties": {"a": True}, "additionalProperties": False},
    {"properties": {"a": True}, "additionalProperties": {"type": "array"}},
    *({"items": {"type": "integer"}}, {"prefixItems": [{"type": "string"}, True], "items": False}),
    {"oneOf": [{"type": "integer"}, {"minimum": 1}, {"type": "string"}]},
    {"items": {"type": "string"}, "uniqueItems": True},
    {"anyOf": [{"type": "integer"}, {"minimum": 1}, {"type": "string"}]},
    {"allOf": [{"type": "object"}, {"required": ["b"]}]},
    {"if": {"type": "object"}, "then": {"required": ["a"]}, "else": {"type": "array"}},
    *({"if": {"type": "object"}, "else": {"type": "array"}}, {"if": {"required": ["a"]}, "then": False}),
    {"$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}, "$ref": "#/$defs/tree"},
)


@pytest.mark.parametrize("given", SCHEMAS, ids=json.dumps)
def test_each_keyword_means_what_it_does_elsewhere(given: Any) -> None:
    for value in VALUES:
        assert checker(given)(value) == Draft202012Validator(given).is_valid(value), value


@pytest.mark.parametrize(
    "given", [{"minLength": 1}, {"items": {"not": {}}}, {"const": 1}, {"then": {}}], ids=json.dumps
)
def test_a_keyword_that_is_not_known_is_an_error_and_never_passed_over(given: Any) -> None:
    with pytest.raises(ValueError, match="a schema with"):
        checker(given)


@pytest.mark.parametrize("name", ["report", "safety-case"])
def test_the_schemas_of_what_is_read_have_no_other(name: str) -> None:
    text = resources.files("artifacts").joinpath(f"schemas/{name}.schema.json").read_text(encoding="utf-8")
    assert not checker(json.loads(text))([])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each part of a document: what holds it, and under which key or number."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


@pytest.mark.parametrize("name", sorted(samples.every_run()))
def test_of_reports_with_one_place_changed(name: str) -> None:
    holds, general = checker(schema()), Draft202012Validator(schema())
    whole = json.loads(report(samples.every_run()[name]))
    assert holds(whole)
    chosen, answers = random.Random(name), [0, 0]
    for _ in range(60):
        changed = copy.deepcopy(whole)
        holder, key = chosen.choice(list(_places(changed)))
        match chosen.randrange(3):
            case 0:
                del holder[key]
            case 1:
                holder[key] = chosen.choice(VALUES)
            case _ if isinstance(holder, dict):
                holder["another"] = None
        expected = general.is_valid(changed)
        assert holds(changed) == expected, (holder, key)
        answers[expected] += 1
    assert answers[0] > 20

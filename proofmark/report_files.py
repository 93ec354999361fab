"""Reads what `prove --out` wrote: the report of a run, held to its schema, and the JSON beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from artifacts.regular_file import read_regular
from artifacts.report import schema
from artifacts.schema_check import checker
from artifacts.strict_json import parsed
from extract.errors import InputError, WholeFile

MAX_BYTES = 1 << 28


def read_report(directory: Path) -> dict[str, Any]:
    """Raises InputError."""
    path = directory / "report.json"
    report = read_json(path)
    if found := unlike(report, schema()):
        raise bad(path, found)
    return report


def unlike(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """Where a document is not as one of our schemas says, and why; or nothing."""
    if checker(schema)(document):
        return ""
    from jsonschema import Draft202012Validator  # slow: only to say what is wrong

    problem = next(iter(Draft202012Validator(schema).iter_errors(document)), None)
    return "" if problem is None else f"{problem.json_path}: {problem.message[:200]}"


def read_json(path: Path) -> dict[str, Any]:
    """Raises InputError."""
    try:
        value = parsed(read_regular(path, MAX_BYTES))
    except OSError as error:
        raise bad(path, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise bad(path, f"no JSON: {str(error)[:200]}") from error
    if not isinstance(value, dict):
        raise bad(path, "no JSON object")
    return value


def bad(path: Path, found: str) -> InputError:
    return InputError(str(path), WholeFile(), found, "a run that `proofmark prove --out` wrote")

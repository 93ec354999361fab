"""Reads what `prove --out` wrote: the report of a run, held to its schema, and the JSON beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from artifacts.regular_file import read_regular
from extract.errors import InputError, WholeFile

MAX_BYTES = 1 << 28


def read_report(directory: Path) -> dict[str, Any]:
    """Raises InputError."""
    from jsonschema import Draft202012Validator

    from artifacts.report import schema

    path = directory / "report.json"
    report = read_json(path)
    problem = next(iter(Draft202012Validator(schema()).iter_errors(report)), None)
    if problem is not None:
        raise bad(path, f"{problem.json_path}: {problem.message[:200]}")
    return report


def read_json(path: Path) -> dict[str, Any]:
    """Raises InputError."""
    try:
        value = json.loads(read_regular(path, MAX_BYTES))
    except OSError as error:
        raise bad(path, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise bad(path, f"no JSON: {str(error)[:200]}") from error
    if not isinstance(value, dict):
        raise bad(path, "no JSON object")
    return value


def bad(path: Path, found: str) -> InputError:
    return InputError(str(path), WholeFile(), found, "a run that `proofmark prove --out` wrote")

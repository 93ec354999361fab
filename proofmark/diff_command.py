"""`proofmark diff OLD NEW`: what changed between two runs, and whether that fails a gate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from artifacts.difference import Entry, Gate, Key, WrittenRun, as_json, as_text, difference, failed_gates
from extract.errors import InputError, WholeFile
from proofmark import console, guard

MAX_BYTES = 1 << 28


def run(old: Path, new: Path, gates: Sequence[Gate], json_wanted: bool, quiet: bool) -> int:
    """0: nothing that fails a gate; 1: something does; 2: no two runs to compare."""
    try:
        changes = difference(read_run(old), read_run(new))
    except InputError as error:
        console.err(f"error: {error}")
        return guard.BAD_INPUT
    failed = failed_gates(changes, gates)
    if not quiet:
        console.results([(line,) for line in as_text(changes)], to_stderr=json_wanted)
        for gate in failed:
            console.err(f"failed: --fail-on {gate}")
    if json_wanted:
        console.out(as_json(changes, failed))
    return 1 if failed else 0


def read_run(directory: Path) -> WrittenRun:
    """What `prove --out` wrote. Raises InputError."""
    from jsonschema import Draft202012Validator

    from artifacts.report import schema

    path = directory / "report.json"
    report = _json(path)
    problem = next(iter(Draft202012Validator(schema()).iter_errors(report)), None)
    if problem is not None:
        raise _bad(path, f"{problem.json_path}: {problem.message[:200]}")
    entries: dict[Key, Entry] = {}
    for result in report["results"]:
        key = (result["subject"]["path"], result["obligation"], result["instance"])
        if key in entries:
            raise _bad(path, f"two results for {key[1]} of {key[0]} ({key[2]})")
        entries[key] = _entry(directory, result)
    return WrittenRun(report["run_state"], entries)


def _entry(directory: Path, result: dict[str, Any]) -> Entry:
    evidence: dict[str, Any] = {}
    if result["certificate"] is not None:
        path = directory / "certificates" / Path(result["certificate"]).name
        found = _json(path).get("evidence")
        if not isinstance(found, dict):
            raise _bad(path, "no evidence")
        evidence = found
    assumptions = {(one["id"], one["about"]): one["text"] for one in result["assumptions"]}
    return Entry(result["verdict"], result["subject"]["sha256"], assumptions, evidence)


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _bad(path, f"more than {MAX_BYTES} bytes")
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise _bad(path, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"no JSON: {str(error)[:200]}") from error
    if not isinstance(value, dict):
        raise _bad(path, "no JSON object")
    return value


def _bad(path: Path, found: str) -> InputError:
    return InputError(str(path), WholeFile(), found, "a run that `proofmark prove --out` wrote")

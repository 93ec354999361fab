"""`proofmark diff OLD NEW`: what changed between two runs, and whether that fails a gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from artifacts.difference import Entry, Gate, Key, WrittenRun, as_json, as_text, difference, failed_gates
from extract.errors import InputError
from proofmark import console, guard
from proofmark.report_files import bad, read_json, read_report


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
    report = read_report(directory)
    entries: dict[Key, Entry] = {}
    for result in report["results"]:
        key = (result["subject"]["path"], result["obligation"], result["instance"])
        if key in entries:
            raise bad(directory / "report.json", f"two results for {key[1]} of {key[0]} ({key[2]})")
        entries[key] = _entry(directory, result)
    return WrittenRun(report["run_state"], entries)


def _entry(directory: Path, result: dict[str, Any]) -> Entry:
    evidence: dict[str, Any] = {}
    if result["certificate"] is not None:
        path = directory / "certificates" / Path(result["certificate"]).name
        found = read_json(path).get("evidence")
        if not isinstance(found, dict):
            raise bad(path, "no evidence")
        evidence = found
    assumptions = {(one["id"], one["about"]): one["text"] for one in result["assumptions"]}
    return Entry(result["verdict"], result["subject"]["sha256"], assumptions, evidence)

"""SARIF 2.1.0, the subset that code-scanning services read.

Services show every result as an alert and keep it until a run no longer has it, so: all rules are declared in every
run, what is proved is counted in the run's properties and is no result, and `kind` is not used. Fingerprints are made
of names and relative paths, never of offsets, so that a rebuilt module keeps its alerts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import quote

from artifacts import joins, sentences
from artifacts.canonical import Json, canonical
from artifacts.catalogue import DIFFERS, MISSING, RULES, Rule, rule
from artifacts.names import encodable, unicode_only, visible
from artifacts.run import Expected, Run, exit_status, expected_in_order, in_order, relative_path, verdict_word
from proofs.pool_join import Join
from proofs.verdicts import (
    Bounded,
    Path,
    Proved,
    Reach,
    Refuted,
    Result,
    Step,
    Trace,
    Unknown,
    Vacuous,
    Vestiges,
    VestigialExport,
    Violation,
)

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

FLOWS = 20
"""Most paths shown with one alert."""

FLOW_STEPS = 1000
"""Most steps shown of one path (services show no more); the middle of a longer one is left out and counted."""


_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")


@dataclass(frozen=True, slots=True)
class _Alert:
    """What becomes one SARIF result. `identity`: what its fingerprint is made of, free of offsets."""

    rule: Rule
    level: str
    message: str
    path: str
    offset: int | None
    paths: tuple[Path, ...]
    identity: tuple[str, ...]
    line: int = 1


def sarif(run: Run) -> bytes:
    """A SARIF log of one run."""
    results = in_order(run.results)
    alerts = [alert for result in results for alert in _alerts(result, relative_path(run, result.subject.path))]
    alerts += [_missing(wanted, relative_path(run, wanted.subject_path)) for wanted in expected_in_order(run.missing)]
    alerts += [_join(join, relative_path(run, join.module)) for join in run.joins if not join.holds]
    status = exit_status(run)
    log: Json = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "proofmark",
                        "version": run.tool_version,
                        "rules": [_rule(each) for each in RULES],
                    }
                },
                "automationDetails": {"id": "proofmark/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": status not in (2, 4) and run.run_state == "complete",
                        "exitCode": status,
                        "toolExecutionNotifications": [
                            *(_notification("error", error) for error in run.errors),
                            *(_notification("warning", warning) for warning in run.warnings),
                        ],
                    }
                ],
                "results": _results(alerts),
                "properties": _counts(run),
            }
        ],
    }
    return json.dumps(log, indent=1, allow_nan=False).encode() + b"\n"


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": _message(visible(text, sentences.SENTENCE_LIMIT))}}


def _rule(each: Rule) -> Json:
    return {
        "id": each.id,
        "shortDescription": {"text": each.title},
        "fullDescription": {"text": each.statement},
        "help": {"text": each.help},
        "defaultConfiguration": {"level": "warning" if each is MISSING else "error"},
        "properties": {"tags": ["memory", "webassembly"], "precision": "high"},
    }


def _counts(run: Run) -> Json:
    counted = Counter(verdict_word(result.verdict) for result in run.results)
    return {
        "proved": counted["proved"],
        "refuted": counted["refuted"],
        "bounded": counted["bounded"],
        "unknown": counted["unknown"],
        "vacuous": counted["vacuous"],
        "missing": len(run.missing),
        "runState": run.run_state,
    }


def _alerts(result: Result, path: str) -> list[_Alert]:
    verdict = result.verdict
    match verdict:
        case Proved():
            return []
        case Refuted(trace):
            return _refuted(result, path, trace)
        case Bounded() | Unknown() | Vacuous():
            return [_plain(result, path, "warning")]
    assert_never(verdict)


def _refuted(result: Result, path: str, trace: Trace) -> list[_Alert]:
    match trace:
        case Reach():
            return [_reach(result, path, trace)]
        case Vestiges():
            each = [_vestige(result, path, export) for export in trace.exports]
            return each or [_plain(result, path, "error")]
        case Violation():
            return [_violation(result, path, trace)]
    assert_never(trace)


def _violation(result: Result, path: str, violation: Violation) -> _Alert:
    """At the line of Rust: the source's name is relative to the crate."""
    trace = violation.trace
    source = "" if trace.where is None else trace.where.source
    file, _, line = source.rpartition(":")
    identity = _identity(result, path, trace.why, file)
    message = _about(result, sentences.violation_reason(violation))
    place = f"{path}/{file}" if file else path
    return _Alert(rule(result.kind), "error", message, place, None, (), identity, int(line) if line.isdigit() else 1)


def _about(result: Result, reason: str) -> str:
    return f"{verdict_word(result.verdict)} for {visible(result.instance)}: {reason}"


def _identity(result: Result, path: str, *names: str) -> tuple[str, ...]:
    return (result.kind.value, path, result.instance, *names)


def _plain(result: Result, path: str, level: str) -> _Alert:
    message = _about(result, sentences.reason(result))
    return _Alert(rule(result.kind), level, message, path, None, (), _identity(result, path))


def _reach(result: Result, path: str, reach: Reach) -> _Alert:
    ends = {f"{_stable(one.root)} → {_stable(one.steps[-1].function) if one.steps else ''}" for one in reach.paths}
    message = f"{_about(result, sentences.reach_reason(reach))}. Smallest cut: {sentences.cut(reach.cut)}."
    last = [one.steps[-1].offset for one in reach.paths if one.steps]
    identity = _identity(result, path, *sorted(ends))
    offset = last[0] if last else None
    return _Alert(rule(result.kind), "error", message, path, offset, reach.paths[:FLOWS], identity)


def _stable(function: str) -> str:
    """A function's name without the hash that rustc appends and that changes from build to build."""
    return _RUST_HASH.sub("", function)


def _vestige(result: Result, path: str, export: VestigialExport) -> _Alert:
    message = f"nothing needs {sentences.vestige(export)}"
    return _Alert(rule(result.kind), "error", message, path, None, (), _identity(result, path, export.name))


def _missing(wanted: Expected, path: str) -> _Alert:
    which = "" if wanted.instance is None else f" for {visible(wanted.instance)}"
    message = f"{visible(wanted.obligation)}{which} was expected on {visible(path)} and has no result"
    identity = (MISSING.id, wanted.obligation, path, wanted.instance or "")
    return _Alert(MISSING, "warning", message, path, None, (), identity)


def _join(join: Join, path: str) -> _Alert:
    message = f"{joins.ends(join)}: {joins.why(join)}"
    identity = (DIFFERS.id, join.crate, join.static, path, join.pool or "")
    return _Alert(DIFFERS, "error" if join.findings else "warning", message, path, None, (), identity)


def _results(alerts: list[_Alert]) -> list[Json]:
    seen: Counter[str] = Counter()
    written: list[Json] = []
    for alert in alerts:
        digest = hashlib.sha256(canonical([encodable(part) for part in alert.identity])).hexdigest()
        seen[digest] += 1
        written.append(_result(alert, digest, seen[digest]))
    return written


def _result(alert: _Alert, digest: str, nth: int) -> Json:
    result: dict[str, Json] = {
        "ruleId": alert.rule.id,
        "ruleIndex": RULES.index(alert.rule),
        "level": alert.level,
        "message": {"text": _message(alert.message)},
        "locations": [{"physicalLocation": _place(alert.path, alert.offset, alert.line)}],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{digest[:16]}:{nth}",
            "proofmarkObligation/v1": f"{digest}:{nth}",
        },
    }
    if alert.paths:
        result["codeFlows"] = [_flow(alert.path, path) for path in alert.paths if path.steps]
    return result


def _flow(file: str, path: Path) -> Json:
    steps = path.steps
    left_out = len(steps) - FLOW_STEPS
    if left_out <= 0:
        shown = [_location(file, step) for step in steps]
    else:
        head = FLOW_STEPS // 2
        shown = [_location(file, step) for step in steps[:head]]
        shown.append(_location(file, steps[head + left_out], f"({left_out} steps left out) "))
        shown += [_location(file, step) for step in steps[head + left_out + 1 :]]
    return {
        "message": {"text": _message(f"{visible(path.root)} reaches {sentences.goal(path)}")},
        "threadFlows": [{"locations": list(shown)}],
    }


def _location(file: str, step: Step, before: str = "") -> Json:
    return {
        "location": {
            "physicalLocation": _place(file, step.offset),
            "logicalLocations": [{"fullyQualifiedName": visible(step.function), "kind": "function"}],
            "message": {"text": _message(before + sentences.step(step))},
        }
    }


def _place(file: str, offset: int | None, line: int = 1) -> Json:
    """A place in a binary: line and column 1, which services demand, and the byte offset where there is one."""
    region: dict[str, Json] = {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2}
    if offset is not None:
        region["byteOffset"] = offset
        region["byteLength"] = 1
    uri = quote(unicode_only(file), safe="/")
    return {"artifactLocation": {"uri": uri}, "region": region}


def _message(text: str) -> str:
    """Message text in which no name makes a link: SARIF reads `[text](target)` as one (3.11.6)."""
    return text.replace("](", "] (")

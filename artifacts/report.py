"""`report.json`: a whole run for machines, as `schemas/report.schema.json` says. It stays small: long lists are cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from typing import TypeVar, assert_never

from artifacts import sentences
from artifacts.canonical import Json
from artifacts.certificate import file_name
from artifacts.joins import join_json
from artifacts.names import unicode_only, visible
from artifacts.run import Expected, Run, expected_in_order, in_order, verdict_word
from artifacts.runtime_certificate import build_json
from artifacts.runtime_controls import controls_json
from proofs.pool_verdicts import Replayed
from proofs.verdicts import (
    Confirmation,
    Confirmed,
    ConfirmedNatively,
    Cut,
    FunctionId,
    NotConfirmed,
    Path,
    Proved,
    Reach,
    Refuted,
    Result,
    Step,
    Trace,
    Vestiges,
    VestigialExport,
    Violation,
)
from smt_models.runtime.outcomes import Where

FORMAT = "proofmark-report/1"

LISTED = 100
"""Longest list in a trace: paths, entries, cuts, vestigial exports, functions kept alive. `total` counts them all."""

T = TypeVar("T")


def report(run: Run) -> bytes:
    """The report of a run: indented JSON in ASCII, in an order that does not depend on how the work was spread."""
    value: Json = {
        "format": FORMAT,
        "tool": {"name": "proofmark", "version": run.tool_version},
        "run_state": run.run_state,
        "results": [_result(result) for result in in_order(run.results)],
        "expected": [_expected(wanted) for wanted in expected_in_order(run.expected)],
        "missing": [_expected(wanted) for wanted in expected_in_order(run.missing)],
        "errors": [visible(error, sentences.SENTENCE_LIMIT) for error in run.errors],
        "warnings": [visible(warning, sentences.SENTENCE_LIMIT) for warning in run.warnings],
        "joins": [join_json(join) for join in run.joins],
    }
    return json.dumps(value, indent=1, allow_nan=False).encode() + b"\n"


def schema() -> dict[str, object]:
    """The JSON Schema of a report, as the tool ships it."""
    text = resources.files("artifacts").joinpath("schemas/report.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, object] = json.loads(text)
    return loaded


def _expected(wanted: Expected) -> Json:
    return {
        "subject": unicode_only(wanted.subject_path),
        "obligation": unicode_only(wanted.obligation),
        "instance": None if wanted.instance is None else unicode_only(wanted.instance),
    }


def _result(result: Result) -> Json:
    verdict = result.verdict
    assumptions = sorted(verdict.assumptions) if isinstance(verdict, Proved) else []
    return {
        "obligation": result.kind.value,
        "subject": {
            "path": unicode_only(result.subject.path),
            "name": unicode_only(result.subject.name),
            "bytes": result.subject.size,
            "sha256": result.subject.sha256,
            "build": None if result.subject.build is None else build_json(result.subject.build),
        },
        "instance": unicode_only(result.instance),
        "verdict": verdict_word(verdict),
        "reason": sentences.reason(result),
        "certificate": file_name(result) if isinstance(verdict, Proved) else None,
        "trace": _trace(verdict.trace) if isinstance(verdict, Refuted) else None,
        "assumptions": [
            {"id": a.id, "about": unicode_only(a.about), "text": unicode_only(a.text)} for a in assumptions
        ],
        "seconds": round(max(result.seconds, 0.0), 3),
        "cached": result.cached,
        "controls": controls_json(result),
    }


def _trace(trace: Trace) -> Json:
    match trace:
        case Reach():
            return {
                "kind": "reach",
                "paths": _listed(trace.paths, _path),
                "entries": _listed(trace.entries, visible),
                "cut": None if trace.cut is None else _cut(trace.cut),
                "confirmation": _confirmation(trace.confirmation),
            }
        case Vestiges():
            return {
                "kind": "vestiges",
                "exports": _listed(trace.exports, _vestigial),
                "functions": trace.functions,
                "code_bytes": trace.code_bytes,
                "grow_dies": trace.grow_dies,
            }
        case Violation():
            return _violation(trace)
    assert_never(trace)


def _violation(violation: Violation) -> Json:
    trace = violation.trace
    return {
        "kind": "violation",
        "why": visible(trace.why, sentences.SENTENCE_LIMIT),
        "where": _where(trace.where),
        "steps": [
            {
                "actor": step.actor.value,
                "action": visible(step.action),
                "events": [
                    {"kind": one.kind, "text": visible(one.text), "where": _where(one.where)} for one in step.events
                ],
            }
            for step in trace.steps
        ],
        "confirmation": _confirmation(violation.confirmation),
    }


def _where(where: Where | None) -> Json:
    if where is None:
        return None
    return {"function": visible(where.function), "block": where.block, "source": visible(where.source)}


def _listed(items: tuple[T, ...], write: Callable[[T], Json]) -> Json:
    return {"total": len(items), "shown": [write(item) for item in items[:LISTED]]}


def _path(path: Path) -> Json:
    return {"root": visible(path.root), "steps": [_step(step) for step in path.steps]}


def _step(step: Step) -> Json:
    return {
        "function": visible(step.function),
        "node": None if step.node is None else _function(step.node),
        "action": visible(step.action),
        "offset": step.offset,
        "rule": visible(step.rule),
    }


def _function(function: FunctionId) -> Json:
    return [function.instance, function.index]


def _cut(cut: Cut) -> Json:
    return {"edges": _listed(cut.edges, _edge), "exports": _listed(cut.exports, visible)}


def _edge(edge: tuple[str, str]) -> Json:
    return [visible(edge[0]), visible(edge[1])]


def _confirmation(said: Confirmation) -> Json:
    match said:
        case Confirmed():
            return {
                "kind": "confirmed",
                "export": visible(said.export),
                "arguments": list(said.arguments),
                "calls": said.calls,
                "pages_before": said.pages_before,
                "pages_after": said.pages_after,
                "how": visible(said.how, sentences.SENTENCE_LIMIT),
            }
        case ConfirmedNatively():
            return {"kind": "confirmed-natively", "how": visible(said.how, sentences.SENTENCE_LIMIT)}
        case Replayed():
            return {"kind": "replayed", "how": visible(said.how, sentences.SENTENCE_LIMIT)}
        case NotConfirmed():
            return {"kind": "not-confirmed", "why": visible(said.why, sentences.SENTENCE_LIMIT)}
    assert_never(said)


def _vestigial(export: VestigialExport) -> Json:
    return {
        "name": visible(export.name),
        "function": _function(export.function),
        "keeps_alive": _listed(export.keeps_alive, visible),
        "functions": export.functions,
        "code_bytes": export.code_bytes,
        "grow_dies": export.grow_dies,
    }

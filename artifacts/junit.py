"""JUnit XML in the form of the schema that Jenkins publishes: a failure for everything that is not proved."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Literal

from artifacts import joins, sentences
from artifacts.names import visible
from artifacts.run import Run, expected_in_order, in_order, verdict_word
from artifacts.text import explain_text
from proofs.pool_join import Join
from proofs.verdicts import Proved, Result

BODY_LIMIT = 20_000
"""Longest text of one failure, in characters."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A testcase; `outcome` None: passed."""

    suite: str
    name: str
    seconds: float
    outcome: Literal["failure", "error"] | None
    kind: str
    message: str
    body: str


def junit(run: Run) -> bytes:
    """One testcase for each result and each missing obligation, and an error for all else that forbids green."""
    cases = [_of_result(result) for result in in_order(run.results)]
    for wanted in expected_in_order(run.missing):
        name = f"{visible(wanted.subject_path)}: {visible(wanted.instance or 'any instance')}"
        message = "expected, and has no result"
        cases.append(_Case(visible(wanted.obligation), name, 0.0, "failure", "missing", message, message))
    cases += map(_of_join, run.joins)
    cases += [_of_run("bad-input", visible(error, sentences.SENTENCE_LIMIT)) for error in run.errors]
    if run.run_state != "complete":
        cases.append(_of_run(run.run_state, f"the run is {run.run_state}"))
    if not cases:
        cases.append(_of_run("empty", "the run has no result"))
    root = ET.Element("testsuites", {"name": "proofmark", **_totals(cases)})
    for suite in sorted({case.suite for case in cases}):
        members = [case for case in cases if case.suite == suite]
        element = ET.SubElement(root, "testsuite", {"name": suite, **_totals(members)})
        for case in members:
            _write(element, case)
    ET.indent(root, " ")
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _of_result(result: Result) -> _Case:
    name = f"{visible(result.subject.path)}: {visible(result.instance)}"
    if isinstance(result.verdict, Proved):
        return _Case(result.kind.value, name, result.seconds, None, "", "", "")
    body = explain_text(result)
    if len(body) > BODY_LIMIT:
        body = body[:BODY_LIMIT] + "\n… cut; the report has more\n"
    word = verdict_word(result.verdict)
    message = f"{word}: {sentences.reason(result)}"
    return _Case(result.kind.value, name, result.seconds, "failure", word, message, body)


def _of_join(join: Join) -> _Case:
    outcome: Literal["failure"] | None = None if join.holds else "failure"
    kind, message = ("", "") if join.holds else (joins.word(join), joins.why(join))
    return _Case("pool-join", joins.ends(join), 0.0, outcome, kind, message, message)


def _of_run(kind: str, message: str) -> _Case:
    return _Case("proofmark", "run", 0.0, "error", kind, message, message)


def _totals(cases: list[_Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(case.outcome == "failure" for case in cases)),
        "errors": str(sum(case.outcome == "error" for case in cases)),
        "time": f"{sum(max(case.seconds, 0.0) for case in cases):.3f}",
    }


def _write(suite: ET.Element, case: _Case) -> None:
    time = f"{max(case.seconds, 0.0):.3f}"
    element = ET.SubElement(suite, "testcase", name=case.name, classname=f"proofmark.{case.suite}", time=time)
    if case.outcome is not None:
        ET.SubElement(element, case.outcome, type=case.kind, message=case.message).text = case.body

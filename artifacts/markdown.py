"""A summary for a pull request: a table of everything, then details of what is not proved."""

from __future__ import annotations

import html
from collections import Counter

from artifacts import joins, sentences
from artifacts.names import markdown_code
from artifacts.run import Run, exit_status, expected_in_order, in_order, verdict_word
from artifacts.text import trace_lines
from proofs.verdicts import Proved, Refuted, Result

SIZE_LIMIT = 60_000
"""Longest summary, in characters: a comment on a pull request may have 65,536, a step summary more."""

ROWS = 200
"""Most rows of the table; what is left out is counted."""

_SIGNS = {"proved": "✅", "refuted": "❌", "bounded": "⚠️", "unknown": "⚠️", "vacuous": "⚠️", "missing": "⚠️"}


def markdown(run: Run) -> str:
    """The summary. What is not proved comes first in the table; details stop where the summary would grow too long."""
    ordered = sorted(in_order(run.results), key=lambda result: _rank(result))
    missing = [
        _row("missing", wanted.obligation, wanted.subject_path, wanted.instance or "any instance", "no result")
        for wanted in expected_in_order(run.missing)
    ]
    refuted = [_of(result) for result in ordered if _rank(result) == 0]
    others = [_of(result) for result in ordered if _rank(result) > 0]
    rows = refuted + missing + others
    lines = [f"### proofmark: {_headline(run)}", ""]
    lines += [f"> **error** {markdown_code(error, sentences.SENTENCE_LIMIT)}\n" for error in run.errors[:20]]
    lines += [f"> **warning** {markdown_code(warning, sentences.SENTENCE_LIMIT)}\n" for warning in run.warnings[:20]]
    if rows:
        lines += ["| | obligation | subject | roots | verdict | why |", "|---|---|---|---|---|---|", *rows[:ROWS]]
    for join in [one for one in run.joins if not one.holds][:ROWS]:
        lines += ["", f"> **{joins.word(join)}** {markdown_code(f'{joins.ends(join)}: {joins.why(join)}', 600)}"]
    if len(rows) > ROWS:
        lines += ["", f"… and {len(rows) - ROWS} more, in the report."]
    text = "\n".join(lines) + "\n"
    left = 0
    for result in ordered:
        detail = _details(result)
        if len(text) + len(detail) > SIZE_LIMIT:
            left += bool(detail)
        else:
            text += detail
    return text + (f"\n{sentences.count(left, 'detail')} left out for length; the report has all.\n" if left else "")


def _rank(result: Result) -> int:
    return {"refuted": 0, "proved": 2}.get(verdict_word(result.verdict), 1)


def _headline(run: Run) -> str:
    counted = Counter[str](verdict_word(result.verdict) for result in run.results)
    counted["missing"] = len(run.missing)
    said = [f"{counted[word]} {word}" for word in _SIGNS if counted[word]]
    state = "" if run.run_state == "complete" else f" (run {run.run_state})"
    sign = "✅" if exit_status(run) == 0 else "❌"
    return f"{sign} {', '.join(said) or 'no result'}{state}"


def _of(result: Result) -> str:
    reason = sentences.reason(result)
    return _row(verdict_word(result.verdict), result.kind.value, result.subject.path, result.instance, reason)


def _row(word: str, obligation: str, subject: str, instance: str, why: str) -> str:
    sign = _SIGNS[word]
    cells = [markdown_code(obligation), markdown_code(subject, 120), markdown_code(instance, 120)]
    return f"| {sign} | {' | '.join(cells)} | {word} | {markdown_code(why, 300)} |"


def _details(result: Result) -> str:
    """The trace of a refutation or the assumptions of a proof, folded; empty where there is neither."""
    verdict = result.verdict
    title = f"{markdown_code(result.kind.value)} on {markdown_code(result.subject.path, 120)}"
    if isinstance(verdict, Refuted):
        body = _block("\n".join(trace_lines(verdict.trace)))
        return f"\n<details open><summary>❌ {title}</summary>\n\n{body}\n</details>\n"
    if isinstance(verdict, Proved) and verdict.assumptions:
        items = "".join(f"- {markdown_code(f'{a.id}: {a.text}', 600)}\n" for a in sorted(verdict.assumptions))
        return f"\n<details><summary>assumptions of {title}</summary>\n\n{items}\n</details>\n"
    return ""


def _block(text: str) -> str:
    """Preformatted text: an HTML block that only `</pre>` ends (CommonMark 4.6), which escaped text cannot hold."""
    return f"<pre>{html.escape(text)}</pre>"

"""A runtime trace in the Informal Trace Format of Apalache (its ADR 15), for tools that draw and walk traces.

Constants are `params`, set in the first state. Every word of the state is one of `vars`, and so is `action taken`, the
action that led to a state. What happened on the way is in each state's `#meta`, where the format leaves room for it;
what calls do to a pool, and how the model was made, is in that of the trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artifacts.pool_trace import pool_json
from proofs.runtime.trace import HostAnswer, Made, RuntimeTrace, TraceEvent, TraceStep, UserChoice, Word
from smt_models.runtime.outcomes import Where

ACTION = "action taken"
FORMAT = "https://apalache-mc.org/docs/adr/015adr-trace.html"
_SAFE = 2**53


def itf(trace: RuntimeTrace) -> dict[str, Any]:
    constants = dict(trace.constants)
    words = [name for name, _ in trace.steps[0].before if name not in constants] if trace.steps else []
    first = dict(trace.steps[0].before) if trace.steps else {}
    start = {"#meta": {"index": 0}, **_values(constants), **_values(first, words), ACTION: "start"}
    return {
        "#meta": {
            "format": "ITF",
            "format-description": FORMAT,
            "description": f"{trace.obligation}: {trace.why}",
            "obligation": trace.obligation,
            "where": _where(trace.where),
            **({} if trace.pool is None else {"pool": pool_json(trace.pool)}),
            **({} if trace.made is None else {"model": _made(trace.made)}),
        },
        "params": list(constants),
        "vars": [*words, ACTION],
        "states": [start, *(_state(step, words) for step in trace.steps)],
    }


def _made(made: Made) -> dict[str, Any]:
    return {"turns": made.turns, "steps": made.steps, "counts_kept": made.counts_kept}


def _state(step: TraceStep, words: list[str]) -> dict[str, Any]:
    meta = {
        "index": step.number,
        "actor": step.actor.value,
        "answers": [_answer(one) for one in step.answers],
        "events": [_event(one) for one in step.events],
    }
    return {"#meta": meta, **_values(dict(step.after), words), ACTION: step.action}


def _values(state: Mapping[str, bool | int | str], names: list[str] | None = None) -> dict[str, Any]:
    return {name: _value(state[name]) for name in (state if names is None else names)}


def _value(value: bool | int | str) -> Any:
    """Integers that JSON readers may not hold are written as text."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _SAFE:
        return {"#bigint": str(value)}
    return value


def _answer(answer: HostAnswer | UserChoice) -> dict[str, Any]:
    match answer:
        case HostAnswer(call, rule, citation, heard, code, arguments, where):
            told = {"call": call, "rule": rule, "citation": citation, "heard": heard, "code": code}
            return {**told, "arguments": _arguments(arguments), "where": _where(where)}
        case UserChoice(what, value, where):
            return {"choice": what, "value": _value(value), "where": _where(where)}


def _arguments(arguments: tuple[Word, ...]) -> dict[str, Any]:
    return {name: _value(value) for name, value in arguments}


def _event(event: TraceEvent) -> dict[str, Any]:
    place = {"where": _where(event.where)} if event.where is not None else {}
    cited = {"citation": event.citation} if event.citation else {}
    code = {"code": event.code} if event.code is not None else {}
    return {"kind": event.kind, "text": event.text, **cited, **code, **place}


def _where(where: Where | None) -> dict[str, Any] | None:
    return None if where is None else {"function": where.function, "block": where.block, "source": where.source}

"""A trace of a runtime, as `itf.py` wrote it, back to what can be run: constants, and each step with its answers."""

from __future__ import annotations

from collections.abc import Mapping

from artifacts.explore.json_reading import Node
from artifacts.itf import ACTION
from proofs.runtime.trace import Answer, HostAnswer, RuntimeTrace, TraceEvent, TraceStep, UserChoice
from smt_models.runtime.outcomes import Where
from smt_models.system.model import Actor
from smt_models.system.operators import Value


def runtime_trace(document: Node) -> RuntimeTrace:
    """Without the states between the steps. Raises InputError: no trace of a runtime that proofmark wrote."""
    meta = document.child("#meta")
    first, *rest = document.child("states").items()
    return RuntimeTrace(
        obligation=meta.child("obligation").text(),
        why=meta.child("description").text(),
        where=_where(meta.child("where")),
        constants=tuple((one.text(), _value(first.child(one.text()))) for one in document.child("params").items()),
        steps=tuple(_step(number, one) for number, one in enumerate(rest, 1)),
    )


def _step(number: int, state: Node) -> TraceStep:
    meta = state.child("#meta")
    actor = next((one for one in Actor if one.value == meta.child("actor").value), None)
    if actor is None:
        raise meta.child("actor").fail(f"one of {', '.join(one.value for one in Actor)}")
    return TraceStep(
        number=number,
        actor=actor,
        action=state.child(ACTION).text(),
        answers=tuple(_answer(one) for one in meta.child("answers").items()),
        events=tuple(_event(one) for one in meta.child("events").items()),
        before=(),
        after=(),
    )


def _answer(answer: Node) -> Answer:
    where = _where(answer.child("where"))
    if answer.has("choice"):
        return UserChoice(answer.child("choice").text(), _value(answer.child("value")), where)
    call, rule, citation, heard = (answer.child(name).text() for name in ("call", "rule", "citation", "heard"))
    given = answer.child("arguments")
    if not isinstance(given.value, Mapping):
        raise given.fail("an object")
    arguments = tuple((name, _value(given.child(name))) for name in given.value)
    return HostAnswer(call, rule, citation, heard, _code(answer), arguments, where)


def _event(event: Node) -> TraceEvent:
    kind, text = (event.child(name).text() for name in ("kind", "text"))
    citation = event.child("citation").text_or_none() or ""
    return TraceEvent(kind, text, _where(event.child("where")), citation, _code(event))


def _code(node: Node) -> int | None:
    return node.child("code").number() if node.has("code") else None


def _where(node: Node) -> Where | None:
    if node.value is None:
        return None
    return Where(node.child("function").text(), node.child("block").number(), node.child("source").text())


def _value(node: Node) -> Value:
    match node.value:
        case bool() | int() | str() as value:
            return value
        case {"#bigint": str(digits)} if digits.removeprefix("-").isdecimal() and len(digits) < 100:
            return int(digits)
        case _:
            raise node.fail("true, false, a whole number or a text")

"""What is asked of a replay and what it answers, and both as JSON between the parent and its child."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from proofs.verdicts import Confirmation, Confirmed, FunctionId, NotConfirmed


@dataclass(frozen=True, slots=True)
class ReplayRoot:
    """A root of the obligation; `name` for people."""

    function: FunctionId
    name: str
    is_realloc: bool


@dataclass(frozen=True, slots=True)
class MemoryGrow:
    """Some memory of the file is seen to have more pages after a call of a root than before."""


@dataclass(frozen=True, slots=True)
class ReachFunction:
    """One of these functions is seen to be entered during a call of a root."""

    functions: tuple[FunctionId, ...]


Goal = MemoryGrow | ReachFunction


@dataclass(frozen=True, slots=True)
class Request:
    """`seconds`: the whole budget. `until`: its end, by the monotonic clock, which all processes share.

    `baseline`: Winch, the compiler that is quick but takes fewer modules, may be tried.
    """

    path: str
    sha256: str
    roots: tuple[ReplayRoot, ...]
    goal: Goal
    seconds: float
    until: float
    baseline: bool


@dataclass(frozen=True, slots=True)
class MadeCall:
    function: FunctionId
    arguments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay answers; where it is confirmed, after which calls on a fresh instance: the last one did it. None:
    it was a start function.
    """

    said: Confirmation
    made: tuple[MadeCall, ...] = ()


def _pair(function: FunctionId) -> list[int]:
    return [function.instance, function.index]


def encode_request(request: Request) -> str:
    match request.goal:
        case MemoryGrow():
            goal = None
        case ReachFunction(functions):
            goal = [_pair(function) for function in functions]
    return json.dumps(
        {
            "path": request.path,
            "sha256": request.sha256,
            "roots": [[_pair(root.function), root.name, root.is_realloc] for root in request.roots],
            "goal": goal,
            "seconds": request.seconds,
            "until": request.until,
            "baseline": request.baseline,
        }
    )


def decode_request(text: str) -> Request:
    fields = json.loads(text)
    goal = fields["goal"]
    return Request(
        path=fields["path"],
        sha256=fields["sha256"],
        roots=tuple(ReplayRoot(FunctionId(*pair), name, realloc) for pair, name, realloc in fields["roots"]),
        goal=MemoryGrow() if goal is None else ReachFunction(tuple(FunctionId(*pair) for pair in goal)),
        seconds=fields["seconds"],
        until=fields["until"],
        baseline=fields["baseline"],
    )


def encode_answer(replay: Replay) -> str:
    match answer := replay.said:
        case Confirmed():
            fields: dict[str, Any] = {
                "export": answer.export,
                "arguments": list(answer.arguments),
                "calls": answer.calls,
                "pages_before": answer.pages_before,
                "pages_after": answer.pages_after,
                "how": answer.how,
            }
        case NotConfirmed():
            fields = {"why": answer.why}
    return json.dumps({"answer": fields, "made": [[_pair(one.function), list(one.arguments)] for one in replay.made]})


def decode_answer(line: dict[str, Any]) -> Replay:
    fields = line["answer"]
    if "why" in fields:
        return Replay(NotConfirmed(fields["why"]))
    made = tuple(MadeCall(FunctionId(*pair), tuple(arguments)) for pair, arguments in line["made"])
    return Replay(Confirmed(**{**fields, "arguments": tuple(fields["arguments"])}), made)

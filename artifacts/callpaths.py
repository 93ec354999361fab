"""The picture of a trace, before anything is drawn: boxes, arrows between them, and which box is the goal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, assert_never

from artifacts import sentences
from artifacts.names import visible
from artifacts.run import verdict_word
from proofs.verdicts import Path, Reach, Refuted, Result, Step, Vestiges, VestigialExport, Violation

Role = Literal["root", "inner", "goal", "note"]

PATHS = 60
"""Most paths, or vestigial exports, in one picture."""


@dataclass(frozen=True, slots=True)
class Box:
    """A function on a path; `detail` is its second line. The names are safe to show but not shortened for the box."""

    key: str
    name: str
    detail: str
    role: Role


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step from one box to another, `label` says its kind in a word or a few, `detail` all that is known."""

    tail: str
    head: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and arrows in the order in which the trace names them; `left_out`: paths that are not shown."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int


def picture(result: Result) -> Picture:
    """The trace of a refutation, with what paths share drawn once; any other verdict is a single note."""
    title = f"{result.kind.value} on {visible(result.subject.name)}"
    if not isinstance(result.verdict, Refuted):
        note = Box("note", verdict_word(result.verdict), sentences.reason(result), "note")
        return Picture(title, (note,), (), 0)
    trace = result.verdict.trace
    match trace:
        case Reach():
            return _reach(title, trace)
        case Vestiges():
            return _vestiges(title, trace)
        case Violation():
            return _violation(title, trace)
    assert_never(trace)


def _violation(title: str, violation: Violation) -> Picture:
    """The actions in their order, then what is broken."""
    trace = violation.trace
    boxes = [
        Box(f"step {one.number}", visible(one.action), one.actor.value, "inner" if one.number > 1 else "root")
        for one in trace.steps
    ]
    boxes.append(Box("goal", visible(trace.why), visible(sentences.place(trace.where)), "goal"))
    arrows = [Arrow(one.key, other.key, "then", "then") for one, other in pairwise(boxes)]
    return Picture(title, tuple(boxes), tuple(arrows), 0)


def _reach(title: str, reach: Reach) -> Picture:
    boxes: dict[str, Box] = {}
    arrows: dict[tuple[str, str, str], Arrow] = {}
    for path in reach.paths[:PATHS]:
        _add_path(path, boxes, arrows)
    if not boxes:
        boxes["note"] = Box("note", "refuted", sentences.reach_reason(reach), "note")
    return Picture(title, tuple(boxes.values()), tuple(arrows.values()), max(0, len(reach.paths) - PATHS))


def _add_path(path: Path, boxes: dict[str, Box], arrows: dict[tuple[str, str, str], Arrow]) -> None:
    last = len(path.steps) - 1
    before: str | None = None
    for number, step in enumerate(path.steps):
        role: Role = "goal" if number == last else "root" if number == 0 else "inner"
        key = _key(step, role)
        there = boxes.get(key)
        if there is None or (role == "root" and there.role == "inner"):
            boxes[key] = Box(key, visible(step.function), _detail(step, role), role)
        if before is not None:
            arrow = Arrow(before, key, _label(step), sentences.how(step))
            arrows.setdefault((before, key, arrow.detail), arrow)
        before = key


def _key(step: Step, role: Role) -> str:
    """What makes two steps the same box: the definition of the function (G3); the goal is one box, wherever it is."""
    if role == "goal":
        return f"goal {step.function}"
    return f"{step.node.instance} {step.node.index}" if step.node is not None else f"name {step.function}"


def _detail(step: Step, role: Role) -> str:
    where = "" if step.node is None else f"instance {step.node.instance}, function {step.node.index}"
    said = {"root": visible(step.action), "inner": "", "goal": "goal", "note": ""}[role]
    return " · ".join(part for part in (said, where) if part)


def _label(step: Step) -> str:
    return visible(step.action) + ("" if step.offset is None else f" @ 0x{step.offset:x}")


def _vestiges(title: str, vestiges: Vestiges) -> Picture:
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    shown = vestiges.exports[:PATHS]
    for number, export in enumerate(shown):
        where = f"instance {export.function.instance}, function {export.function.index}"
        boxes.append(Box(f"export {number}", visible(export.name), f"nothing needs it · {where}", "root"))
        boxes.append(Box(f"alone {number}", _size(export), f"{_goes(export)} it alone", "inner"))
        arrows.append(Arrow(f"export {number}", f"alone {number}", "keeps alive", sentences.vestige(export)))
        if len(shown) > 1:
            arrows.append(Arrow(f"alone {number}", "together", "and with the rest", "and with the rest"))
    if len(shown) > 1:
        boxes.append(Box("together", _size(vestiges), f"{_goes(vestiges)} all of them", "inner"))
    return Picture(title, tuple(boxes), tuple(arrows), len(vestiges.exports) - len(shown))


def _size(removed: VestigialExport | Vestiges) -> str:
    return f"{sentences.count(removed.functions, 'function')}, {sentences.count(removed.code_bytes, 'code byte')}"


def _goes(removed: VestigialExport | Vestiges) -> str:
    return "every memory.grow goes with" if removed.grow_dies else "memory.grow does not go with"

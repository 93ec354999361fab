"""Other ways through the models that are made otherwise: of tasks, of a buffer of which one element is followed, and of
runs that were found in a part of a model.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from example_runtime import changed, rustc
from explore_samples import heading

from artifacts.explore.json_reading import Node
from artifacts.explore.model import Listing, TraceView
from artifacts.explore.trace_reading import read_trace
from artifacts.itf import itf
from extract.errors import InputError
from extract.mir.compile import Panic
from proofmark.explore.doing import Doing
from proofmark.explore.part import Part, made_of
from proofmark.run_models import part_of
from proofmark.runtime_job import spending_of
from proofmark.runtime_plan import GivenMir, RuntimeSubject, plan_runtime
from proofs.kinds import RuntimeKind
from proofs.runtime import judge as judging
from proofs.runtime.branching import NoSuchWay
from proofs.runtime.judge import ALL, NEAR, TURNS, OperationUnderProof
from proofs.runtime.trace import WHOLE, Made
from proofs.verdicts import Refuted, Violation

KIND = RuntimeKind.PARTIAL_WRITE
SECONDS = 300
"""For each question: a busy machine must not make it another test."""


@pytest.mark.parametrize(
    ("patch", "operation", "obligation", "hypothesis"),
    [
        ("entry-left-behind", "task-side", "waker-unregistered", None),
        ("resumed-at-start", "stream-write", "partial-write", "H2"),
    ],
)
def test_a_recorded_run_is_one_of_many(
    patch: str, operation: str, obligation: str, hypothesis: str | None, tmp_path: Path
) -> None:
    """From a run that breaks the obligation: each of its steps is one of those that are possible, the way to where it
    breaks is a shortest one, and nothing comes after it. A run with another state is none.
    """
    part = _part(patch, operation, obligation == "partial-write", tmp_path)
    assert part.hypothesis == hypothesis
    model = part.model(held=True)
    found = model.goes_wrong(model.start, (obligation,))[obligation]
    assert found.ways is not None
    document = itf(model.shown(model.after(model.start, found.ways)))
    view = read_trace(Node("trace", "", document), heading("run", obligation=obligation), Listing())
    assert len(view.steps) == len(found.ways)
    assert part.is_held(view)
    for kept, name in enumerate(found.ways):
        route = part.recorded(view, kept, held=True)
        possible = {one.name: one for one in model.possible(route)}
        assert possible[name].action == view.steps[kept].action
    assert f"{obligation}: " in (possible[name].breaks or "")
    again = model.shortest(model.after(model.start, found.ways[:-1])).ways
    assert again is not None
    assert len(again) == len(found.ways) - 1
    assert model.shortest(model.start).ways == ()
    with pytest.raises(NoSuchWay, match="nothing comes after a violation"):
        part.recorded(view, len(view.steps), held=True)


def _part(patch: str, operation: str, follows: bool, folder: Path) -> Part:
    (folder / "Cargo.toml").write_text((Path("examples/runtime") / "Cargo.toml").read_text())
    changed(patch, rustc(), folder)
    given = GivenMir(str(folder / "mir" / "abort.mir"), str(folder))
    asked = RuntimeSubject(
        given.mir, given, panics=(Panic.ABORT,), peers=("host",), operations=(operation,), seconds=SECONDS
    )
    (job,) = plan_runtime(asked, lambda _: None).jobs
    doing = Doing()
    return Part(job, part_of(job), follows, lambda: doing)


def test_a_run_that_was_found_near_the_start_is_one_of_its_model(tmp_path: Path) -> None:
    """Where the whole model leaves a loop at its head, which the run goes through. What is not found there may be."""
    part = _part("dropped-count-ignored-write", "stream-write", True, tmp_path)
    asked = part_of(part.job)
    assert isinstance(asked, OperationUnderProof)
    spending, of_host = spending_of(part.job), replace(ALL, h5_unchecked=True)
    found = judging._near_the_start(asked, (KIND,), spending, NEAR, of_host)
    verdict = found[KIND].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    trace = verdict.trace.trace
    assert trace.made == Made(TURNS, NEAR, counts_kept=True)
    document = json.loads(json.dumps(itf(trace)))
    view = _view(document)
    assert view.made == trace.made
    assert part.is_held(view)
    model = part.model(True, made_of(view))
    for kept, step in enumerate(view.steps):
        possible = model.possible(part.recorded(view, kept, held=True))
        assert step.action in {one.action for one in possible}
    assert any((one.breaks or "").startswith("partial-write: ") for one in possible)
    proved = model.goes_wrong(part.recorded(view, 2, held=True), ("memory",))["memory"]
    assert (proved.ways, proved.whole) == (None, False)
    assert "in a model without loops of more than 2 turns and runs of more than 3 steps" in proved.why
    part._models[True, WHOLE] = model
    del document["#meta"]["model"]
    document["states"][1]["st"] = "DONE"
    with pytest.raises(NoSuchWay, match="does not say how its model was made"):
        part.recorded(_view(document, "older"), 0, held=True)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"turns": 0, "steps": 4, "counts_kept": True}, "a number above 0, or null"),
        ({"turns": 2, "steps": "4", "counts_kept": True}, "a whole number"),
        ({"turns": None, "steps": None, "counts_kept": 1}, "true or false"),
        ([], "an object"),
    ],
)
def test_a_model_that_is_none_is_refused(model: object, said: str) -> None:
    document = {"#meta": {"model": model}, "vars": [], "states": [{}]}
    with pytest.raises(InputError) as refused:
        _view(document)
    assert refused.value.expected == said


def _view(document: object, key: str = "run") -> TraceView:
    return read_trace(Node("trace", "", document), heading(key, obligation="partial-write"), Listing())

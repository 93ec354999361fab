"""Other ways through the models that are made otherwise: of tasks, and of a buffer of which one element is followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_runtime import changed, rustc
from explore_samples import heading

from artifacts.explore.json_reading import Node
from artifacts.explore.model import Listing
from artifacts.explore.trace_reading import read_trace
from artifacts.itf import itf
from extract.mir.compile import Panic
from proofmark.explore.doing import Doing
from proofmark.explore.part import Part
from proofmark.run_models import part_of
from proofmark.runtime_plan import GivenMir, RuntimeSubject, plan_runtime
from proofs.runtime.branching import NoSuchWay


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
    (tmp_path / "Cargo.toml").write_text((Path("examples/runtime") / "Cargo.toml").read_text())
    changed(patch, rustc(), tmp_path)
    given = GivenMir(str(tmp_path / "mir" / "abort.mir"), str(tmp_path))
    asked = RuntimeSubject(given.mir, given, panics=(Panic.ABORT,), peers=("host",), operations=(operation,))
    (job,) = plan_runtime(asked, lambda _: None).jobs
    doing = Doing()
    part = Part(job, part_of(job), obligation == "partial-write", lambda: doing)
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

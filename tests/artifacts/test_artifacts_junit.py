"""JUnit XML: the published schema, and never green without a proof."""

import xml.etree.ElementTree as ET

import artifact_samples as samples
import pytest
from published_schemas import junit_schema

from artifacts.junit import BODY_LIMIT, junit
from artifacts.run import Run, exit_status
from proofs.verdicts import Proved, Reach, Refuted

RUNS = samples.every_run()


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_junit_is_as_the_published_schema_says(run: Run) -> None:
    junit_schema().validate(junit(run).decode())


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_green_only_if_the_run_is(run: Run) -> None:
    root = ET.fromstring(junit(run))
    assert (not list(root.iter("failure")) and not list(root.iter("error"))) == (exit_status(run) == 0)
    assert not list(root.iter("skipped"))
    assert int(root.attrib["tests"]) == len(list(root.iter("testcase"))) > 0
    assert int(root.attrib["failures"]) == len(list(root.iter("failure")))
    assert int(root.attrib["errors"]) == len(list(root.iter("error")))


def test_one_case_for_each_result_and_each_missing() -> None:
    run = RUNS["everything"]
    root = ET.fromstring(junit(run))
    unproved = sum(not isinstance(result.verdict, Proved) for result in run.results)
    assert len(list(root.iter("failure"))) == unproved + len(run.missing)
    assert len(list(root.iter("testcase"))) == len(run.results) + len(run.missing) + len(run.errors)


def test_bodies_are_bounded() -> None:
    long = samples.path("root", tuple(f"f{number}" for number in range(5000)))
    refuted = Refuted(Reach((long,), (), None, samples.CONFIRMED))
    root = ET.fromstring(junit(samples.run(samples.result(refuted))))
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert len(failure.text) < BODY_LIMIT + 100

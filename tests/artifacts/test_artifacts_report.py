"""report.json: its schema, its order, its size."""

import json
from typing import Any

import artifact_samples as samples
import jsonschema
import pytest

from artifacts.report import LISTED, report, schema
from artifacts.run import Run
from proofs.recheck.buffer_certificate import ASSUMPTIONS as OF_BUFFERS
from proofs.recheck.pool_wording import ASSUMPTIONS as OF_POOLS
from proofs.recheck.runtime_wording import ASSUMPTIONS as OF_RUNTIMES
from proofs.recheck.statics_certificate import ASSUMPTIONS as OF_STATICS
from proofs.recheck.wording import ASSUMPTIONS as OF_MODULES
from proofs.verdicts import Kind

RUNS = samples.every_run()


def _objects(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    here = [node] if isinstance(node, dict) and "properties" in node and node.get("type") == "object" else []
    return here + [found for item in inner for found in _objects(item)]


def test_schema_is_closed() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    objects = _objects(schema())
    assert len(objects) > 10
    for each in objects:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


def test_the_schema_knows_every_assumption() -> None:
    """Of every kind of certificate: else a run cannot be read again."""
    result: Any = schema()["$defs"]
    listed = result["result"]["properties"]["assumptions"]["items"]["properties"]["id"]["enum"]
    assert set(listed) == {*OF_MODULES, *OF_RUNTIMES, *OF_POOLS, *OF_STATICS, *OF_BUFFERS, "hypothesis"}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_reports_are_as_the_schema_says(run: Run) -> None:
    jsonschema.validate(json.loads(report(run)), schema())


@pytest.mark.parametrize(
    ("where", "wrong"),
    [("verdict", "maybe"), ("certificate", None), ("trace", {"kind": "reach"}), ("assumptions", [{}]), ("more", 1)],
)
def test_the_schema_rejects(where: str, wrong: object) -> None:
    written = json.loads(report(RUNS["green"]))
    written["results"][0][where] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written, schema())


def test_order_does_not_depend_on_the_order_of_the_work() -> None:
    results = samples.every_result()
    assert report(samples.run(*results)) == report(samples.run(*reversed(results)))


def test_nothing_a_terminal_would_obey() -> None:
    written = report(RUNS["everything"])
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in written)


def test_everything_of_a_trace_is_there() -> None:
    (reach,) = (json.loads(report(samples.run(samples.result(samples.reach()))))["results"][0]["trace"],)
    assert reach["paths"]["total"] == 2
    assert reach["paths"]["shown"][0]["steps"][-1] == {
        "function": "memory.grow", "node": None, "action": "memory.grow", "offset": 0x9000, "rule": "E4",
    }  # fmt: skip
    assert reach["confirmation"]["arguments"] == [0, 0, 1, 65537]
    assert reach["cut"] == {
        "edges": {"total": 1, "shown": [["dlmalloc::malloc", "sbrk"]]},
        "exports": {"total": 0, "shown": []},
    }


def test_long_lists_are_cut_and_counted() -> None:
    run = samples.run(samples.result(samples.vestiges(50_000), Kind.REALLOC_VESTIGIAL))
    written = report(run)
    jsonschema.validate(json.loads(written), schema())
    alive = json.loads(written)["results"][0]["trace"]["exports"]["shown"][0]["keeps_alive"]
    assert (alive["total"], len(alive["shown"])) == (50_000, LISTED)
    assert len(written) < 20_000

"""SARIF: the published schema, what code-scanning services ask for beyond it, and fingerprints."""

import json
import re
from typing import Any

import artifact_samples as samples
import jsonschema
import pytest
from published_schemas import sarif_schema

from artifacts.catalogue import RULES
from artifacts.run import Run
from artifacts.sarif import FLOW_STEPS, sarif
from proofs.verdicts import Kind, NotConfirmed, Reach, Refuted, Result, Vestiges

RUNS = samples.every_run()


def written(*results: Result) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(sarif(samples.run(*results)))["runs"][0]
    return run


def fingerprints(*results: Result) -> list[dict[str, str]]:
    return [result["partialFingerprints"] for result in written(*results)["results"]]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_sarif_is_as_the_published_schema_says(run: Run) -> None:
    schema = sarif_schema()
    assert schema["id"].endswith("sarif-schema-2.1.0.json")
    jsonschema.Draft4Validator(schema).validate(json.loads(sarif(run)))


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_what_services_ask_for(run: Run) -> None:
    (only,) = json.loads(sarif(run))["runs"]
    assert only["automationDetails"] == {"id": "proofmark/"}
    rules = only["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert {kind.value for kind in Kind} < {rule["id"] for rule in rules}
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
    for result in only["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert "kind" not in result
        (location,) = result["locations"]
        assert not location["physicalLocation"]["artifactLocation"]["uri"].startswith(("/", ".", "file:"))
        assert location["physicalLocation"]["region"]["startLine"] == 1
    keys = [result["partialFingerprints"]["primaryLocationLineHash"] for result in only["results"]]
    assert len(set(keys)) == len(keys)


def test_levels_and_counts() -> None:
    everything = json.loads(sarif(RUNS["everything"]))["runs"][0]
    levels = [result["level"] for result in everything["results"]]
    assert everything["properties"] == {
        "proved": 3, "refuted": 4, "bounded": 1, "unknown": 2, "vacuous": 1, "missing": 2, "runState": "complete",
    }  # fmt: skip
    assert levels.count("error") == 5  # each of two vestigial exports is an alert of its own
    assert levels.count("warning") == 6
    assert everything["invocations"][0]["executionSuccessful"] is False
    assert everything["invocations"][0]["exitCode"] == 2


def test_the_path_is_a_code_flow() -> None:
    (result,) = written(samples.result(samples.reach()))["results"]
    assert len(result["codeFlows"]) == 2
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == [
        "cabi_realloc: realloc of a lift [T1]",
        "__rust_realloc: call at offset 0x1000 [E1]",
        "dlmalloc::malloc: call at offset 0x1010 [E1]",
        "sbrk: call at offset 0x1020 [E1]",
        "memory.grow: memory.grow at offset 0x9000 [E4]",
    ]
    region = steps[1]["location"]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["byteOffset"]) == (1, 1, 0x1000)


def test_fingerprints_survive_a_shift_of_offsets() -> None:
    before, after = samples.result(samples.reach()), samples.result(samples.reach(shift=77))
    assert written(before) != written(after)
    assert fingerprints(before) == fingerprints(after)


def test_fingerprints_survive_other_inner_functions_and_another_replay() -> None:
    one = Refuted(Reach((samples.path("a", ("b", "c")),), (), None, NotConfirmed("x")))
    other = Refuted(Reach((samples.path("a", ("d",)),), ("a",), None, samples.CONFIRMED))
    assert fingerprints(samples.result(one)) == fingerprints(samples.result(other))


def test_fingerprints_survive_a_new_hash_in_a_rust_name() -> None:
    both = [
        Refuted(Reach((samples.path(f"app::run::h{digits * 4}", ()),), (), None, NotConfirmed("x")))
        for digits in ("01ab", "99ef")
    ]
    assert fingerprints(samples.result(both[0])) == fingerprints(samples.result(both[1]))


def test_fingerprints_tell_apart() -> None:
    reach = samples.reach()
    other_root = Refuted(Reach((samples.path("z", ("b",)),), (), None, NotConfirmed("x")))
    found = fingerprints(
        samples.result(reach),
        samples.result(reach, Kind.MODULE_NO_GROW),
        samples.result(reach, path="mods/b.wasm"),
        samples.result(other_root),
        samples.result(samples.vestiges(), Kind.REALLOC_VESTIGIAL),
    )
    assert len({json.dumps(each) for each in found}) == len(found) == 6


def test_a_refutation_without_exports_is_an_alert_all_the_same() -> None:
    empty = Refuted(Vestiges((), 0, 0, False))
    (result,) = written(samples.result(empty, Kind.REALLOC_VESTIGIAL))["results"]
    assert result["level"] == "error"


def test_long_paths_lose_their_middle() -> None:
    long = samples.path("root", tuple(f"f{number}" for number in range(5000)))
    (result,) = written(samples.result(Refuted(Reach((long,), (), None, NotConfirmed("x")))))["results"]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(steps) == FLOW_STEPS
    texts = [step["location"]["message"]["text"] for step in steps]
    assert texts[0].startswith("root: ")
    assert texts[-1].startswith("memory.grow: ")
    assert sum("4002 steps left out" in text for text in texts) == 1


def test_uris_are_encoded_and_messages_hold_no_links() -> None:
    text = sarif(RUNS["everything"]).decode()
    messages = re.findall(r'"text": "(.*)"', text)
    assert len(messages) > 20
    assert not any("](" in message for message in messages)
    places = [result["locations"][0]["physicalLocation"] for result in json.loads(text)["runs"][0]["results"]]
    uris = {place["artifactLocation"]["uri"] for place in places}
    assert all(uri.isascii() and " " not in uri and "<" not in uri for uri in uris)

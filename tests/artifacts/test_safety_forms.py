"""The safety case as others read it: rivet's artifacts, Mermaid and SVG, whatever the subjects are called."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from browser import launched
from rivet_schema import rivet_schema

from artifacts.safety.argument import Argument, argument
from artifacts.safety.drawing import drawing
from artifacts.safety.leaves import leaf, notes_of_run, notes_of_subject
from artifacts.safety.mermaid import mermaid
from artifacts.safety.rivet import rivet
from artifacts.safety.states import Certified, Standing, State

EVIDENCE = b"a certificate"
SHA256 = hashlib.sha256(EVIDENCE).hexdigest()
NAMES = ("a.wasm", 'b"];<script>&\u202e\x1b[31m\n- id: X-1\t#.wasm', "量" * 200, "no: yes", "1e3", "G-00000001")

# What rivet's published schema `safety-case` says of each type: required fields, and links with the types they lead to.
TYPES: dict[str, tuple[set[str], dict[str, set[str]]]] = {
    "safety-goal": ({"claim", "goal-type"}, {"sub-goal-of": {"safety-goal"}}),
    "safety-strategy": ({"rationale"}, {"decomposes": {"safety-goal"}}),
    "safety-solution": ({"evidence-type"}, {"supports": {"safety-goal"}}),
    "safety-context": ({"statement"}, {"scopes": {"safety-goal", "safety-strategy"}}),
}
VALUES = {
    "goal-type": {"system-level", "element-level", "operational", "derived"},
    "method": {"decomposition", "substitution", "concretion", "calculation"},
    "evidence-type": {"test-report", "analysis", "simulation", "review", "field-data", "formal-proof"},
    "context-type": {"assumption", "scope", "definition", "operational-environment"},
}


def _case(states: tuple[State, ...] = tuple(State)) -> Argument:
    leaves = []
    for name in NAMES:
        for number, state in enumerate(states):
            about = (name, "realloc-no-grow", f"roots f{number}")
            bare = state not in (State.HOLDS, State.REJECTED, State.EXPIRED, State.UNCHECKED)
            found = (
                None
                if bare
                else Certified(about, f"{number}.cert.json", SHA256, "wasm-graph/2", "0", "closed-set", None)
            )
            assumed = tuple(("host-function", f"env.{name}{one}", "text") for one in range(number))
            leaves.append(leaf(*about, Standing(state, f"why of {name}", found, assumed)))
    subject = {"name": NAMES[1], "bytes": 1, "sha256": "0" * 64, "build": None}
    of_subjects = dict.fromkeys(NAMES, notes_of_subject(subject))
    return argument(leaves, Standing(State.HOLDS, ""), notes_of_run("0"), of_subjects)


def _artifacts(case: Argument) -> list[dict[str, Any]]:
    document = yaml.safe_load(rivet(case))
    assert document.keys() == {"artifacts"}
    found: list[dict[str, Any]] = document["artifacts"]
    return found


def test_rivet_artifacts_have_the_form_of_its_schema() -> None:
    artifacts = _artifacts(_case())
    types = {one["id"]: one["type"] for one in artifacts}
    assert len(types) == len(artifacts)
    for one in artifacts:
        required, links = TYPES[one["type"]]
        assert one.keys() <= {"id", "type", "title", "description", "status", "tags", "links", "fields"}
        assert one["status"] == "draft"
        assert isinstance(one["title"], str)
        assert required <= one["fields"].keys()
        assert all(one["fields"][name] in values for name, values in VALUES.items() if name in one["fields"])
        for link in one.get("links", []):
            assert types[link["target"]] in links[link["type"]]
        if one["type"] != "safety-goal":
            assert one["links"]
    assert sum(one["type"] == "safety-goal" and "links" not in one for one in artifacts) == 1


def test_rivet_counts_only_what_holds_as_support() -> None:
    """Every other goal at the end of the argument is undeveloped, and says why."""
    artifacts = _artifacts(_case())
    supported = {link["target"] for one in artifacts for link in one.get("links", []) if link["type"] == "supports"}
    ends = [one for one in artifacts if one["type"] == "safety-goal" and "why of" in one["description"]]
    assert len(ends) == len(NAMES) * len(State)
    for one in ends:
        holds = one["description"].startswith("holds")
        assert (one["id"] in supported) == holds
        assert ("undeveloped" in one["fields"]) != holds


def test_what_the_schema_says_is_what_was_published() -> None:
    published = yaml.safe_load(rivet_schema())
    types = {one["name"]: one for one in published["artifact-types"]}
    for name, (required, links) in TYPES.items():
        fields = {one["name"]: one for one in types[name]["fields"]}
        assert {field for field, one in fields.items() if one["required"]} == required
        for field, one in fields.items():
            assert field not in VALUES or set(one["allowed-values"]) == VALUES[field]
        assert {one["link-type"]: set(one["target-types"]) for one in types[name]["link-fields"]} == links
    for one in _artifacts(_case()):
        known = {field["name"] for field in types[one["type"]]["fields"]}
        assert one["fields"].keys() - known <= {"cited-source"}  # read on any type, as its documentation says


def test_rivet_itself_accepts_it(tmp_path: Path) -> None:
    """Where rivet is on the path: it is in no package registry, so that nobody is made to have it."""
    tool = shutil.which("rivet")
    schemas = os.environ.get("PROOFMARK_RIVET_SCHEMAS")
    if tool is None or schemas is None:
        pytest.skip("NOT TESTED: no rivet with its schemas (PROOFMARK_RIVET_SCHEMAS)")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/case.yaml").write_bytes(rivet(_case()))
    (tmp_path / "certificates").mkdir()
    for number in range(len(State)):
        (tmp_path / f"certificates/{number}.cert.json").write_bytes(EVIDENCE)
    shutil.copytree(schemas, tmp_path / "schemas")
    project = '{name: x, version: "0", schemas: [common, safety-case]}'
    sources = "[{path: artifacts, format: generic-yaml}]"
    (tmp_path / "rivet.yaml").write_text(f"project: {project}\nsources: {sources}\n")
    said = subprocess.run([tool, "stats"], cwd=tmp_path, capture_output=True, text=True, check=False)
    counted = re.search(r"TOTAL\s+(\d+)", said.stdout)
    assert counted is not None
    assert int(counted[1]) == len(_artifacts(_case()))
    said = subprocess.run([tool, "validate"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout
    assert "0 warnings" in said.stdout


_LINE = re.compile(
    r"flowchart LR|    (G|S|SN|C|A)_\d{8}"
    r'(\["[^"]*"\]|\[/"[^"]*"/\]|\(\("[^"]*"\)\)|\("[^"]*"\)|\(\["[^"]*"\]\))'
    r":::(good|bad|open|said)|    \w+ --[>o] \w+|    classDef \w+ [\w#:,\- ]+"
)
_CODES = re.compile(r"#[0-9]+;|<br/>")


def test_mermaid_holds_no_syntax_of_names() -> None:
    for line in mermaid(_case()).decode().splitlines():
        assert _LINE.fullmatch(line), line
        if '"' in line:
            assert not set(_CODES.sub("", line.split('"')[1])) & set(";<>{}#|\"'`[]()"), line


def test_only_what_holds_looks_good() -> None:
    """Every node of a case that holds nowhere looks otherwise, in all drawings."""
    states = tuple(state for state in State if state is not State.HOLDS)
    assert ":::good" not in mermaid(_case(states)).decode()
    assert 'class="good"' not in drawing(_case(states)).decode()
    assert 'class="good"' in drawing(_case((State.HOLDS,))).decode()


def test_the_drawing_is_well_formed_and_stands_alone() -> None:
    text = drawing(_case()).decode()
    ElementTree.fromstring(text)
    assert not re.search(r"<script|href|url\(|@import", text)


def test_nothing_is_written_outside_its_shape(tmp_path: Path) -> None:
    """In a real browser: each text lies in the box of its node, and no two boxes overlap."""
    path = tmp_path / "case.svg"
    path.write_bytes(drawing(_case()))
    with launched() as browser:
        page = browser.new_page()
        page.goto(path.as_uri())
        outside, overlaps = page.evaluate(_MEASURE)
    assert outside == []
    assert overlaps == []


_MEASURE = """() => {
  const rectangle = (one) => one.getBBox();
  const outside = [], boxes = [];
  for (const group of document.querySelectorAll("g")) {
    const shape = rectangle(group.querySelector("rect, path, circle"));
    const circle = group.querySelector("circle");
    for (const text of group.querySelectorAll("text")) {
      const box = rectangle(text);
      const right = circle && text.getAttribute("class") === "line" ? shape.x + 330 : shape.x + shape.width;
      if (box.x < shape.x - 1 || box.x + box.width > right + 1 || box.y + box.height > shape.y + shape.height + 1)
        outside.push(text.textContent);
    }
    boxes.push([shape, group.querySelector("title").textContent]);
  }
  const overlaps = [];
  boxes.sort((a, b) => a[0].y - b[0].y);
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j][0].y < boxes[i][0].y + boxes[i][0].height; j++) {
      const [a, b] = [boxes[i][0], boxes[j][0]];
      if (a.x < b.x + b.width && b.x < a.x + a.width) overlaps.push([boxes[i][1], boxes[j][1]]);
    }
  return [outside, overlaps];
}"""

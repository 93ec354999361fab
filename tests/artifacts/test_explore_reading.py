"""Files as views: what a trace's state says and what not, what is wrong in a file and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from explore_samples import HOSTILE, heading, hostile, long_trace

from artifacts.explore.document import document
from artifacts.explore.invariant_reading import invariant_lines
from artifacts.explore.json_reading import Node, read_json
from artifacts.explore.lanes import lane_of_word
from artifacts.explore.leases import says_something
from artifacts.explore.listing import listing
from artifacts.explore.model import Lane, Life, Listing
from artifacts.explore.results import Beside, report_views
from artifacts.explore.summaries import state_of
from artifacts.explore.trace_reading import read_trace
from extract.errors import InputError
from proofs.recheck.faults import Refused
from smt_models.runtime.outcomes import Where


def test_the_life_of_a_block() -> None:
    view = long_trace(4)
    (block,) = view.blocks
    assert block.lives == (Life.ABSENT, Life.TOUCHED, Life.OWNED, Life.TOUCHED, Life.OWNED)
    assert block.reached_by[1] == ("lent.Some.0",)
    assert block.reached_by[2] == ()  # the address of a lease that is over says nothing
    word = next(word for word in view.words if word.name == "lent.Some.0")
    assert [says_something(word, state_of(view, step)) for step in range(3)] == [False, True, False]


@pytest.mark.parametrize(
    ("event", "life"),
    [
        ({"kind": "free", "text": "block of a.rs:1 is freed"}, Life.DEAD),
        ({"kind": "choice", "text": "no memory: False", "where": ["f", 0, "a.rs:1"]}, Life.OWNED),
        ({"kind": "violation", "text": "memory: block of a.rs:1 is freed while it is lent"}, Life.VIOLATED),
    ],
)
def test_a_step_that_is_broken_off_tells_by_its_events(event: dict[str, Any], life: Life) -> None:
    if where := event.get("where"):
        event = {**event, "where": {"function": where[0], "block": where[1], "source": where[2]}}
    events = [event, {"kind": "violation", "text": "something is broken"}]
    states = [{"block of a.rs:1": "gone"}, {"#meta": {"events": events}, "block of a.rs:1": "gone"}]
    trace = {"vars": ["block of a.rs:1"], "states": states}
    view = read_trace(Node("t", "", trace), heading("t"), Listing())
    assert view.blocks[0].lives == (Life.ABSENT, life)


def test_lanes() -> None:
    assert lane_of_word("st") is Lane.HOST
    assert lane_of_word("lent.Some.0") is Lane.MEMORY
    assert lane_of_word("operation.op.state") is Lane.OPERATION
    assert lane_of_word("registered with the other task") is Lane.TASK
    assert lane_of_word("wset") is Lane.WAITABLE_SET


def test_any_trace_of_the_format() -> None:
    """Another tool's: no actors, no events, collections among the values."""
    trace = {"vars": ["x", "s"], "states": [{"x": 1, "s": {"#set": [1]}}, {"x": {"#bigint": "9"}, "s": {"#set": []}}]}
    view = read_trace(Node("t", "", trace), heading("t"), Listing())
    assert view.start == ("1", "{'#set': [1]}")
    assert next((change.before, change.after) for change in view.steps[0].changes) == ("1", "9")


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        ([], "a list at the top"),
        ({"vars": 1, "states": []}, "found a list at states"),
        ({"vars": ["x"], "states": [{}]}, "null at states[0].x; expected a value of every variable"),
        ({"vars": ["x"], "states": [{"x": 1}, {"x": 1, "#meta": {"events": [{"kind": 1}]}}]}, "events[0].kind"),
    ],
)
def test_what_is_wrong_and_where(trace: Any, said: str) -> None:
    with pytest.raises(InputError, match="expected") as raised:
        read_trace(Node("t.json", "", trace), heading("t"), Listing())
    assert said in str(raised.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    for name, data in (("a", b"{"), ("b", b"\xff\xfe\x00"), ("c", b"[" * 100_000)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError):
            read_json(tmp_path / name)
    with pytest.raises(InputError, match="No such file"):
        read_json(tmp_path / "none")


def test_a_report_of_another_format(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"format": "proofmark-report/0", "results": []}))
    with pytest.raises(InputError, match="proofmark-report/1"):
        report_views(read_json(path), Beside(tmp_path))


def test_lines_around_places_and_nothing_outside_the_crate(tmp_path: Path) -> None:
    crate = tmp_path / "crate"
    (crate / "src").mkdir(parents=True)
    (tmp_path / "secret.rs").write_text("secret\n")
    (crate / "src" / "link.rs").symlink_to(tmp_path / "secret.rs")
    (crate / "src" / "a.rs").write_text("".join(f"\tline {number}\x1b\n" for number in range(1, 101)))
    mir = tmp_path / "a.mir"
    other = "fn g() -> () {\n    bb1: {\n        no;\n    }\n}\n\n"
    mir.write_text(f"{other}fn f(_1: u8) -> () {{\n    bb1 (cleanup): {{\n        yes;\n    }}\n}}\n")
    sources = (
        "src/a.rs:50:3",
        "src/a.rs:57",
        "src/a.rs:99",
        "../secret.rs:1",
        str(tmp_path / "secret.rs:1"),
        "src/link.rs:1",
    )
    made = listing((Where("f", 1, source) for source in sources), crate, mir)
    excerpts = made.rust["src/a.rs"]
    assert [(one.first, len(one.lines)) for one in excerpts] == [(44, 20), (93, 8)]
    assert excerpts[0].lines[0] == "    line 44\\x1b"
    assert set(made.rust) == {"src/a.rs"}
    assert len(made.missing) == 3
    assert made.mir == {"f": {1: ("bb1 (cleanup): {", "    yes;", "}")}}


def test_an_invariant_in_words() -> None:
    bound = "(let ((?0 (= st #b01))) (let ((?1 (or ?0 (= st #b10))))"
    text = f"{bound} (and held (not (= n #x00)) ?1 (or (and ?0 a) (and b (or (and c d) e))))))"
    assert invariant_lines(text, {"st": ("IDLE", "COPYING", "DONE")}) == [
        "held, n ≠ 0, st = COPYING or DONE",
        "either",
        "  st = COPYING, a",
        "or",
        "  b",
        "  either",
        "    c, d",
        "  or",
        "    e",
    ]


@pytest.mark.parametrize("text", ["", "a b", "(let ((?0 ?0)) ?0)", "(let ((?0)) ?0)", "(and", "(let)"])
def test_no_invariant(text: str) -> None:
    with pytest.raises(Refused):
        invariant_lines(text, {})


def test_an_invariant_that_would_be_endless() -> None:
    doubled = "".join(f"(let ((?{n + 1} (and (or (and ?{n} a) ?{n}) b)))" for n in range(60))
    with pytest.raises(Refused, match="too large"):
        invariant_lines(f"(let ((?0 x)){doubled} ?60{')' * 61}", {})


def test_nothing_hostile_is_left() -> None:
    written = json.dumps(document(hostile(), {}), ensure_ascii=False)
    assert "\\u001b" not in written
    assert "\u202e" not in written
    assert HOSTILE not in written

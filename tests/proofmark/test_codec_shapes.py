"""The codec gives back what it was given, and nothing else."""

import json

import pytest
from fake_provers import PROVED, REFUTED, outcome

from proofmark.codec import CodecError, canonical, decode, encode
from proofmark.job import Job, Outcome
from proofs.verdicts import (
    Assumption,
    Bounded,
    Confirmed,
    Cut,
    FunctionId,
    ImportSite,
    Kind,
    Needs,
    Path,
    Proved,
    Reach,
    Refuted,
    Step,
    Unknown,
    Vacuous,
    Verdict,
    Vestiges,
    VestigialExport,
)

JOB = Job("dir/a.wasm", (Kind.MODULE_NO_GROW,), ("r",), (), ("b",), ("host-tables",), 2.5)
NODE = FunctionId(0, 7)
REACH = Reach(
    (Path("export f", (Step("f", NODE, "calls", 12, "E1"), Step("memory.grow", None, "is", None, "E4"))),),
    ("f", "\ud800"),
    Cut((("f", "g"),), ("h",)),
    Confirmed("f", (1, 2), 3, 4, 5, "called"),
)
VERDICTS: list[Verdict] = [
    PROVED,
    Proved(
        Needs(((NODE, 3, "x"), (NODE, ImportSite(1, "m", "n"), "y"), (NODE, "b", "z"))), (Assumption("i", "a", "t"),)
    ),
    REFUTED,
    Refuted(REACH),
    Refuted(Vestiges((VestigialExport("f", NODE, ("g",), 2, 30, True),), 2, 30, True)),
    Bounded(3, "b"),
    Unknown("u"),
    Vacuous("v"),
]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_there_and_back(verdict: Verdict) -> None:
    value = outcome(JOB, Kind.NO_ALLOC_PATH, verdict)
    assert decode(Outcome, json.loads(canonical(encode(value)))) == value


def test_a_job_too() -> None:
    assert decode(Job, json.loads(canonical(encode(JOB)))) == JOB


@pytest.mark.parametrize(
    "change",
    [
        {"$": "Proved"},
        {"path": 1},
        {"path": None},
        {"kinds": ["all"]},
        {"kinds": "module-no-grow"},
        {"kinds": {"0": "module-no-grow"}},
        {"replay_seconds": 1},
        {"replay_seconds": True},
        {"extra": 1},
    ],
)
def test_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(CodecError):
        decode(Job, {**encode(JOB), **change})


def test_a_field_that_is_not_there_is_refused() -> None:
    value = encode(JOB)
    del value["roots"]
    with pytest.raises(CodecError):
        decode(Job, value)


@pytest.mark.parametrize(
    ("kind", "value"), [(int, True), (bool, 1), (bytes, "?"), (tuple[int, int], [1]), (float, 1e999)]
)
def test_scalars_are_not_bent(kind: type, value: object) -> None:
    with pytest.raises(CodecError):
        decode(kind, value)


def test_what_has_no_json_form() -> None:
    with pytest.raises(TypeError):
        encode({1, 2})

"""Certificates: the exact bytes, what cannot be certified, and file names."""

import dataclasses
import json
import re

import artifact_samples as samples
import pytest

from artifacts.certificate import certificate, file_name
from proofs import wording
from proofs.recheck.certificate import read_certificate
from proofs.verdicts import Assumption, ClosedSet, FunctionId, Kind, Proved, Result, Unknown

CLOSED_SET = (
    '{"assumptions":[{"about":[],"id":"canonical-builtins","text":"the canonical functions of the component model grow '
    'no memory of this file by themselves"},{"about":["env.log"],"id":"host-function","text":"the host function '
    '{about} neither grows a memory of this file nor calls back into a function of it outside the closed set"}],'
    '"claim":"no path from any canonical-ABI realloc reaches memory.grow",'
    '"digest":"9b0b881666d31bbb976115dde0400e5d71d6d06540277347bb097cfa83c3d619","evidence":{"dead":[],"goal":"memory.grow",'
    '"kind":"closed-set","members":[[0,"3-5"],[1,"7,9-12"]],"roots":[[0,"3"],[1,"9"]],"roots_by":"rule"},'
    '"format":"proofmark-certificate/4","instance":"every realloc","obligation":"realloc-no-grow",'
    '"rule_pack":"wasm-graph/2","subject":{"bytes":1234,"name":"pool.wasm","sha256":"' + samples.SHA + '"},'
    '"tool":{"name":"proofmark","version":"0.1.0"}}\n'
)


def proofs() -> list[Result]:
    return [
        samples.result(samples.closed_set(), path="a/pool.wasm"),
        samples.result(samples.closed_set(), Kind.MODULE_NO_GROW),
        samples.result(samples.named_closed_set(), Kind.NO_ALLOC_PATH),
        samples.result(samples.needs(), Kind.REALLOC_VESTIGIAL),
    ]


def test_golden_bytes() -> None:
    assert certificate(proofs()[0], "0.1.0").decode() == CLOSED_SET


def test_evidence_by_name() -> None:
    evidence = json.loads(certificate(proofs()[2], "0.1.0"))["evidence"]
    assert evidence == {
        "kind": "closed-set",
        "roots": [[0, "3"]],
        "roots_by": "name",
        "root_names": ["tick"],
        "goal": [[0, "2,8"]],
        "goal_names": ["calloc", "malloc"],
        "members": [[0, "3"]],
        "dead": [],
    }


def test_needs() -> None:
    evidence = json.loads(certificate(proofs()[3], "0.1.0"))["evidence"]
    assert evidence == {"kind": "needed-by", "needs": [[0, 7, 4], [1, 2, [2, "env", "cabi_realloc"]], [2, 1, "send"]]}


@pytest.mark.parametrize("result", proofs(), ids=lambda result: result.kind.value)
def test_the_checker_reads_it(result: Result) -> None:
    read = read_certificate(certificate(result, "0.1.0"))
    assert (read.instance, read.size, read.sha256) == (result.instance, 1234, samples.SHA)


def test_ranges_that_touch_are_joined() -> None:
    evidence = ClosedSet((FunctionId(0, 1),), None, None, (), ((0, ((4, 4), (1, 2), (3, 3), (6, 6))),))
    written = certificate(samples.result(Proved(evidence, ())), "0.1.0")
    assert json.loads(written)["evidence"]["members"] == [[0, "1-4,6"]]


def _changed(result: Result, **changes: object) -> Result:
    return dataclasses.replace(result, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "result",
    [
        samples.result(Unknown("no")),
        _changed(proofs()[0], instance="every entry"),
        _changed(proofs()[0], kind=Kind.REALLOC_VESTIGIAL),
        _changed(proofs()[3], kind=Kind.REALLOC_NO_GROW),
        samples.result(Proved(samples.closed_set().evidence, (Assumption("host-tables", "", "trust me"),))),
    ],
)
def test_what_no_certificate_can_say(result: Result) -> None:
    with pytest.raises(ValueError, match=r"certificate|instance|evidence|worded"):
        certificate(result, "0.1.0")


def _named(name: str, kind: Kind = Kind.REALLOC_NO_GROW, roots: tuple[str, ...] | None = None) -> Result:
    subject = dataclasses.replace(samples.subject(), name=name)
    return Result(subject, kind, wording.instance(kind, roots), samples.closed_set(), 0.0)


def test_plain_file_name() -> None:
    assert file_name(_named("pool.wasm")) == "pool-0123456789ab.realloc-no-grow.cert.json"


NAMES = ["a b.wasm", "a_b.wasm", "A_b.wasm", samples.HOSTILE, "..", "", "-rf.wasm", "\udcff.wasm", "n" * 300 + ".wasm"]


def test_file_names_are_safe_and_distinct() -> None:
    results = [_named(name) for name in NAMES]
    results += [_named("pool.wasm", roots=roots) for roots in (None, ("a",), ("b",), ("a, b",), (samples.HOSTILE,))]
    names = [file_name(result) for result in results]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.cert\.json", name)
        assert len(name) < 130

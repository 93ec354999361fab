"""What a host says of more elements than it was lent refutes nothing: it is asked for again with one that keeps H5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from example_runtime import committed

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.runtime import judge as judging
from proofs.runtime.counts import says_of_more_than_lent
from proofs.runtime.engine import Budget
from proofs.runtime.judge import Judged, OperationUnderProof, Spending, judge
from proofs.runtime.trace import HostAnswer, Made, RuntimeTrace, TraceStep
from proofs.runtime_verdicts import Invariant
from proofs.verdicts import NotConfirmed, Proved, Refuted, Unknown, Verdict, Violation
from smt_models.host.ends import DELIVERY, RETURN
from smt_models.host.variants import End, Hypotheses, Kind, Peer, Variant
from smt_models.runtime.followed import NO_PARTIAL_WRITE
from smt_models.system.model import Actor

KIND = RuntimeKind.PARTIAL_WRITE
READER = Variant(End.READER, Kind.STREAM, Peer.HOST)
BLOCKED = 0xFFFF_FFFF
CANCELLED = 2
BUDGET = Budget(60, 4096)
PROVED = Proved(Invariant("", "", (NO_PARTIAL_WRITE,), ("H3", "H4", "H5"), (), (), ()), ())


def _answer(call: str, code: int | None, lent: int | None = None) -> HostAnswer:
    arguments = () if lent is None else (("async", True), ("n", lent))
    return HostAnswer(call, "a row", "CABI", "ANSWER", code, arguments, None)


def _run(*answers: HostAnswer) -> RuntimeTrace:
    steps = tuple(TraceStep(number, Actor.CLIENT, "poll", (one,), (), (), ()) for number, one in enumerate(answers, 1))
    return RuntimeTrace(KIND.value, "why", None, (), steps)


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ((_answer("stream.read", BLOCKED, 1),), False),
        ((_answer("stream.read", 1 << 4, 1),), False),
        ((_answer("stream.read", 2 << 4, 1),), True),
        ((_answer("stream.read", BLOCKED, 2), _answer("stream.cancel-read", 2 << 4 | CANCELLED)), False),
        ((_answer("stream.read", BLOCKED, 2), _answer("stream.cancel-read", 3 << 4 | CANCELLED)), True),
        ((_answer("stream.read", BLOCKED, 2), _answer(DELIVERY, 3 << 4)), True),
        ((_answer("stream.read", BLOCKED, 2), _answer("stream.cancel-read", None), _answer(RETURN, 3 << 4)), True),
        ((_answer("stream.read", 3 << 4, 3), _answer("stream.read", 3 << 4, 2)), True),
        ((_answer("waitable-set.new", 7 << 4), _answer("stream.read", BLOCKED, 0)), False),
    ],
)
def test_each_copy_lends_so_many(answers: tuple[HostAnswer, ...], more: bool) -> None:
    assert says_of_more_than_lent(_run(*answers), READER) is more


def _refuted(count: int) -> Refuted:
    return Refuted(Violation(_run(_answer("stream.read", count << 4, 1)), NotConfirmed("")))


def _judged(
    verdict: Verdict,
    with_h5: Verdict,
    monkeypatch: pytest.MonkeyPatch,
    near: Mapping[RuntimeKind, Verdict] | None = None,
) -> tuple[Verdict, list[bool]]:
    """What comes of one verdict of all that the host may say, and another with H5, of which `near` is found at once;
    and whether H5 was taken each time.
    """
    asked_with: list[bool] = []

    def decided(
        _asked: object, kinds: tuple[RuntimeKind, ...], hypotheses: Hypotheses, *_: object, **__: object
    ) -> object:
        asked_with.append(hypotheses.h5_unchecked)
        given = with_h5 if hypotheses.h5_unchecked else verdict
        return {kind: Judged(kind, given, 0.0) for kind in kinds}, (), None

    def at_once(*given: object) -> dict[RuntimeKind, Judged]:
        hypotheses = given[-1]
        assert isinstance(hypotheses, Hypotheses)
        found = (near or {}) if hypotheses.h5_unchecked else {}
        return {kind: Judged(kind, one, 0.0) for kind, one in found.items()}

    monkeypatch.setattr(judging, "_judged", decided)
    monkeypatch.setattr(judging, "_near_the_start", at_once)
    example = committed()
    operation = example.profile.operation("stream-read")
    asked = OperationUnderProof(example.program, example.profile, operation, Peer.HOST, Panic.ABORT)
    (found,) = judge(asked, (KIND,), Spending(BUDGET, BUDGET))
    return found.verdict, asked_with


def test_a_host_that_keeps_h5_refutes(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked_with = _judged(_refuted(1), PROVED, monkeypatch)
    assert isinstance(found, Refuted)
    assert asked_with == [False]


def test_one_that_does_not_leaves_it_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked_with = _judged(_refuted(2), PROVED, monkeypatch)
    assert found == PROVED
    assert asked_with == [False, True]


def test_what_another_refutes_is_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = _judged(_refuted(2), _refuted(1), monkeypatch)
    assert isinstance(found, Refuted)
    assert isinstance(found.trace, Violation)
    assert found.trace.trace == replace(_run(_answer("stream.read", 1 << 4, 1)), made=Made(counts_kept=True))


def test_what_is_refuted_at_once_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked_with = _judged(_refuted(2), PROVED, monkeypatch, {KIND: _refuted(1)})
    assert found == _refuted(1)
    assert asked_with == [False]


@pytest.mark.parametrize("final", [False, True])
def test_what_is_left_open_is_no_refutation(final: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = _judged(_refuted(2), Unknown("time", final), monkeypatch)
    assert found == Unknown(f"{judging.ONLY_WITHOUT_H5}: time", final)


@pytest.mark.parametrize(
    ("with_h5", "expected"),
    [(Unknown("again", True), Unknown("a loop", True)), (PROVED, PROVED)],
    ids=["open", "proved"],
)
def test_what_was_not_modelled_is_tried(with_h5: Verdict, expected: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _judged(Unknown("a loop", True), with_h5, monkeypatch)[0] == expected

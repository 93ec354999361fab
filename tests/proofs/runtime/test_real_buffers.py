"""The buffers of wit-bindgen 0.63.0: what is refuted is seen on the crate, and of what is proved a twin is refuted, and
seen on the twin.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from native_steps import PUBLISHED
from native_twins import published_sources, twin

from proofmark.buffers_job import prove_buffers
from proofmark.buffers_plan import BuffersSubject, plan_buffers
from proofmark.runtime_plan import RuntimeSubject
from proofs.kinds import LENDING_KINDS, PoolKind
from proofs.runtime.native.scenario import Crate
from proofs.verdicts import ConfirmedNatively, Proved, Refuted, Verdict, Violation
from smt_models.buffers.supposed import Elements

BUFFER, CLEANUP, REALLOC = "rt::async_support::abi_buffer::AbiBuffer", "rt::Cleanup", "rt::cabi_realloc"
SECONDS = 300
ALIGNED, RANGE = PoolKind.ALIGNED, PoolKind.RANGE_IN_BOUNDS
ZERO, EXHAUSTION = PoolKind.ZERO_SIZE, PoolKind.EXHAUSTION_TRAPS
TWINS = {
    "alignment less one": (BUFFER, ALIGNED, 1, "Layout::from_size_align_unchecked requires"),
    "another size is nothing": (BUFFER, ZERO, 1, "an empty block is asked for"),
    "alignment of the elements less one": (BUFFER, ALIGNED, 1, "Layout::from_size_align_unchecked requires"),
    "elements in an empty block": (BUFFER, ZERO, 1, "an empty block is asked for"),
    "elements at null": (BUFFER, EXHAUSTION, 1, "requires that the pointer is non-null"),
    "null is not looked for": (BUFFER, EXHAUSTION, 1, "requires that the pointer is non-null"),
    "given back aligned to one": (CLEANUP, ALIGNED, 4, "is given back as one aligned to 1"),
    "one byte more is written over": (CLEANUP, RANGE, 4, "memory is used that is not there"),
    "realloc of the new size": (REALLOC, RANGE, 1, "a block of 1 bytes is given back as one of"),
    "realloc aligned to one": (REALLOC, ALIGNED, 1, "a block aligned to 1 is handed out"),
    "realloc of nothing": (REALLOC, ZERO, 1, "an empty block is asked for"),
    "realloc gives null": (REALLOC, EXHAUSTION, 1, "a null pointer is handed out"),
}
"""Of which buffer, what is refuted, after how many steps, and what a run says."""
FITTING = {"one element more is lent": (2, "memory is used that is not there")}
"""Of `AbiBuffer` where elements fit: after how many steps its range-in-bounds is refuted, and what a run says."""
LENDING = {"one element more is lent": (PoolKind.EXTENT, 2, "memory is used that is not there")}
"""Of `AbiBuffer` where it is counted which elements were handed over: what is refuted, after how many steps, and what a
run says.
"""


def _verdicts(
    crate: Crate, buffer: str, kinds: tuple[PoolKind, ...], elements: Elements = Elements.ANY
) -> dict[PoolKind, Verdict]:
    """As `prove` gives them, certificates checked."""
    subject = RuntimeSubject("wit-bindgen", crate.source, crate.features, seconds=SECONDS)
    jobs = plan_buffers(BuffersSubject(subject, (buffer,), kinds), lambda _: None).jobs
    (job,) = (one for one in jobs if one.elements is elements)
    return {PoolKind(one.result.kind.value): one.result.verdict for one in prove_buffers(job)}


def _confirmed(verdict: Verdict) -> tuple[str, int]:
    """What a run of the crate said, and after how many steps."""
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert isinstance(verdict.trace.confirmation, ConfirmedNatively), verdict.trace.confirmation
    return verdict.trace.confirmation.how, len(verdict.trace.trace.steps)


WRAPPED = (
    "call 1 of 1 ends the program: fault: range-in-bounds: lower: ",
    "call 1 of 1 ends the program: memory is used that is not there (src/rt/async_support/abi_buffer.rs:60)",
)
"""An element is lowered behind a block of a few bytes, or where there is none, as the size wraps to."""


def test_a_size_that_wraps_is_seen_on_the_crate() -> None:
    published_sources()
    (verdict,) = _verdicts(PUBLISHED, BUFFER, (RANGE,)).values()
    how, steps = _confirmed(verdict)
    assert steps == 2
    assert how.startswith(WRAPPED)


@pytest.mark.parametrize("buffer", [BUFFER, CLEANUP, REALLOC])
def test_what_has_a_twin_is_proved(buffer: str) -> None:
    published_sources()
    kinds = dict.fromkeys(kind for of, kind, _, _ in TWINS.values() if of == buffer)
    found = _verdicts(PUBLISHED, buffer, tuple(kinds))
    assert all(isinstance(one, Proved) for one in found.values()), found


@pytest.mark.parametrize("name", TWINS)
def test_its_twin_is_refuted_and_shows_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer, kind, wanted, fault = TWINS[name]
    broken = twin(name, tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (verdict,) = _verdicts(broken, buffer, (kind,)).values()
    how, steps = _confirmed(verdict)
    assert steps == wanted
    assert fault in how


@pytest.mark.parametrize("name", FITTING)
def test_where_elements_fit_a_twin_is_refuted_and_shows_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, fault = FITTING[name]
    broken = twin(name, tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (verdict,) = _verdicts(broken, BUFFER, (RANGE,), Elements.FITTING).values()
    how, steps = _confirmed(verdict)
    assert steps == wanted
    assert fault in how


@pytest.mark.parametrize("name", LENDING)
def test_where_elements_are_counted_a_twin_is_refuted_and_shows_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, wanted, fault = LENDING[name]
    broken = twin(name, tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (verdict,) = _verdicts(broken, BUFFER, (kind,), Elements.COUNTED).values()
    how, steps = _confirmed(verdict)
    assert steps == wanted
    assert fault in how


def test_where_elements_are_counted_both_obligations_are_proved() -> None:
    published_sources()
    found = _verdicts(PUBLISHED, BUFFER, LENDING_KINDS, Elements.COUNTED)
    assert [*found] == [*LENDING_KINDS]
    assert all(isinstance(one, Proved) for one in found.values()), found


def test_a_twin_that_keeps_an_element_back_is_refuted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run of the crate shows it: nothing is used that is not there."""
    broken = twin("the last element is not lent", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (verdict,) = _verdicts(broken, BUFFER, (PoolKind.PARTIAL_WRITE,), Elements.COUNTED).values()
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert len(verdict.trace.trace.steps) == 2
    assert verdict.trace.trace.steps[-1].events[-1].text == "what is lent is not as many elements as are left"

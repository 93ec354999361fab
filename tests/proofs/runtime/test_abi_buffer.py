"""`AbiBuffer` of wit-bindgen 0.63.0: what is refuted is seen on the crate; of what is proved a twin is refuted."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_steps import PUBLISHED
from native_twins import published_sources, twin

from proofmark.buffers_job import prove_buffers
from proofmark.buffers_plan import BuffersSubject, plan_buffers
from proofmark.runtime_plan import RuntimeSubject
from proofs.kinds import PoolKind
from proofs.runtime.native.scenario import Crate
from proofs.verdicts import ConfirmedNatively, Proved, Refuted, Verdict, Violation

BUFFER = "rt::async_support::abi_buffer::AbiBuffer"
SECONDS = 300
TWINS = {
    PoolKind.ALIGNED: ("alignment less one", "Layout::from_size_align_unchecked requires"),
    PoolKind.ZERO_SIZE: ("another size is nothing", "an empty block is asked for"),
    PoolKind.EXHAUSTION_TRAPS: ("null is not looked for", "requires that the pointer is non-null"),
}


def _verdicts(crate: Crate, kinds: tuple[PoolKind, ...]) -> dict[PoolKind, Verdict]:
    """As `prove` gives them, certificates checked."""
    subject = RuntimeSubject("wit-bindgen", crate.source, crate.features, seconds=SECONDS)
    (job,) = plan_buffers(BuffersSubject(subject, (BUFFER,), kinds), lambda _: None).jobs
    return {PoolKind(one.result.kind.value): one.result.verdict for one in prove_buffers(job)}


def _confirmed(verdict: Verdict) -> tuple[str, int]:
    """What a run of the crate said, and after how many steps."""
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    assert isinstance(verdict.trace.confirmation, ConfirmedNatively), verdict.trace.confirmation
    return verdict.trace.confirmation.how, len(verdict.trace.trace.steps)


def test_a_size_that_wraps_is_seen_on_the_crate() -> None:
    published_sources()
    (verdict,) = _verdicts(PUBLISHED, (PoolKind.RANGE_IN_BOUNDS,)).values()
    how, steps = _confirmed(verdict)
    assert steps == 2
    assert how.startswith("call 1 of 1 ends the program: fault: range-in-bounds: lower: ")


def test_the_rest_is_proved() -> None:
    published_sources()
    found = _verdicts(PUBLISHED, tuple(TWINS))
    assert all(isinstance(one, Proved) for one in found.values()), found


@pytest.mark.parametrize("kind", TWINS)
def test_its_twin_is_refuted_and_shows_it(kind: PoolKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, fault = TWINS[kind]
    broken = twin(name, tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (verdict,) = _verdicts(broken, (kind,)).values()
    how, steps = _confirmed(verdict)
    assert steps == 1
    assert fault in how

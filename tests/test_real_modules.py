"""Verdicts on modules and components that nobody here wrote, against what was established by other means.

The quick ones always; all of them with PROOFMARK_ALL_MODULES=1, as `.ci/run` has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import real_modules

from artifacts.run import verdict_word
from proofmark.job import Job, prove_file
from proofs.verdicts import Kind, Proved

EVERY = os.environ.get("PROOFMARK_ALL_MODULES") == "1"


def _cases(expected: Mapping[str, str]) -> Iterator[tuple[Kind, tuple[str, ...], str]]:
    """`OBLIGATION` or `OBLIGATION assume ASSUMPTION`, and the verdict."""
    for key, verdict in expected.items():
        obligation, _, assumption = key.partition(" assume ")
        yield Kind(obligation), (assumption,) if assumption else (), verdict


def _check(path: Path, expected: Mapping[str, str]) -> None:
    for kind, assume, verdict in _cases(expected):
        (outcome,) = prove_file(Job(str(path), (kind,), assume=assume, replay_seconds=0))
        assert verdict_word(outcome.result.verdict) == verdict, (kind.value, assume, outcome.result.verdict)
        if isinstance(outcome.result.verdict, Proved):
            assert outcome.certificate is not None
            listed = {assumption.id for assumption in outcome.result.verdict.assumptions}
            assert set(assume) <= listed, "what was assumed is listed"
            names = sum(len(json.dumps(one.about)) + 1 for one in outcome.result.verdict.assumptions)
            most = 1500 + names + path.stat().st_size // 500
            assert len(outcome.certificate) < most, "small: a fixed part, names, and 0.2 % of the module"


@pytest.mark.parametrize("name", [name for name, listed in real_modules.modules().items() if listed.quick or EVERY])
def test_module(name: str) -> None:
    _check(real_modules.fetch(name), real_modules.modules()[name].expected)


@pytest.mark.parametrize("name", list(real_modules.made()) if EVERY else [])
def test_generated_component(name: str) -> None:
    _check(real_modules.make(name), real_modules.made()[name].expected)

"""Steps of scenarios, the crates that they run on, and what is missing where there is no toolchain or registry."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from extract.mir.compile import Panic, RegistryPackage, default_cache
from proofs.runtime.native.confirm import NativeBudget, confirm
from proofs.runtime.native.program import program_of
from proofs.runtime.native.scenario import (
    BLOCKED,
    DELIVERY,
    Act,
    Action,
    Crate,
    HostSays,
    NotConfirmed,
    Operation,
    Result,
    Scenario,
)

FEATURES = ("async", "std")
PUBLISHED = Crate(RegistryPackage("wit-bindgen", "0.63.0"), FEATURES)
ABORT = Crate(RegistryPackage("wit-bindgen", "0.63.0"), FEATURES, Panic.ABORT)
OLD = Crate(RegistryPackage("wit-bindgen", "0.48.1"), FEATURES)
NO_FAULT = "the crate went through all steps, and no fault was seen"
OPEN = Action(Act.OPEN)
WRITE, READ = Operation.STREAM_WRITE, Operation.STREAM_READ
COMPLETED, DROPPED, CANCELLED = 0, 1, 2


def shared_cache() -> Path:
    """Outside the repository: the crate and the mock host are compiled once."""
    return default_cache() / "tests"


def missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: CI must have it")
    pytest.skip(f"NOT TESTED: {what}")


def run(scenario: Scenario, crate: Crate = PUBLISHED, budget: NativeBudget | None = None) -> Result:
    if shutil.which("cargo") is None:
        missing("no cargo")
    result = confirm(program_of(scenario), crate, shared_cache(), budget)
    missing_registry(result)
    return result


def missing_registry(result: Result) -> None:
    offline = ("network", "download", "offline", "resolve host", "index", "no such program")
    if (
        isinstance(result, NotConfirmed)
        and result.why.startswith("no program")
        and any(w in result.why for w in offline)
    ):
        missing(f"cargo or the registry ({result.why})")


def says(call: str, code: int) -> tuple[HostSays, ...]:
    return (HostSays(call, code),)


def new(length: int = 2, capacity: int = 3, used: int = 0) -> Action:
    return Action(Act.NEW, length=length, capacity=capacity, used=used)


def polled(call: str, code: int = BLOCKED) -> Action:
    return Action(Act.POLL, says(call, code))


def delivered(code: int) -> Action:
    return Action(Act.DELIVER, says(DELIVERY, code))


def assert_no_fault(result: Result) -> None:
    assert isinstance(result, NotConfirmed)
    assert result.why == NO_FAULT, "\n".join(result.observed)

"""Published versions of the real crate, from the registry to the verdicts of docs/runtime-verdicts.md."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from explore_corpus import assert_opens
from native_steps import missing, shared_cache

from extract.errors import InputError
from extract.mir.compile import Build, CompiledCrate, Panic, RegistryPackage, compile_crate
from extract.mir.parser import read_mir
from extract.rust.configuration import Configuration
from proofs.runtime.engine import Budget, check_invariant
from proofs.runtime.find import find_traces
from proofs.runtime.search import Limits
from proofs.runtime.trace import NotFound, RuntimeTrace
from smt_models.host.variants import Peer
from smt_models.runtime.edges import edges_of
from smt_models.runtime.emit import FAULT, OBLIGATIONS, OUTSIDE, UNKNOWN, system_of
from smt_models.runtime.explore import explore
from smt_models.runtime.operation import Subject
from smt_models.runtime.profile import Profile, check_profile
from smt_models.runtime.profile_files import profile_for
from smt_models.runtime.program import Program, load_program
from smt_models.system.model import System
from smt_models.system.terms import both, negation

OLD, NEW = RegistryPackage("wit-bindgen-rt", "0.44.0"), RegistryPackage("wit-bindgen", "0.63.0")
FEATURES = {OLD: ("async",), NEW: ("async", "std")}
ALLOCATES = {"scalar-zero-alloc"}
DANGLES = {"waker-unregistered", "cross-task"}
TABLE = [
    (OLD, "future-read", True, ALLOCATES),
    (OLD, "future-read", False, ALLOCATES | DANGLES),
    (OLD, "subtask", True, set()),
    (NEW, "future-read", False, ALLOCATES),
    (NEW, "future-write", False, ALLOCATES),
    (NEW, "subtask", True, set()),
]
UNWINDING = [(NEW, "future-write", False, ALLOCATES | {"end-dropped-idle"})]


@pytest.mark.parametrize(
    ("package", "operation", "stays", "refuted", "panic"),
    [(*row, panic) for panic, rows in ((Panic.ABORT, TABLE), (Panic.UNWIND, UNWINDING)) for row in rows],
    ids=[
        *(f"{one.version} {name}{' in one task' if stays else ''}" for one, name, stays, _ in TABLE),
        *(f"{one.version} {name} unwinding" for one, name, *_ in UNWINDING),
    ],
)
def test_verdicts(package: RegistryPackage, operation: str, stays: bool, refuted: set[str], panic: Panic) -> None:
    program, profile = crate(package, panic)
    subject = Subject(program, profile, profile.operation(operation), Peer.WASM, panic, stays=stays)
    explored = explore(subject)
    assert not explored.unknown()
    system = system_of(explored)
    is_closed(system)
    found = find_traces(edges_of(explored), system, OBLIGATIONS, Limits(steps=60))
    traced = {name for name, one in found.items() if not isinstance(one, NotFound)}
    assert traced == refuted
    for trace in found.values():
        if isinstance(trace, RuntimeTrace):
            assert_opens(trace)
    assert all(one.whole for one in found.values() if isinstance(one, NotFound))
    assert len(explored.shapes) > 20


def is_closed(system: System) -> None:
    """No step leads out of the shapes explored, and none to what is not modelled: by another solver."""
    faults = {term.value for step in system.steps for name, term in step.updates if name == FAULT.name}  # type: ignore[union-attr]
    assert UNKNOWN not in faults
    inside = both(negation(system.condition(OUTSIDE)), negation(FAULT.is_(UNKNOWN)))
    assert isinstance(check_invariant(system, inside, (OUTSIDE, UNKNOWN), Budget()), tuple)


@cache
def crate(package: RegistryPackage, panic: Panic = Panic.ABORT) -> tuple[Program, Profile]:
    compiled = _compiled(package, panic)
    assert compiled.cfg is not None
    words = [*compiled.cfg, f'panic="{panic.value}"', 'target_pointer_width="32"']
    configuration = Configuration.of(words, FEATURES[package])
    program = load_program(read_mir(compiled.mir_path), Path(compiled.source_directory), configuration)
    profile = profile_for(package.name, package.version)
    check_profile(profile, program)
    return program, profile


def _compiled(package: RegistryPackage, panic: Panic) -> CompiledCrate:
    if shutil.which("cargo") is None:
        missing("no cargo")
    try:
        return compile_crate(Build(package, FEATURES[package]), shared_cache(), panic)
    except InputError as error:
        missing(f"the crate: {error}")

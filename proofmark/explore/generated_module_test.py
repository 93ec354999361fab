"""A counterexample about a module as a folder with the module and a test in Python: a pool's calls, or calls after
which a memory is larger.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from artifacts.explore.exports.grow_test import grow_test
from artifacts.explore.exports.pool_test import Call, pool_test
from artifacts.explore.json_reading import Node
from artifacts.explore.model import CallView, Heading
from artifacts.explore.whole_calls import obligation_of, subject_of
from artifacts.names import visible
from artifacts.sentences import confirmation
from extract.errors import InputError, WholeFile
from extract.subject import SubjectFile, read_subject
from extract.wasm.call_graph import call_graph
from extract.wasm.module import ExternKind, Module
from extract.wasm.names import FunctionNames
from extract.wasm.read import read_world
from proofmark.explore.generated_calls_test import recorded_calls
from proofmark.files import write_atomically
from proofmark.job import replayed
from proofmark.version import VERSION
from proofs.pool_run import PoolRun
from proofs.replay import Replay
from proofs.verdicts import Confirmed

_CALL = re.compile(r"(.*)\(([0-9, ]*)\)", re.DOTALL)
_HIDDEN, _EXPORTED = "a memory that is not exported", "one that a test can look at"
TEST, MODULE = "test_counterexample.py", "module.wasm"


def write_pool_test(heading: Heading, run: PoolRun, trace: Path, module: SubjectFile, folder: Path) -> str:
    """Raises InputError: a trace without roles, or a module whose memory a test cannot see."""
    if not run.roles:
        raise InputError(
            str(trace), WholeFile(), "no roles of exports: an earlier version wrote it", "a trace with them"
        )
    memory = exported_memory(module)
    calls = tuple(map(read_call, recorded_calls(trace)))
    return _written(folder, module, pool_test(heading, _sha256(module), memory, run, calls, VERSION))


def write_grow_test(view: CallView, module: SubjectFile, seconds: float, folder: Path) -> str:
    """Searched anew for calls after which a memory is larger. Raises InputError: why there is none that a test could
    make.
    """
    core = _only(module)
    graph = call_graph(read_world(module))
    obligation = obligation_of(view, graph, FunctionNames(graph.world))
    if obligation is None or not obligation.grow:
        expected = "a path to memory.grow: that a function is entered leaves nothing that a test could see"
        raise InputError(module.path, WholeFile(), f"a path of {view.heading.obligation}", expected)
    if not _memories(core):
        raise InputError(module.path, WholeFile(), _HIDDEN, _EXPORTED)
    known = {root.name for root in view.roots}
    replay = replayed(
        graph, obligation, tuple(root for root in obligation.roots if visible(root.name) in known), seconds
    )
    said = replay.said
    if not isinstance(said, Confirmed):
        raise InputError(
            module.path, WholeFile(), f"a path, {confirmation(said)}", "one that a run of the module takes"
        )
    calls, pages = _calls(module, core, replay), (said.pages_before, said.pages_after)
    return _written(folder, module, grow_test(view.heading, _sha256(module), calls, pages, VERSION))


def module_at(heading: Heading, subjects: Sequence[Path], result: Node | None) -> SubjectFile:
    """What a view is about. Raises InputError: it is not at hand."""
    if result is not None:
        found = subject_of(result.child("subject"), subjects)
    else:
        files = (read_subject(str(path)) for path in subjects if path.is_file())
        found = next((file for file in files if file.sha256 == dict(heading.facts).get("SHA-256")), None)
    if found is None:
        at = "this run" if result is None else result.file
        raise InputError(at, WholeFile(), f"no {heading.subject} with the SHA-256 of the run", "it, or --subject FILE")
    return found


def _only(module: SubjectFile) -> Module:
    world = read_world(module)
    if world.is_component:
        expected = "a core module: who calls a component's functions is its host"
        raise InputError(module.path, WholeFile(), "a component", expected)
    return world.instances[0].module


def _memories(core: Module) -> tuple[str, ...]:
    """The names of all memories; none if one of them has none."""
    names = {item.index: item.name for item in core.exports if item.kind is ExternKind.MEMORY}
    return tuple(names.values()) if len(names) == len(core.memories) else ()


def exported_memory(module: SubjectFile) -> str:
    """The name of the memory with the pool. Raises InputError: it has none."""
    for name in _memories(_only(module)):
        return name
    raise InputError(module.path, WholeFile(), _HIDDEN, _EXPORTED)


def read_call(action: str) -> Call:
    """Raises InputError: no call of an export with numbers."""
    found = _CALL.fullmatch(action)
    if found is None:
        raise InputError(visible(action), WholeFile(), "no call", "a call, with numbers as arguments")
    name, arguments = found.groups()
    return name, tuple(int(one) for one in arguments.split(",") if one.strip())


def _calls(module: SubjectFile, core: Module, replay: Replay) -> tuple[Call, ...]:
    names = {item.index: item.name for item in reversed(core.exports) if item.kind is ExternKind.FUNCTION}
    for one in replay.made:
        if one.function.index not in names:
            found = f"a call of function {one.function.index}, which the module does not export"
            raise InputError(module.path, WholeFile(), found, "calls of exports, which alone a test can make")
    return tuple((names[one.function.index], one.arguments) for one in replay.made)


def _sha256(module: SubjectFile) -> str:
    """Of the file that is written: of a text it is the module that it stands for."""
    return hashlib.sha256(bytes(module.data[:])).hexdigest()


def _written(folder: Path, module: SubjectFile, test: str) -> str:
    folder.mkdir(parents=True)
    write_atomically(folder / MODULE, bytes(module.data[:]))
    write_atomically(folder / TEST, test.encode())
    return (
        f"{visible(str(folder / TEST))}\n`pytest {visible(str(folder))}` makes these calls, with the packages pytest "
        f"and wasmtime: it fails with `fault: ...` where the module breaks the obligation; PROOFMARK_MODULE=FILE tries "
        "another build"
    )

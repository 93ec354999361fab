"""`proofmark init`: a first manifest, from what is there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from extract.errors import InputError, WholeFile
from proofmark import console, guard
from proofmark.errors import UsageError
from proofmark.files import write_atomically
from proofmark.job import Job, Outcome
from proofmark.manifest import NAME
from proofmark.progress import Progress
from proofmark.run import Finished, run_jobs, summary
from proofmark.scheduler import InProcess
from proofmark.worker import Done, prove
from proofs.verdicts import Kind, Unknown, Vacuous

# no-alloc-path needs roots, which only the user knows.
_TRIED = (Kind.REALLOC_NO_GROW, Kind.MODULE_NO_GROW, Kind.REALLOC_VESTIGIAL)
_DECLARED = Kind.REALLOC_VESTIGIAL
_SUFFIXES = (".wasm", ".wat")
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "proofmark-out"})


def run(places: Sequence[str], force: bool) -> int:
    """Tries every obligation on every file, and writes down those that apply: all but the vacuous ones."""
    target = _target(places)
    if target.exists() and not force:
        raise UsageError(f"{target} is there already; --force overwrites it")
    files = list(dict.fromkeys(file for place in places or (".",) for file in _modules(place)))
    if not files:
        raise InputError(", ".join(places) or ".", WholeFile(), "no WebAssembly file", "*.wasm or *.wat")
    jobs = [Job(file, _TRIED, replay_seconds=0.0) for file in files]
    finished = run_jobs(jobs, (), prove, InProcess(), Progress(sys.stderr, len(jobs)))
    for error in finished.run.errors:
        console.err(f"error: {error}")
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    if finished.interrupted:
        return guard.INTERRUPTED
    return _write(target, files, finished)


def _write(target: Path, files: Sequence[str], finished: Finished) -> int:
    entries = []
    for file in files:
        reached = tuple(outcome for outcome in finished.outcomes if outcome.result.subject.path == file)
        if kinds := _applying(reached):
            console.err(f"{file}: {summary(Done(reached))}")
            entries.append(_entry(os.path.relpath(file, target.parent), kinds) + _undecided(reached))
        elif reached:
            console.err(f"warning: {file}: no obligation applies; left out")
    if entries:
        try:
            write_atomically(target, "\n".join((_HEAD, *entries)).encode("utf-8"))
        except OSError as error:
            raise UsageError(f"{target}: {error.strerror}; expected a directory that can be written") from error
        console.out(f"{target}\n")
    if finished.faults:
        return guard.FAULT
    return 0 if entries and not finished.run.errors else guard.BAD_INPUT


_HEAD = """\
# What `proofmark prove` proves here. An obligation listed here and not proved fails the gate.

[run]
replay_seconds = 10
"""


def _entry(path: str, kinds: Sequence[Kind]) -> str:
    written = Path(path).as_posix()
    obligations = ", ".join(json.dumps(kind.value) for kind in kinds)
    return f"[[subject]]\npath = {_text(written)}\nobligations = [{obligations}]\n"


def _text(value: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON, and a few more characters that it wants escaped."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(value, WholeFile(), "a name that is not UTF-8", "a name that TOML can hold") from error
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _applying(reached: Sequence[Outcome]) -> tuple[Kind, ...]:
    applying = {outcome.result.kind for outcome in reached if not isinstance(outcome.result.verdict, Vacuous)}
    return tuple(kind for kind in _TRIED if kind in applying and not (kind is _DECLARED and _undecided(reached)))


def _undecided(reached: Sequence[Outcome]) -> str:
    """Of a core module nothing says what its boundary needs; so this obligation waits for the user's word on it."""
    waits = any(o.result.kind is _DECLARED and isinstance(o.result.verdict, Unknown) for o in reached)
    return f"# {_DECLARED.value} applies once it says: boundary = [FUNCTIONS THAT TAKE LISTS]\n" if waits else ""


def _target(places: Sequence[str]) -> Path:
    """The manifest lies in the one directory that is named, else here."""
    return Path(places[0]) / NAME if len(places) == 1 and Path(places[0]).is_dir() else Path(NAME)


def _modules(place: str) -> Iterator[str]:
    path = Path(place)
    if not path.is_dir():
        yield str(path)
        return
    for directory, names, files in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _PASSED_OVER)
        for file in sorted(files):
            # a .wat beside the .wasm of the same name is its source
            if file.endswith(_SUFFIXES) and not (file.endswith(".wat") and f"{file[:-4]}.wasm" in files):
                yield str(Path(directory) / file)

"""`proofmark.toml`: which obligations hold of which files. Shape by manifest.schema.json, the rest here."""

from __future__ import annotations

import difflib
import glob
import json
import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artifacts.run import Expected
from extract.errors import InputError, LineColumn, Position, WholeFile
from proofmark.job import Job
from proofmark.plan import expected_of
from proofmark.pool_job import PoolJob
from proofmark.pool_plan import MOST, expected_of_pools, manifest_pool, pool_jobs
from proofmark.toml_places import Key, nearest, places
from proofs.kinds import POOL_KINDS
from proofs.verdicts import Kind

if TYPE_CHECKING:
    from proofmark.buffers_plan import BuffersSubject
    from proofmark.runtime_plan import RuntimeSubject
    from proofmark.statics_plan import StaticsSubject
    from smt_models.pools.pool import Array, Pool

NAME = "proofmark.toml"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest asks for. `workers` and `out` are None where it does not say."""

    jobs: tuple[Job, ...]
    expected: tuple[Expected, ...]
    workers: int | None
    out: Path | None
    runtimes: tuple[RuntimeSubject, ...] = ()
    pools: tuple[PoolJob, ...] = ()
    static_pools: tuple[StaticsSubject, ...] = ()
    buffers: tuple[BuffersSubject, ...] = ()


def read_manifest(path: Path, replay_seconds: float | None = None) -> Manifest:
    """Reads and checks a manifest; `replay_seconds` overrides what it says.

    Raises InputError with line and column for the first fault.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(str(path), WholeFile(), f"byte {error.start} that is not UTF-8", "TOML") from error
    except OSError as error:
        raise InputError(
            str(path), WholeFile(), error.strerror or str(error), "a manifest; `proofmark init` writes one"
        ) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, text, error) from error
    except RecursionError as error:
        raise InputError(str(path), WholeFile(), "values nested too deeply", "a manifest") from error
    checker = _Checker(path, text)
    checker.check_shape(document)
    run = document.get("run", {})
    seconds = run.get("replay_seconds", 10.0) if replay_seconds is None else replay_seconds
    jobs = tuple(checker.jobs(document.get("subject", []), float(seconds)))
    pools = tuple(checker.pools(document.get("subject", []), float(seconds)))
    runtimes = tuple(checker.runtimes(document.get("runtime", [])))
    with_pools = frozenset(job.path for job in pools)
    statics = tuple(checker.static_pools(document.get("static_pools", []), with_pools))
    buffers = tuple(checker.buffers(document.get("buffers", [])))
    out = run.get("out")
    expected = (*expected_of(jobs), *expected_of_pools(pools))
    where = path.parent / out if out else None
    return Manifest(jobs, expected, run.get("jobs"), where, runtimes, pools, statics, buffers)


def _placed(path: str, pool: Pool) -> Pool:
    """Where the module says, if the manifest does not. Raises InputError."""
    if all(part.size for part in pool.parts):
        return pool
    from proofmark.found_pools import look  # only where there is something to find

    return look(path).placed(pool)


class _Checker:
    """The manifest's text at hand, for the place of each error."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._places = places(text)

    def fault(self, where: tuple[Key, ...], found: str, expected: str) -> InputError:
        return InputError(str(self._path), nearest(self._places, where), found, expected)

    def check_shape(self, document: dict[str, Any]) -> None:
        """Raises the fault that stands first in the file, where the document does not fit the schema."""
        from jsonschema import Draft202012Validator  # slow to load, and needed for manifests only

        errors = list(Draft202012Validator(schema()).iter_errors(document))
        faults = [self._describe(error) for error in errors if error.validator not in ("required", "anyOf")]
        faults += self._not_finite(document)
        # what is absent is often there under a name with a slip in it, which is then the better thing to say
        if faults := faults or [self._describe(error) for error in errors]:
            raise min(faults, key=_line)

    def _not_finite(self, document: dict[str, Any]) -> Iterator[InputError]:
        run = document.get("run")
        seconds = run.get("replay_seconds") if isinstance(run, dict) else None
        if isinstance(seconds, float) and not math.isfinite(seconds):
            yield self.fault(("run", "replay_seconds"), str(seconds), "a number of seconds")

    def _describe(self, error: Any) -> InputError:
        where = tuple(error.absolute_path)
        name = _dotted(where)
        match error.validator:
            case "additionalProperties":
                known = sorted(error.schema["properties"])
                unknown = next(key for key in error.instance if key not in known)
                return self.fault((*where, unknown), f"unknown key {unknown!r}", _one_of(unknown, known, "key"))
            case "anyOf":
                if where:
                    return self.fault(where, f"no 'obligations' in {name}", "[[subject]] with obligations or pools")
                return self.fault(
                    where, "no [[subject]], [[runtime]], [[static_pools]] or [[buffers]]", "at least one of them"
                )
            case "required":
                absent = next(key for key in error.validator_value if key not in error.instance)
                what = f"[[subject]] with {absent}" if where else "at least one [[subject]]"
                return self.fault(where, f"no {absent!r} in {name}", what)
            case "type":
                return self.fault(where, f"{name} = {_shown(error.instance)}", f"{_TYPES[error.validator_value]}")
            case "enum":
                known = [str(value) for value in error.validator_value]
                return self.fault(where, f"{_shown(error.instance)} in {name}", _one_of(error.instance, known, "value"))
            case "minItems" | "minLength":
                wanted = "at least one" if error.validator == "minItems" else "text"
                return self.fault(where, f"an empty {name}", wanted)
            case "uniqueItems":
                return self.fault(where, f"the same value twice in {name}", "each value once")
            case "minimum" | "maximum":
                bound = "at least" if error.validator == "minimum" else "at most"
                return self.fault(where, f"{name} = {error.instance}", f"{bound} {error.validator_value}")
            case _:
                return self.fault(where, f"{name}: {error.message}", "a manifest as its schema says")

    def jobs(self, subjects: list[dict[str, Any]], seconds: float) -> Iterator[Job]:
        """One job for each file of each subject, in the manifest's order, files of a glob by name."""
        taken: dict[Expected, int] = {}
        for number, subject in enumerate(subjects):
            kinds = tuple(kind for kind in Kind if kind.value in subject.get("obligations", ()))
            if Kind.NO_ALLOC_PATH in kinds and "roots" not in subject:
                where = ("subject", number, "obligations")
                raise self.fault(where, "no-alloc-path without roots", 'roots = ["NAME", ...] in the same [[subject]]')
            for path in self._files(subject["path"], number) if kinds else ():
                job = Job(
                    path=path,
                    kinds=kinds,
                    roots=tuple(subject.get("roots", ())),
                    allocators=tuple(subject.get("allocators", ())),
                    boundary=tuple(subject.get("boundary", ())),
                    assume=tuple(subject.get("assume", ())),
                    replay_seconds=seconds,
                )
                for wanted in expected_of((job,)):
                    if wanted in taken:
                        found = f"{wanted.obligation} of {path} ({wanted.instance}) a second time"
                        raise self.fault(("subject", number, "path"), found, "each obligation of a file once")
                    taken[wanted] = number
                yield job

    def pools(self, subjects: list[dict[str, Any]], seconds: float) -> Iterator[PoolJob]:
        """For each file of each subject, each pool under each host."""
        taken: set[Expected] = set()
        for number, subject in enumerate(subjects):
            kinds = tuple(kind for kind in POOL_KINDS if kind.value in subject.get("obligations", ()))
            entries = subject.get("pools", ())
            if kinds and not entries:
                raise self.fault(
                    ("subject", number, "obligations"), f"{kinds[0].value} without pools", "pools = [{...}]"
                )
            for place, entry in enumerate(entries):
                pool = manifest_pool(entry)
                self._check_pool(("subject", number, "pools", place), pool)
                for path in self._files(subject["path"], number):
                    jobs = pool_jobs(path, (_placed(path, pool),), kinds, seconds, entry.get("seconds"))
                    wanted = set(expected_of_pools(jobs))
                    if wanted & taken:
                        found = f"pool {pool.name} of {path} a second time"
                        raise self.fault(("subject", number, "pools", place), found, "each pool of a file once")
                    taken |= wanted
                    yield from jobs

    def _check_pool(self, where: tuple[Key, ...], pool: Pool) -> None:
        """What the schema cannot say of it, of its other places and of its tables."""
        first, *others = pool.parts
        places: list[tuple[tuple[Key, ...], Pool | Array]] = [(where, first)]
        places += [((*where, "also", number), one) for number, one in enumerate(others)]
        places += [((*where, "tables", number), one) for number, one in enumerate(pool.tables)]
        for place, one in places:
            if not one.name.isprintable():
                raise self.fault((*place, "name"), f"the name {_shown(one.name)}", "printable characters")
            if one.end > MOST:
                raise self.fault((*place, "size"), "an end beyond 2^32", "an end up to it")

    def runtimes(self, given: list[dict[str, Any]]) -> Iterator[RuntimeSubject]:
        """Each names one source, and MIR text the crate that it was made from."""
        if not given:
            return
        from proofmark.manifest_runtimes import runtime_subject  # of runtimes only

        for number, entry in enumerate(given):
            self._one_source(("runtime", number), entry)
            yield runtime_subject(entry, self._path.parent)

    def static_pools(self, given: list[dict[str, Any]], with_pools: frozenset[str]) -> Iterator[StaticsSubject]:
        """Each names one source, as a runtime does, and of modules only such `with_pools`."""
        if not given:
            return
        from proofmark.manifest_runtimes import statics_subject  # of static pools only

        for number, entry in enumerate(given):
            self._one_source(("static_pools", number), entry)
            asked = statics_subject(entry, self._path.parent)
            for place, module in enumerate(asked.modules):
                if module not in with_pools:
                    where = ("static_pools", number, "modules", place)
                    raise self.fault(where, f"no pool of {module} is asked for", "a [[subject]] of it with pools")
            yield asked

    def buffers(self, given: list[dict[str, Any]]) -> Iterator[BuffersSubject]:
        """Each names one source, as a runtime does."""
        if not given:
            return
        from proofmark.manifest_runtimes import buffers_subject  # of buffers only

        for number, entry in enumerate(given):
            self._one_source(("buffers", number), entry)
            yield buffers_subject(entry, self._path.parent)

    def _one_source(self, where: tuple[Key, ...], entry: dict[str, Any]) -> None:
        sources = [key for key in ("package", "crate", "mir") if key in entry]
        if len(sources) != 1 or ("mir" in entry) != ("src" in entry):
            found = ", ".join(key for key in ("package", "crate", "mir", "src") if key in entry) or "no source"
            raise self.fault(where, found, "one of package, crate, or mir with src")

    def _files(self, pattern: str, number: int) -> list[str]:
        full = self._path.parent / pattern
        if "\0" in pattern:
            raise self.fault(("subject", number, "path"), "a NUL character in path", "the name of a file")
        if not glob.has_magic(pattern) or full.exists():
            return [str(full)]  # a file that is not there is reported with the results, beside those that are
        root = glob.escape(str(self._path.parent))
        matches = sorted(match for match in glob.glob(f"{root}/{pattern}", recursive=True) if Path(match).is_file())
        if not matches:
            raise self.fault(("subject", number, "path"), f"no file matches {pattern!r}", "a glob that matches a file")
        return [str(Path(match)) for match in matches]


_TYPES = {
    "array": "a list in [ ]",
    "object": "a table",
    "string": "text in quotes",
    "integer": "a whole number",
    "number": "a number",
}


def schema() -> dict[str, Any]:
    """The schema of the manifest, as shipped."""
    text = resources.files("proofmark").joinpath("manifest.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _syntax_error(path: Path, text: str, error: tomllib.TOMLDecodeError) -> InputError:
    import re

    message = str(error)
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    position: Position
    if place:
        position, message = LineColumn(int(place[1]), int(place[2])), message[: place.start()]
    else:
        lines = text.splitlines() or [""]
        position = LineColumn(len(lines), len(lines[-1]) + 1)
        message = message.removesuffix(" (at end of document)")
    return InputError(str(path), position, message[:1].lower() + message[1:], "TOML 1.0")


def _line(error: InputError) -> tuple[int, int]:
    assert isinstance(error.position, LineColumn)
    return error.position.line, error.position.column


def _dotted(where: tuple[Key, ...]) -> str:
    text = ""
    for key in where:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text or "the manifest"


def _shown(value: object) -> str:
    text = value if isinstance(value, int | float) and not isinstance(value, bool) else json.dumps(value, default=str)
    return str(text) if len(str(text)) <= 60 else f"{str(text)[:57]}..."


def _one_of(found: object, known: list[str], what: str) -> str:
    close = difflib.get_close_matches(str(found), known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"one {what} of {', '.join(known)}{hint}"

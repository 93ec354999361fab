"""From what the user names to an exploration: a run's directory, a report, a trace, a certificate, or a module."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.explore.addresses import is_branch, read_address
from artifacts.explore.json_reading import Node, read_json
from artifacts.explore.listing import listing
from artifacts.explore.model import Exploration, Heading, Listing, TextView, View
from artifacts.explore.proofs import certificate_sections
from artifacts.explore.results import FORMAT, Beside, heading_of, report_views
from artifacts.explore.trace_reading import places, read_trace
from artifacts.explore.whole_calls import with_modules
from artifacts.names import visible
from extract.errors import InputError, WholeFile
from proofmark import guard
from proofs.kinds import Kind

if TYPE_CHECKING:
    from proofmark.explore.branches import Branches

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """`path`: what to open. `sources`: the directory of a crate; `subjects`: modules that a report may be about.
    `package`: NAME@VERSION, to be compiled for a model. `kind`, `roots`: of a module, and `replay_seconds` the budget
    to confirm what is refuted of it.
    """

    path: Path
    sources: Path | None = None
    subjects: tuple[Path, ...] = ()
    kind: Kind | None = None
    roots: tuple[str, ...] = ()
    replay_seconds: float = 10.0
    package: str | None = None


def opened(asked: Asked) -> Exploration:
    """Raises InputError."""
    path = asked.path
    if path.is_dir():
        if not (path / REPORT).is_file():
            raise InputError(str(path), WholeFile(), f"a directory without {REPORT}", "that of `proofmark prove --out`")
        return _run(path / REPORT, asked)
    if path.suffix == ".json":
        return _document(path, asked)
    return _module(asked)


def _document(path: Path, asked: Asked) -> Exploration:
    document = read_json(path)
    if document.has("states") and document.has("vars"):
        return _trace(path, document, asked)
    form = document.child("format").value
    if form == FORMAT:
        return _run(path, asked)
    if isinstance(form, str) and form.startswith("proofmark-certificate/"):
        view = _certificate(path, document)
        return Exploration(view.heading.key, (view,))
    raise document.fail("a report, a trace in the Informal Trace Format or a certificate of proofmark")


def _run(path: Path, asked: Asked) -> Exploration:
    report = read_json(path)
    views = report_views(report, Beside(path.parent, asked.sources))
    whole = with_modules(report, views, asked.subjects)
    told = (*report.child("errors").items(), *report.child("warnings").items())
    notes = tuple(visible(one.text(), 600) for one in told)
    return Exploration(visible(str(asked.path)), whole, notes)


def _trace(path: Path, document: Node, asked: Asked) -> Exploration:
    """As part of its run, if it lies in one: that has its verdict, and the program."""
    key = path.name.removesuffix(".json").removesuffix(".itf")
    run = path.resolve().parent.parent / REPORT
    if path.resolve().parent.name == "traces" and run.is_file():
        for view in _run(run, asked).views:
            if view.heading.key == visible(key):
                return Exploration(visible(str(asked.path)), (view,))
    view = read_trace(document, _heading(key, document), Listing())
    view = replace(view, listing=listing(places(view), asked.sources, None))
    return Exploration(visible(str(asked.path)), (view,))


def _heading(key: str, document: Node) -> Heading:
    meta = document.child("#meta")
    said = [meta.child(name).text() if meta.has(name) else "" for name in ("obligation", "description")]
    return Heading(visible(key), "refuted", visible(said[0]) or "trace", visible(key), "", visible(said[1], 600))


def _certificate(path: Path, document: Node) -> TextView:
    subject = document.child("subject")
    heading = Heading(
        key=visible(path.name.removesuffix(".cert.json")),
        verdict="proved",
        obligation=visible(document.child("obligation").text()),
        subject=visible(subject.child("name").text()),
        instance=visible(document.child("instance").text()),
        reason=visible(document.child("claim").text(), 600),
        facts=(("SHA-256", visible(subject.child("sha256").text())), ("checked", "no: `proofmark check` does that")),
    )
    return TextView(heading, tuple(certificate_sections(document, path.parent)))


def _module(asked: Asked) -> Exploration:
    """Proved now, as `proofmark explain` does, and the run opened."""
    from proofmark.cache import CachedProver
    from proofmark.job import Job
    from proofmark.plan import DEFAULT_KINDS, expected_of
    from proofmark.progress import Progress
    from proofmark.reports import prepare, write
    from proofmark.run import run_jobs
    from proofmark.scheduler import InProcess
    from proofmark.worker import prove

    job = Job(
        str(asked.path),
        (asked.kind,) if asked.kind else DEFAULT_KINDS,
        asked.roots,
        replay_seconds=asked.replay_seconds,
    )
    finished = run_jobs((job,), expected_of((job,)), CachedProver(prove), InProcess(), Progress(None, 1))
    for refused in finished.refused:
        raise refused
    for fault in finished.faults:
        guard.fault(fault.text, fault.traceback)
    with tempfile.TemporaryDirectory(prefix="proofmark-explore-") as name:
        directory = Path(name)
        prepare(directory)
        write(directory, finished.run, finished.outcomes, ("json",))
        made = _run(directory / REPORT, replace(asked, subjects=(*asked.subjects, asked.path)))
    return Exploration(visible(str(asked.path)), made.views, made.notes)


def branches_of(asked: Asked) -> Branches | None:
    """What is behind a run, for other ways than the recorded ones; None where there is no run. Raises InputError."""
    from proofmark.explore.branches import Branches
    from proofmark.run_models import ProgramAt

    path = asked.path / REPORT if asked.path.is_dir() else asked.path
    if path.suffix != ".json":
        return None
    document = read_json(path)
    if document.has("states"):
        path = path.resolve().parent.parent / REPORT
        if not path.is_file():
            return None
        document = read_json(path)
    if document.child("format").value == FORMAT:
        results = {heading_of(one).key: one for one in document.child("results").items()}
        beside: tuple[Path, ...] = (path.parent / "certificates",)
    else:
        results, beside = {visible(path.name.removesuffix(".cert.json")): document}, (path.parent,)
    return Branches(results, ProgramAt(asked.sources, asked.package, beside))


def shown_at(exploration: Exploration, branches: Branches | None, address: str | None) -> View:
    """The view of an address, another way than the recorded one included. Raises InputError."""
    view = view_at(exploration, address)
    place = read_address(address or "").place
    if not is_branch(place):
        return view
    from proofmark.explore.part import CannotBranch

    try:
        if branches is None:
            raise CannotBranch("there is no run behind it, and so no model")
        branches.asked()
        return branches.at(view, place)
    except CannotBranch as error:
        found = visible(f"no such way: {error}", 600)
        raise InputError(exploration.title, WholeFile(), found, "one of this run") from error


def view_at(exploration: Exploration, address: str | None) -> View:
    """The view that an address begins with. Raises InputError."""
    if not exploration.views:
        raise InputError(exploration.title, WholeFile(), "no result", "at least one")
    key = read_address(address or "").key
    for view in exploration.views:
        if key in ("", view.heading.key):
            return view
    known = ", ".join(view.heading.key for view in exploration.views[:20])
    raise InputError(exploration.title, WholeFile(), f"no place {visible(key)}", f"one of {known}")

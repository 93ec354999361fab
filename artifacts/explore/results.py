"""`report.json` as views: one for each result, with what else of the run is at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from artifacts.certificate import file_name
from artifacts.explore.json_reading import Node, read_json
from artifacts.explore.listing import listing
from artifacts.explore.model import CallSite, CallView, Heading, Listing, Section, ShownRoot, TextView, TraceView, View
from artifacts.explore.proofs import proof_sections
from artifacts.explore.trace_reading import places, read_trace
from artifacts.itf import ACTION
from artifacts.names import visible
from artifacts.sentences import SENTENCE_LIMIT
from proofs.buffer_wording import is_of_a_buffer
from proofs.kinds import POOL_KINDS, Kind, RuntimeKind
from proofs.verdicts import Result, Subject, Unknown

FORMAT = "proofmark-report/1"
_POOL_KINDS = frozenset(kind.value for kind in POOL_KINDS)
_NOT_DRAWN = ("pool", "not drawn: its trace is not at hand, or was written by a version that recorded no pool")
_KINDS = {kind.value: kind for kind in (*Kind, *RuntimeKind, *POOL_KINDS)}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is at hand beside a report: the run's directory, and the sources of a crate if the user names them."""

    directory: Path | None = None
    sources: Path | None = None


def report_views(report: Node, beside: Beside) -> tuple[View, ...]:
    """In the report's order, refutations first. Raises InputError."""
    if report.child("format").value != FORMAT:
        raise report.child("format").fail(FORMAT)
    results = list(report.child("results").items())
    refuted = [one for one in results if one.child("verdict").value == "refuted"]
    return tuple(_view(one, beside) for one in (*refuted, *(one for one in results if one not in refuted)))


def heading_of(result: Node) -> Heading:
    """The key is the stem of the certificate's name: the same in every run on the same bytes."""
    kind = _KINDS.get(result.child("obligation").text())
    if kind is None:
        raise result.child("obligation").fail("an obligation that this version knows")
    subject = result.child("subject")
    name, sha256 = subject.child("name").text(), subject.child("sha256").text()
    instance = result.child("instance").text()
    made = Result(Subject("", name, subject.child("bytes").number(), sha256), kind, instance, Unknown(""), 0.0)
    certificate = result.child("certificate").text_or_none()
    key = (certificate or file_name(made)).removesuffix(".cert.json")
    facts = [("subject", visible(subject.child("path").text())), ("SHA-256", visible(sha256))]
    if subject.has("build"):
        build = subject.child("build")
        said = {word: build.child(word).text_or_none() for word in ("compiler", "target", "panic")}
        facts += [(word, visible(text) if text is not None else "nobody said") for word, text in said.items()]
    return Heading(
        key=visible(key),
        verdict=visible(result.child("verdict").text()),
        obligation=kind.value,
        subject=visible(name),
        instance=visible(instance),
        reason=visible(result.child("reason").text(), SENTENCE_LIMIT),
        facts=tuple(facts),
    )


def _view(result: Node, beside: Beside) -> View:
    heading = heading_of(result)
    match heading.verdict:
        case "refuted":
            return _refuted(result, heading, beside)
        case "proved":
            return TextView(heading, proof_sections(result, beside.directory))
        case _:
            return TextView(heading, ())


def _refuted(result: Node, heading: Heading, beside: Beside) -> View:
    trace = result.child("trace")
    match trace.child("kind").value:
        case "violation":
            return _violation(result, heading, beside)
        case "reach":
            return _reach(trace, heading)
        case "vestiges":
            return TextView(heading, tuple(_vestiges(trace)))
        case _:
            raise trace.child("kind").fail("violation, reach or vestiges")


# Runtimes


def _violation(result: Node, heading: Heading, beside: Beside) -> TraceView:
    """With every state if the run's trace is at hand, else the report's steps alone."""
    full = beside.directory / "traces" / f"{heading.key}.itf.json" if beside.directory else None
    at_hand = full if full is not None and full.is_file() else None
    document = _without_states(result.child("trace")) if at_hand is None else read_json(at_hand)
    view = read_trace(document, heading, Listing())
    of_pool = heading.obligation in _POOL_KINDS and not is_of_a_buffer(heading.instance)
    if view.pool is None and of_pool:
        view = replace(view, heading=replace(heading, facts=(*heading.facts, _NOT_DRAWN)))
    subject = result.child("subject")
    return replace(view, listing=listing(places(view), *_texts(subject, beside)))


def _texts(subject: Node, beside: Beside) -> tuple[Path | None, Path | None]:
    """The crate's directory and the MIR text, as `prove --out` leaves them."""
    if beside.directory is None:
        return beside.sources, None
    mir = beside.directory / "certificates" / subject.child("name").text()
    kept = beside.directory / "sources"
    if subject.has("build"):
        kept = kept / subject.child("build").child("sources_sha256").text()[:16]
    sources = beside.sources or (kept if kept.is_dir() else None)
    return sources, mir if mir.parent == beside.directory / "certificates" and mir.is_file() else None


def _without_states(trace: Node) -> Node:
    """The steps of a report as a trace whose state has no words."""
    states: list[object] = [{}]
    for step in trace.child("steps").items():
        meta = {"actor": step.child("actor").text(), "events": step.child("events").value}
        states.append({"#meta": meta, ACTION: step.child("action").text()})
    value = {"#meta": {"where": trace.child("where").value}, "vars": [], "states": states}
    return Node(trace.file, trace.path, value)


# Modules


def _reach(trace: Node, heading: Heading) -> CallView:
    """The functions of the report's paths: all that it has."""
    names: dict[str, int] = {}
    edges: dict[int, dict[int, None]] = {}
    sites: dict[tuple[int, int | None], CallSite] = {}
    roots: list[ShownRoot] = []
    goals: dict[int, None] = {}
    goal = "the goal"
    for path in trace.child("paths").child("shown").items():
        steps = list(path.child("steps").items())
        shown = [step for step in steps if step.has("node")]
        numbers = [names.setdefault(_name(step), len(names)) for step in shown]
        if not numbers:
            continue
        roots.append(ShownRoot(visible(path.child("root").text()), numbers[0]))
        for before, (number, step) in zip(numbers, list(zip(numbers, shown, strict=True))[1:], strict=False):
            edges.setdefault(before, {})[number] = None
            _site(sites, (before, number), step)
        goals[numbers[-1]] = None
        if steps[-1] is not shown[-1]:
            goal = visible(steps[-1].child("function").text())
            _site(sites, (numbers[-1], None), steps[-1])
    targets = tuple(tuple(edges.get(number, ())) for number in range(len(names)))
    sizes = (0,) * len(names)
    return CallView(heading, goal, tuple(names), sizes, targets, tuple(goals), tuple(roots), sites)


def _name(step: Node) -> str:
    node = [one.number() for one in step.child("node").items()]
    return visible(f"{step.child('function').text()} [{'.'.join(map(str, node))}]")


def _site(sites: dict[tuple[int, int | None], CallSite], edge: tuple[int, int | None], step: Node) -> None:
    if step.has("offset"):
        line = f"0x{step.child('offset').number():x} {step.child('action').text()} [{step.child('rule').text()}]"
        sites.setdefault(edge, CallSite(step.child("offset").number(), (visible(line),)))


def _vestiges(trace: Node) -> Iterable[Section]:
    exports = []
    for export in trace.child("exports").child("shown").items():
        alive = export.child("keeps_alive")
        shown = ", ".join(name.text() for name in alive.child("shown").items())
        size = f"{export.child('functions').number()} functions, {export.child('code_bytes').number()} code bytes"
        exports.append((visible(export.child("name").text()), visible(f"{size}; keeps alive: {shown}", SENTENCE_LIMIT)))
    yield Section("Reallocs that nothing needs", tuple(exports))

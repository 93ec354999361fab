"""The whole call graph of a refutation in place of the paths that a report has, where the module itself is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from artifacts.explore.calls import call_view
from artifacts.explore.json_reading import Node
from artifacts.explore.model import CallView, View
from artifacts.explore.results import heading_of
from extract.subject import SubjectFile, read_subject
from extract.wasm.call_graph import CallGraph, call_graph
from extract.wasm.names import FunctionNames
from extract.wasm.read import read_world
from proofs.kinds import Kind
from smt_models.graph_obligation import GraphObligation, module_no_grow, no_alloc_path, realloc_no_grow

_ROOTS = "roots "


def with_modules(report: Node, views: Sequence[View], subjects: Sequence[Path]) -> tuple[View, ...]:
    """Each view of calls from the bytes of its subject, if that is among `subjects` or where the report says. Raises
    InputError.
    """
    results = {heading_of(result).key: result for result in report.child("results").items()}
    graphs: dict[str, tuple[CallGraph, FunctionNames] | None] = {}
    made: list[View] = []
    for view in views:
        if isinstance(view, CallView):
            subject = results[view.heading.key].child("subject")
            sha256 = subject.child("sha256").text()
            if sha256 not in graphs:
                graphs[sha256] = _graph(subject, subjects)
            made.append(_whole(view, graphs[sha256]))
        else:
            made.append(view)
    return tuple(made)


def _graph(subject: Node, subjects: Sequence[Path]) -> tuple[CallGraph, FunctionNames] | None:
    file = subject_of(subject, subjects)
    if file is None:
        return None
    graph = call_graph(read_world(file))
    return graph, FunctionNames(graph.world)


def subject_of(subject: Node, subjects: Sequence[Path]) -> SubjectFile | None:
    """The file with the SHA-256 of a report's subject, if it is at hand. Raises InputError."""
    wanted = subject.child("sha256").text()
    return next((file for file in _candidates(subject, subjects) if file.sha256 == wanted), None)


def _candidates(subject: Node, subjects: Sequence[Path]) -> Iterator[SubjectFile]:
    beside = Path(subject.file).parent / subject.child("name").text()
    for path in (*subjects, Path(subject.child("path").text()), beside):
        if path.is_file():
            yield read_subject(str(path))


def _whole(view: CallView, known: tuple[CallGraph, FunctionNames] | None) -> CallView:
    obligation = None if known is None else obligation_of(view, *known)
    if known is None or obligation is None:
        return view
    whole = call_view(*known, obligation, view.heading)
    return whole if len(whole.roots) >= len(view.roots) else view  # other names were looked for than the rule's


def obligation_of(view: CallView, graph: CallGraph, names: FunctionNames) -> GraphObligation | None:
    instance = view.heading.instance
    roots = tuple(instance.removeprefix(_ROOTS).split(", ")) if instance.startswith(_ROOTS) else ()
    match view.heading.obligation:
        case Kind.REALLOC_NO_GROW.value:
            return realloc_no_grow(graph, names, roots)
        case Kind.MODULE_NO_GROW.value:
            return module_no_grow(graph, names, roots)
        case Kind.NO_ALLOC_PATH.value if roots:
            return no_alloc_path(graph, names, roots, ())
        case _:
            return None

"""The safety case as artifacts of rivet, of the types of its schema `safety-case`.

Everything is a draft: people promote it. A certificate that does not hold now is no solution there, and its goal is
marked as undeveloped, so that rivet never counts it as support.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from artifacts.names import unicode_only, visible
from artifacts.safety.argument import Argument, Node, NodeKind
from artifacts.safety.states import State

TEXT_LIMIT = 2000
Scalar = str | bool
Links = list[tuple[str, str]]


def rivet(argument: Argument) -> bytes:
    """YAML: an artifact for each node that has a place in rivet's schema."""
    shape = _Shape(argument)
    lines = ["artifacts:"]
    for node in argument.nodes:
        lines += _artifact(node, shape)
    return ("\n".join(lines) + "\n").encode("utf-8")


class _Shape:
    """Who links to whom: rivet's links go up, and sub-goals to goals."""

    def __init__(self, argument: Argument) -> None:
        nodes = {node.id: node for node in argument.nodes}
        self.goal_of: dict[str, str] = {}
        self.scoped_by: dict[str, list[str]] = {}
        self.held: set[str] = set()
        for node in argument.nodes:
            for note in node.in_context_of:
                self.scoped_by.setdefault(note, []).append(node.id)
            above = self.goal_of[node.id] if node.kind is NodeKind.STRATEGY else node.id
            for part in node.supported_by:
                self.goal_of[part] = above
                if nodes[part].kind is NodeKind.STRATEGY or nodes[part].state is State.HOLDS:
                    self.held.add(node.id)


def _artifact(node: Node, shape: _Shape) -> list[str]:
    match node.kind:
        case NodeKind.GOAL:
            kind = "element-level" if node.id not in shape.goal_of else "derived"
            fields: dict[str, Scalar] = {"claim": node.text, "goal-type": kind}
            if node.id not in shape.held:
                fields["undeveloped"] = True
            above = shape.goal_of.get(node.id)
            return [*_written("safety-goal", node, fields, [] if above is None else [("sub-goal-of", above)])]
        case NodeKind.STRATEGY:
            fields = {"rationale": node.text, "method": "decomposition"}
            return [*_written("safety-strategy", node, fields, [("decomposes", shape.goal_of[node.id])])]
        case NodeKind.SOLUTION:
            return [*_solution(node, shape)]
        case NodeKind.CONTEXT | NodeKind.ASSUMPTION:
            fields = {"context-type": "scope" if node.kind is NodeKind.CONTEXT else "assumption"}
            fields["statement"] = node.text
            links = [("scopes", goal) for goal in shape.scoped_by[node.id]]
            return [*_written("safety-context", node, fields, links)]


def _solution(node: Node, shape: _Shape) -> Iterator[str]:
    found = node.certificate
    if node.state is not State.HOLDS or found is None:
        return
    file = f"certificates/{found.file}"
    fields: dict[str, Scalar] = {"evidence-type": "formal-proof", "evidence-ref": file}
    source = {"uri": f"./{file}", "kind": "file", "sha256": found.sha256}
    yield from _written("safety-solution", node, fields, [("supports", shape.goal_of[node.id])], source)


def _written(
    kind: str, node: Node, fields: Mapping[str, Scalar], links: Links, source: Mapping[str, str] | None = None
) -> Iterator[str]:
    yield f"  - id: {node.id}"
    yield f"    type: {kind}"
    yield f"    title: {_scalar(node.title)}"
    yield "    status: draft"
    if node.state is not None:
        yield f"    description: {_scalar(f'{node.state.value}: {node.why}' if node.why else node.state.value)}"
        yield f"    tags: [proofmark-{node.state.value}]"
    yield "    fields:"
    yield from (f"      {name}: {_scalar(value)}" for name, value in fields.items())
    if source is not None:
        yield "      cited-source:"
        yield from (f"        {name}: {_scalar(value)}" for name, value in source.items())
    if links:
        yield "    links:"
    for name, target in links:
        yield f"      - type: {name}"
        yield f"        target: {target}"


def _scalar(value: Scalar) -> str:
    """Quoted as JSON does it, which YAML reads alike: nothing in it can be taken for syntax, a number or a date."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(visible(unicode_only(value), TEXT_LIMIT), ensure_ascii=False)

"""The safety case as a flowchart of Mermaid, with the shapes of the Goal Structuring Notation as far as it has them."""

from __future__ import annotations

from collections.abc import Iterator

from artifacts.names import visible
from artifacts.safety.argument import Argument, Node, NodeKind
from artifacts.safety.states import State

_LONGEST = 90
_SHAPES = {
    NodeKind.GOAL: '["{}"]',
    NodeKind.STRATEGY: '[/"{}"/]',
    NodeKind.SOLUTION: '(("{}"))',
    NodeKind.CONTEXT: '("{}")',
    NodeKind.ASSUMPTION: '(["{}"])',
}
_CLASSES = {
    "good": "fill:#dcefdc,stroke:#2e7d32,color:#1b2430",
    "bad": "fill:#fbe1df,stroke:#b3261e,color:#1b2430",
    "open": "fill:#fdf0d0,stroke:#9a6700,stroke-dasharray:4 3,color:#1b2430",
    "said": "fill:#f3f5f8,stroke:#68778d,color:#1b2430",
}


def mermaid(argument: Argument) -> bytes:
    lines = ["flowchart LR"]
    for node in argument.nodes:
        lines += _lines(node)
    lines += [f"    classDef {name} {style}" for name, style in _CLASSES.items()]
    return ("\n".join(lines) + "\n").encode("utf-8")


def looks(state: State | None) -> str:
    """The class of a state: only what holds looks good."""
    match state:
        case None:
            return "said"
        case State.HOLDS:
            return "good"
        case State.REFUTED | State.REJECTED:
            return "bad"
        case _:
            return "open"


def _lines(node: Node) -> Iterator[str]:
    head = node.id if node.state is None else f"{node.id} {node.state.sign} {node.state.value}"
    said = f"{_escaped(head)}<br/>{_escaped(visible(node.title, _LONGEST))}"
    if node.kind is NodeKind.ASSUMPTION:
        said = f"A: {said}"
    yield f"    {_name(node.id)}{_SHAPES[node.kind].format(said)}:::{looks(node.state)}"
    yield from (f"    {_name(node.id)} --> {_name(part)}" for part in node.supported_by)
    yield from (f"    {_name(node.id)} --o {_name(note)}" for note in node.in_context_of)


def _name(id_: str) -> str:
    return id_.replace("-", "_")


def _escaped(text: str) -> str:
    """Mermaid's own references for whatever might be syntax."""
    return "".join(c if c.isalnum() or c in " -_.,/✓✗!?" else f"#{ord(c)};" for c in text)

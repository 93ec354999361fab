"""Call paths as Graphviz DOT."""

from __future__ import annotations

from artifacts.callpaths import Box, picture
from artifacts.names import shortened
from proofs.verdicts import Result

_STYLE = {
    "root": 'shape=box, style="rounded,bold"',
    "inner": 'shape=box, style="rounded"',
    "goal": 'shape=box, style="filled,bold", color="#b3261e", fillcolor="#f9dedc"',
    "note": "shape=note",
}


def dot(result: Result) -> str:
    """A digraph of the call paths; names are shortened in the middle, tooltips hold them whole."""
    drawn = picture(result)
    numbers = {box.key: f"n{number}" for number, box in enumerate(drawn.boxes)}
    lines = ["digraph proofmark {", f"  label={_quoted(drawn.title)};", "  labelloc=t;", "  rankdir=TB;"]
    lines.append('  node [fontname="monospace", fontsize=11];')
    lines.append('  edge [fontname="monospace", fontsize=9];')
    lines += [f"  {numbers[box.key]} [{_box(box)}];" for box in drawn.boxes]
    for arrow in drawn.arrows:
        label = f"label={_quoted(shortened(arrow.label, 40))}, tooltip={_quoted(arrow.detail)}"
        lines.append(f"  {numbers[arrow.tail]} -> {numbers[arrow.head]} [{label}];")
    if drawn.left_out:
        lines.append(f"  left_out [shape=plaintext, label={_quoted(f'and {drawn.left_out} more')}];")
    return "\n".join([*lines, "}"]) + "\n"


def _box(box: Box) -> str:
    label = _quoted(shortened(box.name, 48) + ("\n" + shortened(box.detail, 64) if box.detail else ""))
    return f"label={label}, tooltip={_quoted(box.name)}, {_STYLE[box.role]}"


def _quoted(text: str) -> str:
    """A DOT string: backslash and quote escaped; `&` too, as Graphviz reads character references in labels."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("\n", "\\n")
    return f'"{escaped}"'

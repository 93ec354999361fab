"""Values whose pointers follow objects to their new places, and which blocks become roots."""

from __future__ import annotations

from dataclasses import replace

from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.roots import FIRST_BLOCK, GONE
from smt_models.runtime.state import State
from smt_models.runtime.template import Template
from smt_models.runtime.values import MOVED, Moved, Pointer, Value, mapped, pointers

_BLOCK = "block"
"""What the name of each block begins with."""


def relocated(value: Value, renamed: dict[int, int], roots: dict[int, str]) -> Value:
    """Pointers to objects that are not `roots` point nowhere."""

    def change(one: Value) -> Value | None:
        if not isinstance(one, Pointer):
            return None
        base = renamed.get(one.base, one.base)
        return replace(one, base=base) if base in roots else Pointer(GONE)

    return mapped(value, change)


def unreachable_blocks(state: State, template: Template) -> list[int]:
    """Blocks that were lost on the way, as by a panic: nothing that outlives the action leads to them, not even what is
    lent. So nobody can touch them again, and it makes no difference that they are there.
    """
    blocks = {base for base in state.objects if state.names[base].startswith(_BLOCK)}
    waiting = [base for base in template.names if base not in blocks and base in state.objects]
    while waiting:
        found = pointers(state.resolved(state.objects[waiting.pop()])) & blocks
        blocks -= found
        waiting.extend(found)
    return sorted(blocks)


def blocks_as_roots(state: State, template: Template, sites: dict[str, int]) -> dict[int, int]:
    """The root that each block made on the way becomes. `sites`: the roots of blocks by where they are allocated, to
    which new ones are added. NotModelled if two live blocks would be one root.
    """
    found: dict[int, int] = {}
    for base in sorted(state.objects):
        name = state.names[base]
        if base in template.names or not name.startswith(_BLOCK):
            continue
        root = sites.get(name)
        if root is None:
            root = sites[name] = FIRST_BLOCK + len(sites)
            template.names[root] = name
            template.join(root, MOVED)
        if root in found.values() or not isinstance(state.settle(state.objects.get(root, MOVED)), Moved):
            raise NotModelled(f"two live blocks from one place: {name}")
        found[base] = root
    return found

"""What a model rests on: the blocks that were run, and the functions that were not run but modelled."""

from __future__ import annotations

from proofs.runtime_verdicts import Blocks, LibraryFunction
from smt_models.runtime.explore import Explored
from smt_models.runtime.library_entry import DOCUMENTATION, Entry
from smt_models.runtime.task_explore import ExploredTask

AnyExplored = Explored | ExploredTask


def trusted_functions(explored: AnyExplored, library: tuple[Entry, ...]) -> tuple[LibraryFunction, ...]:
    """Sorted by name. Without a page: what the runtime's profile names as the host's, the task's or the user's."""
    entries = {name: entry for entry in library for name in entry.names}
    used = explored.actions.subject.machine.trusted
    return tuple(_function(name, entries.get(name)) for name in sorted(used))


def _function(name: str, entry: Entry | None) -> LibraryFunction:
    if entry is None:
        return LibraryFunction(name, "", "")
    unwinds = "; may unwind" if entry.unwinds else ""
    return LibraryFunction(name, f"{entry.meaning}; {entry.ownership}{unwinds}", DOCUMENTATION + entry.page)


def _run(explored: AnyExplored) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for _, path in explored.paths:
        for function, block in path.state.blocks:
            found.setdefault(function, set()).add(block)
    return found


def covered_blocks(explored: AnyExplored) -> tuple[Blocks, ...]:
    """The blocks that some path runs through."""
    return tuple(Blocks(function, tuple(sorted(blocks))) for function, blocks in sorted(_run(explored).items()))


def uncovered_blocks(explored: AnyExplored) -> tuple[Blocks, ...]:
    """The other blocks of the same functions; functions of which all were run are left out."""
    functions = explored.actions.subject.program.functions
    found = []
    for function, blocks in sorted(_run(explored).items()):
        if function not in functions:
            continue  # a constant's body
        left = {one.number for one in functions[function].body.blocks} - blocks
        if left:
            found.append(Blocks(function, tuple(sorted(left))))
    return tuple(found)

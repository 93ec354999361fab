"""A counterexample about a buffer, run on the crate itself: its steps with the numbers of a machine of 64 bits, as a
program that is built with the unmodified crate.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

from proofs.buffers.arguments import WORD, NotWritable
from proofs.buffers.program import calls_of, program_text
from proofs.crate_programs import Buildable, Said, said_by
from proofs.kinds import PoolKind
from proofs.pools.bounded import Route, search
from proofs.pools.session import Session
from proofs.runtime.line_process import NoAnswer
from proofs.verdicts import ConfirmedNatively, NotConfirmed
from smt_models.buffers.model import BufferModel
from smt_models.buffers.widening import widened_model
from smt_models.static_pools.subject import Subject

SEARCH_SECONDS = 30.0
_LIBRARY = {
    PoolKind.INDEX_IN_BOUNDS: re.compile(r"index out of bounds|unsafe precondition.*(get_unchecked|index)"),
    PoolKind.RANGE_IN_BOUNDS: re.compile(r"unsafe precondition"),
    PoolKind.ALIGNED: re.compile(r"unsafe precondition.*align"),
    PoolKind.EXHAUSTION_TRAPS: re.compile(r"unsafe precondition.*null|null pointer dereference"),
}
"""What the library says where an obligation is broken, beside the faults that the program's allocator sees."""
_SEEN_AS = {PoolKind.EXTENT: (PoolKind.EXTENT, PoolKind.RANGE_IN_BOUNDS)}
"""What the allocator sees where elements are lent that are not all of one block."""
_BY_MEMORY = frozenset({PoolKind.RANGE_IN_BOUNDS, PoolKind.EXTENT, PoolKind.EXHAUSTION_TRAPS})
"""What is broken by using memory that is not there: behind each block is a guard."""


def widened(session: Session, model: BufferModel, route: Route) -> tuple[BufferModel, Route] | NotConfirmed:
    """The same steps with words of 64 bits, and numbers for them. `model`: the one that the route is through."""
    number = {step: place for place, step in enumerate(dict.fromkeys(one.step for one in route.calls))}
    try:
        wide = widened_model(model.only(tuple(model.paths[one] for one in number)))
        found = search(session, wide, (route.kind,), len(route.calls), SEARCH_SECONDS)
    except LookupError as error:
        return NotConfirmed(f"no words of {WORD} bits: {error.args[0]}", final=True)
    except NoAnswer as error:
        return NotConfirmed(f"no numbers of {WORD} bits: {error}")
    if found is None:
        return NotConfirmed(f"these steps break nothing where words have {WORD} bits, as those of this machine", True)
    return wide, found


def replay(
    subject: Subject, wide: BufferModel, route: Route, kind: PoolKind, crate: Buildable, cache: Path
) -> ConfirmedNatively | NotConfirmed:
    """Whether the crate, called so, breaks the obligation, and in the last call."""
    try:
        text = program_text(subject, wide, route)
    except NotWritable as error:
        return NotConfirmed(f"a call that cannot be written from outside the crate: {error}", final=True)
    said = said_by(text, crate, cache)
    if isinstance(said, NotConfirmed):
        return said
    calls = calls_of(wide, route)
    where = wide.paths[route.calls[-1].step].where.source
    return _judged(said, kind, len(calls), where)


def _judged(said: Said, kind: PoolKind, count: int, where: str) -> ConfirmedNatively | NotConfirmed:
    if said.status is None:
        return NotConfirmed("the program had no end")
    if said.went_through:
        return NotConfirmed("the crate went through all calls, and nothing that it does shows the fault", final=True)
    seen = _seen(said, kind)
    if seen is None or said.reached != count:
        return NotConfirmed(f"the program ended in call {said.reached} of {count}: {said.last}")
    return ConfirmedNatively(f"call {count} of {count} ends the program: {seen} ({where})")


def _seen(said: Said, kind: PoolKind) -> str | None:
    fault = next((line for line in said.lines if line.startswith("fault: ")), None)
    if fault is not None:
        return fault if any(fault.startswith(f"fault: {one.value}: ") for one in _SEEN_AS.get(kind, (kind,))) else None
    pattern = _LIBRARY.get(kind)
    library = None if pattern is None else next((line for line in said.lines if pattern.search(line)), None)
    if library is not None:
        return library
    died = said.status is not None and said.status in (-signal.SIGSEGV, -signal.SIGBUS)
    return "memory is used that is not there" if died and kind in _BY_MEMORY else None

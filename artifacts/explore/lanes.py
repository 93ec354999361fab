"""Which lane of a trace something belongs to. The words of the state are those of docs/host-model.md and of the
runtime's model (`smt_models/runtime/roots.py`); a word that neither knows is the operation's, whose fields they are.
"""

from __future__ import annotations

from artifacts.explore.model import Lane
from proofs.pool_steps import CELL

_WORDS: dict[str, Lane] = {
    **dict.fromkeys(("held", "st", "pend", "pending", "syncw", "dropped", "room", "zero", "stray"), Lane.HOST),
    **dict.fromkeys(("length", "progress", "called", "state", "told", "delivered", "requested", "lends"), Lane.HOST),
    **dict.fromkeys(("opened", "pinned", "forgotten", "asked", "waiting", "panicked", "consumed"), Lane.CLIENT),
    **dict.fromkeys(("unfinished", "handle", "shared with the caller"), Lane.CLIENT),
    **dict.fromkeys(("registered", "registered with the other task", "current task", "other task"), Lane.TASK),
    **dict.fromkeys(("lease", "lent", "parameters lent", "block of the caller"), Lane.MEMORY),
    "wset": Lane.WAITABLE_SET,
}
_BLOCK = "block of "
_EVENTS: dict[str, Lane] = {
    "block": Lane.MEMORY,
    "choice": Lane.CLIENT,
    "free": Lane.MEMORY,
    "host": Lane.HOST,
    "wait": Lane.HOST,
    "scalar-zero-alloc": Lane.MEMORY,
}
_SET = ("waitable.join", "waitable-set")


def lane_of_word(name: str) -> Lane:
    """Fields go with the word that holds them: `lent.Some.0` with `lent`."""
    if name.startswith((_BLOCK, CELL)):
        return Lane.MEMORY
    return _WORDS.get(name) or _WORDS.get(name.partition(".")[0]) or Lane.OPERATION


def lane_of_event(kind: str, text: str, actor: str, in_guest: bool) -> Lane:
    """`in_guest`: the event has a place in the program; choices made there are the runtime's surroundings'."""
    if kind == "host" and text.startswith(_SET):
        return Lane.WAITABLE_SET
    if kind == "choice" and in_guest:
        return Lane.MEMORY if text.partition(":")[0] in ("no memory", "size", "align") else Lane.OPERATION
    if kind in _EVENTS:
        return _EVENTS[kind]
    return Lane.HOST if actor == "host" and not in_guest else Lane.OPERATION


def lane_of_actor(actor: str) -> Lane:
    return {"client": Lane.CLIENT, "host": Lane.HOST}.get(actor, Lane.OPERATION)

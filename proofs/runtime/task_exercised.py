"""Whether what an obligation of the tasks is about happens at all."""

from __future__ import annotations

from proofs.kinds import RuntimeKind
from proofs.runtime.search import Search
from smt_models.runtime.edges import Edges
from smt_models.runtime.events import Told


class TaskExercised:
    """What the steps that a search found possible did."""

    def __init__(
        self, edges: Edges, search: Search, entries: tuple[str, ...], delivers: tuple[str, ...], silent: str | None
    ) -> None:
        """`entries`: the actions that start a task, each of which has to be taken: what one shows says nothing of the
        other. `delivers`: those in which events have come to operations. `silent`: what never happens on any path, and
        has to.
        """
        self._silent = silent
        self._entries = entries
        self._needed = ("register", "unregister", *delivers)
        taken = [edges.edges[at] for at in sorted(at for at in search.taken if at is not None)]
        self._actions = {one.action for one in taken}
        self._told = {event.call for one in taken for event in one.events if isinstance(event, Told)}

    def missing(self, kind: RuntimeKind) -> str | None:
        if self._silent is not None:
            return self._silent
        missing = [one for one in self._entries if one not in self._actions]
        if missing:
            return f"no task is started by `{missing[0]}`"
        match kind:
            case RuntimeKind.TASK_CONTRACT:
                missing = [one for one in self._needed if one not in self._actions]
                return f"the action `{missing[0]}` is not taken" if missing else None
            case RuntimeKind.SCALAR_ZERO_ALLOC:
                return None if "register" in self._actions else "the action `register` is not taken"
            case RuntimeKind.WAKER_UNREGISTERED:
                return None if "waitable.join to this set" in self._told else "nothing is registered"
            case RuntimeKind.SET_EMPTY:
                return None if "waitable-set.drop" in self._told else "no waitable set is dropped"
            case RuntimeKind.HOST_TRAP:
                return None if self._told else "no built-in is called"
            case _:
                return None

"""Whether what an obligation is about happens at all: a proof that nobody ever cancels twice says nothing if nobody can
cancel.
"""

from __future__ import annotations

from proofs.kinds import RuntimeKind
from proofs.runtime.search import Search
from smt_models.runtime.edges import Edges
from smt_models.runtime.events import Chosen, Noted, Told
from smt_models.runtime.explore import Explored
from smt_models.runtime.facts import Facts
from smt_models.runtime.task_table import SET_GONE
from smt_models.system.terms import FALSE, TRUE, either


class Exercised:
    """What the steps that a search found possible did, and what held in these states."""

    def __init__(self, explored: Explored, edges: Edges, search: Search) -> None:
        self._subject = explored.actions.subject
        taken = {at for at in search.taken if at is not None}
        self._actions = {edges.edges[at].action for at in taken}
        self._told: set[str] = set()
        self._noted: set[tuple[str, str]] = set()
        for at in sorted(taken):
            for event in edges.edges[at].events:
                match event:
                    case Told(call):
                        self._told.add(call)
                    case Noted(kind, text):
                        self._noted.add((kind, text))
                    case Chosen():
                        pass
        names = [one.name for one in edges.variables]
        lease = either(*self._subject.host.leases.values())
        self._states = [dict(zip(names, node.words, strict=True)) for node in search.nodes]
        self._lent = any(Facts().simplify(lease, words) != FALSE for words in self._states)
        self._forgotten_lent = any(
            Facts().simplify(lease, words) != FALSE and words["forgotten"] == TRUE for words in self._states
        )

    def missing(self, kind: RuntimeKind) -> str | None:
        """What never happens and would have to, for the obligation to say something; None if nothing is missing."""
        calls = self._subject.host.calls
        match kind:
            case RuntimeKind.MEMORY | RuntimeKind.ADDRESS_STABILITY | RuntimeKind.CANCEL_BEFORE_FREE:
                return self._unless(self._lent, "nothing is lent")
            case RuntimeKind.CANCEL_ON_DROP:
                return self._unless(self._lent and "drop" in self._actions, "no operation in flight is dropped")
            case RuntimeKind.UNREGISTER_BEFORE_CANCEL | RuntimeKind.CANCEL_ONCE | RuntimeKind.CANCEL_IS_FINAL:
                return self._unless(calls.cancel in self._told, f"{calls.cancel} is not called")
            case RuntimeKind.BLOCKING_CANCEL:
                blocks = any(kind == "wait" and text.startswith(calls.cancel) for kind, text in self._noted)
                return self._unless(blocks, f"{calls.cancel} does not block")
            case RuntimeKind.COPY_WHEN_IDLE | RuntimeKind.SCALAR_ZERO_ALLOC | RuntimeKind.EXTENT:
                return self._unless(calls.start in self._told, f"{calls.start} is not called")
            case RuntimeKind.END_DROPPED_IDLE:
                return self._unless(calls.drop in self._told, f"{calls.drop} is not called")
            case RuntimeKind.CODE_MATCHES_LEASE | RuntimeKind.COMPLETION_RACE | RuntimeKind.PARTIAL_WRITE:
                heard = any(word["asked"] == TRUE and word["waiting"] == FALSE for word in self._states)
                return self._unless(heard, "no code of the host is applied")
            case RuntimeKind.WAKER_UNREGISTERED:
                return self._unless("waitable.join" in self._told, "nothing is registered")
            case RuntimeKind.CROSS_TASK:
                switched = "switch task" in self._actions and "waitable.join" in self._told
                return self._unless(switched, "no operation goes from task to task")
            case RuntimeKind.LEAK_SAFE:
                return self._unless(self._forgotten_lent, "no operation is forgotten while its buffer is lent")
            case RuntimeKind.SUBTASK_AREAS:
                subtask = self._subject.operation.kind is None and calls.start in self._told
                return self._unless(subtask, "no import is called asynchronously")
            case RuntimeKind.PANIC_IN_CALLBACK:
                panicked = any(words["panicked"] == TRUE for words in self._states)
                return self._unless(panicked, "no user code unwinds")
            case RuntimeKind.HOST_TRAP:
                return self._unless(bool(self._told), "no built-in is called")
            case RuntimeKind.SET_EMPTY:
                return self._unless(SET_GONE in self._noted, "no waitable set is dropped")
            case RuntimeKind.TASK_CONTRACT:
                return "the tasks are a contract here"

    @staticmethod
    def _unless(holds: bool, missing: str) -> str | None:
        return None if holds else missing

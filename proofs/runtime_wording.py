"""The sentences about runtimes in certificates, as docs/certificate.md pins them; the checker knows them by heart."""

from __future__ import annotations

from proofs.kinds import RuntimeKind
from proofs.verdicts import Assumption

CLAIMS = {
    RuntimeKind.MEMORY: "the guest touches only places that live and are initialised",
    RuntimeKind.EXTENT: "lent bytes lie inside one live allocation and are aligned, and their size does not wrap",
    RuntimeKind.ADDRESS_STABILITY: "at every host point the address lent holds the live payload of the operation",
    RuntimeKind.CANCEL_BEFORE_FREE: (
        "while a lease is open its storage is not freed, moved, returned, grown or mutated"
    ),
    RuntimeKind.CANCEL_ON_DROP: "dropping an operation in flight returns from cancel before its fields are dropped",
    RuntimeKind.UNREGISTER_BEFORE_CANCEL: "a synchronous cancel runs only when the end is in no waitable set",
    RuntimeKind.CANCEL_IS_FINAL: (
        "the answer to a cancel closes the lease, and anything else is rejected without freeing"
    ),
    RuntimeKind.COMPLETION_RACE: (
        "a code stored before the drop is honoured, and an event that cancel returns is applied once, whole"
    ),
    RuntimeKind.CANCEL_ONCE: "a second cancel never reaches the host",
    RuntimeKind.CODE_MATCHES_LEASE: "a code is applied to the lease that it belongs to",
    RuntimeKind.WAKER_UNREGISTERED: "no entry of the task's callbacks outlives the completion slot that it points at",
    RuntimeKind.CROSS_TASK: "an operation moved to another task leaves the old task before it registers with the new",
    RuntimeKind.SET_EMPTY: "a waitable set is dropped only when empty",
    RuntimeKind.LEAK_SAFE: "forgetting an operation frees nothing and leaves the end unusable, not aliased",
    RuntimeKind.PARTIAL_WRITE: (
        "the cursor only grows, each element is given away once, and a resumed pointer is base + cursor * size"
    ),
    RuntimeKind.PANIC_IN_CALLBACK: "user code that unwinds causes no second deallocation and frees nothing lent",
    RuntimeKind.SUBTASK_AREAS: (
        "parameters are freed only once started, results only once resolved, own handles kept if never started"
    ),
    RuntimeKind.COPY_WHEN_IDLE: "a copy is started only on an end that is idle",
    RuntimeKind.END_DROPPED_IDLE: "an end is dropped only when not copying, and a future's writer only when done",
    RuntimeKind.BLOCKING_CANCEL: "the runtime is consistent when other guest code runs inside a blocking cancel",
    RuntimeKind.SCALAR_ZERO_ALLOC: "on the scalar single-item path nothing allocates, the first call included",
    RuntimeKind.HOST_TRAP: "no call of a built-in traps for any other reason",
    RuntimeKind.TASK_CONTRACT: (
        "a task registers, unregisters and delivers as the proofs of operations take it to, and never aborts them"
    ),
}
TASK_SIDE = "the task side"
HYPOTHESES = {
    "H1": "a synchronous subtask.cancel answers 2, 3 or 4",
    "H2": "a synchronous copy-cancel never answers BLOCKED",
    "H3": "the host touches guest memory only while a lease is open",
    "H4": "the host honours the traps of the canonical ABI",
    "H5": "the host says of no more elements than it was lent",
}
_ASSUMPTIONS = {
    "build": "the subject was built so: {about}",
    "contract": "{about} was not executed: the model says what it does",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "interface": "operations use their task as {about} asks",
    "library": "the library function {about} does what the evidence says, and is called as its documentation asks",
    "model": "the model is what the MIR of the subject means: it was extracted, and no checker derives it anew",
}


def claim(kind: RuntimeKind) -> str:
    """The sentence that a proof proves."""
    return CLAIMS[kind]


def instance(implementor: str, panic: str, peer: str) -> str:
    """Which implementor, under which panic strategy, with what behind the other end."""
    return f"{implementor}, panic {panic}, peer {peer}"


def task_instance(generation: int | None, panic: str) -> str:
    """Tasks have no other end. None: nobody said which generations of the C ABI of tasks there are."""
    return (
        f"{TASK_SIDE}, panic {panic}" if generation is None else f"{TASK_SIDE}, {task_abi(generation)}, panic {panic}"
    )


def task_abi(generation: int) -> str:
    """What those who use tasks keep to; 0: tasks are objects of the runtime, which are shared."""
    return f"C ABI v{generation}" if generation else "shared tasks"


def assumption(id: str, about: str = "") -> Assumption:
    """The assumption `id` about `about`. KeyError for an unknown id, or an unknown hypothesis."""
    if id == "hypothesis":
        return Assumption(id, about, HYPOTHESES[about])
    return Assumption(id, about, _ASSUMPTIONS[id].replace("{about}", about))

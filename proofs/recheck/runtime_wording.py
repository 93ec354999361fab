"""What certificates about runtimes say, known by heart: docs/certificate.md, "Runtimes"."""

from __future__ import annotations

import re

CLAIMS = {
    "memory": "the guest touches only places that live and are initialised",
    "extent": "lent bytes lie inside one live allocation and are aligned, and their size does not wrap",
    "address-stability": "at every host point the address lent holds the live payload of the operation",
    "cancel-before-free": "while a lease is open its storage is not freed, moved, returned, grown or mutated",
    "cancel-on-drop": "dropping an operation in flight returns from cancel before its fields are dropped",
    "unregister-before-cancel": "a synchronous cancel runs only when the end is in no waitable set",
    "cancel-is-final": "the answer to a cancel closes the lease, and anything else is rejected without freeing",
    "completion-race": "a code stored before the drop is honoured, and an event that cancel returns is applied once, "
    "whole",
    "cancel-once": "a second cancel never reaches the host",
    "code-matches-lease": "a code is applied to the lease that it belongs to",
    "waker-unregistered": "no entry of the task's callbacks outlives the completion slot that it points at",
    "cross-task": "an operation moved to another task leaves the old task before it registers with the new",
    "set-empty": "a waitable set is dropped only when empty",
    "leak-safe": "forgetting an operation frees nothing and leaves the end unusable, not aliased",
    "partial-write": "the cursor only grows, each element is given away once, and a resumed pointer is "
    "base + cursor * size",
    "panic-in-callback": "user code that unwinds causes no second deallocation and frees nothing lent",
    "subtask-areas": "parameters are freed only once started, results only once resolved, own handles kept if never "
    "started",
    "copy-when-idle": "a copy is started only on an end that is idle",
    "end-dropped-idle": "an end is dropped only when not copying, and a future's writer only when done",
    "blocking-cancel": "the runtime is consistent when other guest code runs inside a blocking cancel",
    "scalar-zero-alloc": "on the scalar single-item path nothing allocates, the first call included",
    "host-trap": "no call of a built-in traps for any other reason",
    "task-contract": "a task registers, unregisters and delivers as the proofs of operations take it to, and never "
    "aborts them",
}
ALWAYS_EXCLUDED = ("outside the shapes explored", "something not modelled")
"""Else a step might be missing, and the model say nothing of the subject."""
HYPOTHESES = {
    "H1": "a synchronous subtask.cancel answers 2, 3 or 4",
    "H2": "a synchronous copy-cancel never answers BLOCKED",
    "H3": "the host touches guest memory only while a lease is open",
    "H4": "the host honours the traps of the canonical ABI",
    "H5": "the host says of no more elements than it was lent",
}
ASSUMPTIONS = {
    "build": "the subject was built so: {about}",
    "contract": "{about} was not executed: the model says what it does",
    "earlier-fault": "a run ends where it violates {about}: what would come after is not looked at",
    "interface": "operations use their task as {about} asks",
    "library": "the library function {about} does what the evidence says, and is called as its documentation asks",
    "model": "the model is what the MIR of the subject means: it was extracted, and no checker derives it anew",
}
NOT_FOLLOWED = "extent: not modelled"
"""A condition of a model, and no obligation: a lend of which it is not known how long it may be."""
PANICS = ("abort", "unwind")
INSTANCE = re.compile(r"[^\x00-\x1f\x7f]+, panic (abort|unwind), peer (wasm|same instance|host)")
TASK_INSTANCE = re.compile(r"the task side, (C ABI v[1-9][0-9]*|shared tasks), panic (abort|unwind)")
OF_TASKS = ("memory", "task-contract", "waker-unregistered", "set-empty", "host-trap", "scalar-zero-alloc")
ONLY_OF_TASKS = ("task-contract",)


def assumption_text(identity: str, about: str) -> str | None:
    """None for what no certificate about a runtime assumes."""
    if identity == "hypothesis":
        return HYPOTHESES.get(about)
    if identity not in ASSUMPTIONS or (about == "") != (identity == "model"):
        return None
    if identity == "earlier-fault" and about not in (*CLAIMS, NOT_FOLLOWED):
        return None
    return ASSUMPTIONS[identity].replace("{about}", about)

"""One operation, explored once, and a verdict for each obligation that is asked for.

A step that is missing from the model would make every proof worthless. So what must be shown first, for all of them,
is that nothing that is not modelled and no state outside the shapes explored is ever reached. A fault ends its run: a
proof beside a refutation says "not before that one", and lists it.

The host is taken at first without the hypotheses H1 and H2; what is not proved then is tried again with them. It is
explored without them alone: under them some of that is left out.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from extract.mir.compile import Panic
from proofs.kinds import RuntimeKind
from proofs.recheck.solver_process import Session
from proofs.runtime.case import Case
from proofs.runtime.controls import controls
from proofs.runtime.counts import says_of_more_than_lent
from proofs.runtime.engine import Budget
from proofs.runtime.line_process import NoAnswer
from proofs.runtime.modelled import modelled_operation
from proofs.runtime.near import Near, PartSoFar, explored_or_refuted, refuted_within
from proofs.runtime.trace import Made
from proofs.runtime_verdicts import Control, Invariant
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous, Verdict, Violation
from smt_models.host.variants import Hypotheses, Kind, Peer, Variant, without_cancels
from smt_models.runtime.edges import Edges, edges_of
from smt_models.runtime.emit import NOT_MODELLED, OBLIGATIONS, PANIC_IN_CALLBACK
from smt_models.runtime.explore import Explored, NoFixpoint, explore, stages
from smt_models.runtime.followed import NO_PARTIAL_WRITE, PARTIAL_WRITE
from smt_models.runtime.held import explore_held, under_hypotheses
from smt_models.runtime.operation import Subject
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.profile import Operation, Profile
from smt_models.runtime.program import Program

NO_CONDITION = "the model has no condition for it yet"
NOT_NAMED = "whose an element of a buffer is, is not followed: the profile does not say which cursors divide it"
ONLY_WITHOUT_H5 = "it is violated with a host that says of more elements than it was lent, and with another"
_LOOK_SECONDS = 0.05
"""What a process has spent is asked no more often: each time it is a call of the system."""
NEAR = 3
"""Steps: open, make, poll."""
NEAR_OF_VECS = 4
"""Before, the other end writes what is read. Where a runtime has buffers of its own everything is looked at as soon."""
NEAR_WHERE_UNKNOWN = 4
"""One more, such as a cancel of what was polled. It takes about as long as the proof: so only where that has failed."""
TURNS = 2
"""Of a loop, near the start. Elsewhere the cursors say what a loop has done; one that leaves them wrong half-way would
only be Unknown."""
ALL = Hypotheses()
FEW = without_cancels(ALL)


@dataclass(frozen=True, slots=True)
class Judged:
    kind: RuntimeKind
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class Spending:
    """`explore`: for the paths of one operation; `prove`: for each search and query. `keep`: a directory for queries
    that were not decided. `controls`: seconds for negative controls, of all steps of a part together; 0: none.
    `session`: of the checker, for all that is asked of one part; None: one for each invariant.
    """

    explore: Budget
    prove: Budget
    keep: Path | None = None
    controls: int = 0
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class OperationUnderProof:
    """`build`: what the making of the MIR took for granted, a sentence each."""

    program: Program
    profile: Profile
    operation: Operation
    peer: Peer
    panic: Panic
    build: tuple[str, ...] = ()


def judge(asked: OperationUnderProof, kinds: tuple[RuntimeKind, ...], spending: Spending) -> tuple[Judged, ...]:
    """In the order of `kinds`."""
    if not any(kind.value in (*OBLIGATIONS, PANIC_IN_CALLBACK, PARTIAL_WRITE) for kind in kinds):
        return tuple(Judged(kind, Unknown(NO_CONDITION, final=True), 0.0) for kind in kinds)
    of_elements = tuple(kind for kind in kinds if is_of_elements(kind, asked))
    others = tuple(kind for kind in kinds if kind not in of_elements)
    found = _with_hypotheses(asked, others, spending) if others else {}
    found |= _of_elements(asked, of_elements, spending) if of_elements else {}
    return tuple(unless_of_elements(asked, found[kind]) for kind in kinds)


def is_of_elements(kind: RuntimeKind, asked: OperationUnderProof) -> bool:
    """Whether it is decided by the model in which one element is followed: the other is smaller."""
    match kind:
        case RuntimeKind.PARTIAL_WRITE:
            return True
        case RuntimeKind.PANIC_IN_CALLBACK:
            return asked.panic is Panic.UNWIND and asked.operation.kind is Kind.STREAM and asked.operation.says_whose
        case _:
            return False


def _with_hypotheses(
    asked: OperationUnderProof,
    kinds: tuple[RuntimeKind, ...],
    spending: Spending,
    follows: bool = False,
    counts: bool = False,
) -> dict[RuntimeKind, Judged]:
    """Only where they are needed. What is decided beside what is not refuted is decided on all of the model: a run that
    is recorded then has the words that a proof beside it has.
    """
    every = replace(ALL, h5_unchecked=counts)
    few = without_cancels(every)
    subject = subject_of(asked, asked.program, few, follows)
    found, doubtful, explored = _judged(asked, kinds, few, spending, subject, None)
    if doubtful:
        found |= _judged(asked, doubtful, every, spending, subject, explored)[0]
    if not follows:
        return found
    made = Made(counts_kept=counts)
    return {kind: replace(one, verdict=_run_of(made, one.verdict)) for kind, one in found.items()}


def _of_elements(
    asked: OperationUnderProof, kinds: tuple[RuntimeKind, ...], spending: Spending
) -> dict[RuntimeKind, Judged]:
    if asked.operation.kind is not Kind.STREAM:
        return {kind: Judged(kind, Vacuous("several elements are not copied"), 0.0) for kind in kinds}
    if not asked.operation.says_whose:
        return {kind: Judged(kind, Unknown(NOT_NAMED, final=True), 0.0) for kind in kinds}
    steps = NEAR if asked.operation.lifted_from is None else NEAR_OF_VECS
    found = _near_the_start(asked, kinds, spending, steps, ALL)
    rest = tuple(kind for kind in kinds if kind not in found)
    found |= _with_hypotheses(asked, rest, replace(spending, controls=0), follows=True) if rest else {}
    open_ = tuple(kind for kind in rest if steps < NEAR_WHERE_UNKNOWN and _is_not_modelled(found[kind]))
    found |= _with_counts_kept(asked, found, open_, spending)
    for kind, one in found.items():
        evidence = one.verdict.evidence if isinstance(one.verdict, Proved) else None
        if isinstance(evidence, Invariant) and NO_PARTIAL_WRITE not in evidence.excluded:
            unknown = Unknown("it may be that which elements are whose was not followed")
            found[kind] = replace(one, verdict=unknown)
    return found


def _with_counts_kept(
    asked: OperationUnderProof, before: dict[RuntimeKind, Judged], unknown: tuple[RuntimeKind, ...], spending: Spending
) -> dict[RuntimeKind, Judged]:
    """What a host alone shows that says of more than it was lent is no refutation: that host breaks the rules. What a
    host that keeps H5 does not show, and what is `unknown`, is asked for again with one that does, which proofs name.
    """
    doubtful = tuple(kind for kind, one in before.items() if _breaks_h5(asked, one.verdict))
    kinds = (*unknown, *doubtful)
    if not kinds:
        return {}
    found = _near_the_start(asked, kinds, spending, NEAR_WHERE_UNKNOWN, replace(ALL, h5_unchecked=True))
    rest = tuple(kind for kind in kinds if kind not in found)
    found |= _with_hypotheses(asked, rest, replace(spending, controls=0), follows=True, counts=True) if rest else {}
    for kind in doubtful:
        if isinstance(verdict := found[kind].verdict, Unknown):
            found[kind] = replace(found[kind], verdict=replace(verdict, reason=f"{ONLY_WITHOUT_H5}: {verdict.reason}"))
    return {kind: one for kind, one in found.items() if kind in doubtful or isinstance(one.verdict, Proved | Refuted)}


def _breaks_h5(asked: OperationUnderProof, verdict: Verdict) -> bool:
    kind, end = asked.operation.kind, asked.operation.end
    match verdict:
        case Refuted(Violation(trace)) if kind is not None and end is not None:
            return says_of_more_than_lent(trace, Variant(end, kind, asked.peer))
        case _:
            return False


def _is_not_modelled(found: Judged) -> bool:
    """Unknown whatever is spent: where cursors do not say what a loop has done, the loop itself may be gone through."""
    return isinstance(found.verdict, Unknown) and found.verdict.final


def _near_the_start(
    asked: OperationUnderProof, kinds: tuple[RuntimeKind, ...], spending: Spending, steps: int, hypotheses: Hypotheses
) -> dict[RuntimeKind, Judged]:
    """What is refuted within a few steps: it takes far less than to look at everything. Under all hypotheses, as what
    their lack alone refutes is tried again with them.
    """
    started = time.monotonic()
    subject = subject_of(asked, asked.program, hypotheses, follows=True, most_turns=TURNS)
    try:
        explored = explore(subject, spend(spending.explore), rounds=steps)
        found = refuted_within(explored, kinds, steps, spending.prove)
    except (NoFixpoint, NotModelled, NoAnswer):
        return {}  # looking at everything says why
    seconds = (time.monotonic() - started) / max(1, len(found))
    made = Made(TURNS, steps, hypotheses.h5_unchecked)
    return {kind: Judged(kind, _run_of(made, verdict), seconds) for kind, verdict in found.items()}


def _run_of(made: Made, verdict: Verdict) -> Verdict:
    """With how the model was made that the run of a refutation is one of."""
    match verdict:
        case Refuted(Violation(trace) as violation):
            return Refuted(replace(violation, trace=replace(trace, made=made)))
        case _:
            return verdict


def unless_of_elements(asked: OperationUnderProof, found: Judged) -> Judged:
    """An element of a stream's buffer that user code leaves half-way must not be freed again: without following it,
    what unwinds can be refuted and not proved.
    """
    is_panic = found.kind is RuntimeKind.PANIC_IN_CALLBACK and asked.operation.kind is Kind.STREAM
    if is_panic and isinstance(found.verdict, Proved) and not asked.operation.says_whose:
        return replace(found, verdict=Unknown(NOT_NAMED, final=True))
    return found


def _judged(
    asked: OperationUnderProof,
    kinds: tuple[RuntimeKind, ...],
    hypotheses: Hypotheses,
    spending: Spending,
    subject: Subject,
    before: Explored | None,
) -> tuple[dict[RuntimeKind, Judged], tuple[RuntimeKind, ...], Explored | None]:
    """And those that are not proved because of what a host may do that keeps neither H1 nor H2; of cancel-is-final that
    is the very point. And what was explored, if that is all. `subject`: without them, of which `before` was explored.
    """
    started = time.monotonic()
    held = hypotheses.h1 and hypotheses.h2
    try:
        whole = before or _explored(subject, kinds, spending, held)
    except (NoFixpoint, NotModelled) as error:
        why = f"{asked.operation.name} was not explored to its end: {error}"
        unknown = Unknown(why, final=isinstance(error, NotModelled))
        seconds = time.monotonic() - started
        return {kind: Judged(kind, unknown, seconds) for kind in kinds}, (), None
    if not isinstance(whole, Explored):
        each = (time.monotonic() - started) / len(kinds)
        near = {kind: Judged(kind, verdict, each) for kind, (verdict, _) in whole.items()}
        doubted = (kind for kind, (_, breaks_a_hypothesis) in whole.items() if breaks_a_hypothesis)
        return near, tuple(kind for kind in doubted if kind is not RuntimeKind.CANCEL_IS_FINAL), None
    explored = under_hypotheses(whole) if held else whole
    named = _named(hypotheses, explored.actions.subject)
    modelled = modelled_operation(explored, spending.prove)
    case = Case(modelled, named, spending.prove, asked.build, spending.keep, spending.session, kinds)
    found: dict[RuntimeKind, Judged] = {}
    for kind in kinds:
        verdict = case.verdict(kind) if kind.value in case.conditions else Unknown(NO_CONDITION, final=True)
        found[kind] = Judged(kind, verdict, time.monotonic() - started)
        started = time.monotonic()
    cancel = explored.actions.subject.host.calls.cancel
    doubtful = [one for one in kinds if one is not RuntimeKind.CANCEL_IS_FINAL and case.fails_by_the_host(one, cancel)]
    without_numbers = (name for name in OBLIGATIONS if name not in NOT_MODELLED)
    unbroken = tuple(name for name in without_numbers if name not in case.reached)

    def again(program: Program, look: Callable[[], None]) -> Edges:
        changed = subject_of(asked, program, without_cancels(hypotheses), subject.following is not None)
        return edges_of(explore_held(changed, held, look))

    tried = controls(explored, again, unbroken, Budget(spending.controls, spending.explore.megabytes), spend)
    return (with_controls(found, tried) if spending.controls else found), tuple(doubtful), whole


def _explored(subject: Subject, kinds: tuple[RuntimeKind, ...], spending: Spending, held: bool) -> Explored | Near:
    """To its end, or as far as all that is asked for is refuted, if `held` under H1 and H2. Where elements are followed
    there is more to explore, and the first steps were looked at before.
    """
    look = spend(spending.explore)
    if subject.following is not None:
        return explore(subject, look)
    budget = spending.prove

    def part(explored: Explored) -> PartSoFar:
        return PartSoFar.of_operation(under_hypotheses(explored) if held else explored, budget)

    return explored_or_refuted(stages(subject, look), part, kinds, budget)


def subject_of(
    asked: OperationUnderProof,
    program: Program,
    hypotheses: Hypotheses,
    follows: bool,
    most_turns: int | None = None,
) -> Subject:
    profile, operation = asked.profile, asked.operation
    return Subject(
        program, profile, operation, asked.peer, asked.panic, hypotheses, follows=follows, most_turns=most_turns
    )


def with_controls(found: dict[RuntimeKind, Judged], trial: Iterable[Control]) -> dict[RuntimeKind, Judged]:
    """With negative controls in the evidence of every proof; not tried if there is none."""
    proofs = {kind: one.verdict for kind, one in found.items() if isinstance(one.verdict, Proved)}
    tried = tuple(trial) if proofs else ()
    more = dict(found)
    for kind, proof in proofs.items():
        assert isinstance(proof.evidence, Invariant)
        evidence = replace(proof.evidence, controls=tried)
        more[kind] = replace(found[kind], verdict=replace(proof, evidence=evidence))
    return more


def spend(budget: Budget) -> Callable[[], None]:
    """Raises NoFixpoint once the budget is spent: of this process, so that a busy machine changes no verdict."""
    end = time.process_time() + budget.seconds
    again = time.monotonic()

    def look() -> None:
        nonlocal again
        if time.monotonic() < again:
            return
        again = time.monotonic() + _LOOK_SECONDS
        if time.process_time() > end:
            raise NoFixpoint(f"more than {budget.seconds} s")
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > budget.megabytes * 1024:
            raise NoFixpoint(f"more than {budget.megabytes} MB")

    return look


def _named(hypotheses: Hypotheses, subject: Subject) -> tuple[str, ...]:
    """H1 is of subtasks, H2 of streams and futures; H5 of what is read."""
    own = "H1" if subject.operation.kind is None else "H2"
    following = subject.following
    counts = ("H5",) if following is not None and following.counts_are_kept else ()
    return (*((own,) if hypotheses.h1 and hypotheses.h2 else ()), "H3", "H4", *counts)

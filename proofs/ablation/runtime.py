"""Assumptions of proofs about runtimes: the model is made again without one, and decided as the proof was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from proofs.ablation.answers import NOT_AT_HAND, Answer, Listed, NotAsked, NotKnown, RestsOn, StillProved, answer_of
from proofs.ablation.left import Clock
from proofs.kinds import RuntimeKind
from proofs.runtime.again import OF_CANCEL
from proofs.runtime.case import Case
from proofs.runtime.engine import Budget
from proofs.runtime.judge import ALL, FEW, OperationUnderProof, Spending, spend, subject_of
from proofs.runtime.modelled import Modelled, modelled_operation, modelled_task
from proofs.runtime.models import PartUnderProof
from proofs.runtime.task_side import subject_of as task_subject_of
from proofs.verdicts import Bounded, Proved, Refuted, Unknown, Vacuous, Verdict
from smt_models.host.variants import Hypotheses
from smt_models.runtime.explore import NoFixpoint, explore
from smt_models.runtime.machine import Machine
from smt_models.runtime.outcomes import NotModelled
from smt_models.runtime.task_explore import explore_task

_OUTSIDE = {
    "build": "it says how the subject came about, and is no part of the model",
    "interface": "it says for whom the proof is, and is no part of the model",
    "model": "without it there is no model that anything could be taken out of",
}
_OF_NO_STEP = {
    "H3": "no step of the model is a host's that touches memory, so that there is none to let it touch more",
    "H4": "no step of the model goes on after a trap, so that there is none to let in",
}


class OfRuntime:
    """One part of a runtime under the hypotheses of its proofs. `follows`: with one element followed. Keeps what it
    decided: the proofs of one part rest on much the same. `asked` None: the program is not at hand.
    """

    def __init__(
        self,
        asked: PartUnderProof | None,
        hypotheses: tuple[str, ...],
        follows: bool,
        spending: Spending,
        clock: Clock,
    ) -> None:
        self._asked = asked
        self._hypotheses = hypotheses
        self._follows = follows
        self._spending = spending
        self._clock = clock
        self._cases: dict[tuple[str, str], Case | RestsOn | NotKnown] = {}

    def without(self, identity: str, about: str, kind: RuntimeKind, listed: Listed) -> Answer:
        if identity in _OUTSIDE:
            return NotAsked(_OUTSIDE[identity])
        if identity == "hypothesis" and about in _OF_NO_STEP:
            return NotAsked(_OF_NO_STEP[about])
        if self._asked is None:
            return NotKnown(NOT_AT_HAND)
        if (identity, about) not in self._cases:
            self._cases[identity, about] = self._clock.spent or self._case(self._asked, identity, about)
        case = self._cases[identity, about]
        if not isinstance(case, Case):
            return case
        if identity == "earlier-fault":
            return _earlier(case.verdict(RuntimeKind(about)), about) if about in case.conditions else _no_word(about)
        return answer_of(case.verdict(kind), listed)

    def _case(self, asked: PartUnderProof, identity: str, about: str) -> Case | RestsOn | NotKnown:
        without = about if identity == "hypothesis" else None
        held = bool(OF_CANCEL & set(self._hypotheses)) and without not in OF_CANCEL
        counts = "H5" in self._hypotheses and without != "H5"
        hypotheses = replace(ALL if held else FEW, h5=counts, h5_unchecked=counts)
        gone = about if identity in ("library", "contract") else None
        left = max(1, self._clock.left)
        explored = replace(self._spending.explore, seconds=min(left, self._spending.explore.seconds))
        budget = replace(self._spending.prove, seconds=min(left, self._spending.prove.seconds))
        try:
            modelled = _modelled(asked, hypotheses, self._follows, gone, explored, budget)
        except LookupError:
            return NotKnown(f"the model has no function {about} that could be taken out of it")
        except NotModelled as error:
            return RestsOn(f"without it there is no model: {error}")
        except NoFixpoint as error:
            return NotKnown(f"without it the model was not made to its end: {error}")
        names = tuple(one for one in self._hypotheses if one != without and (held or one not in OF_CANCEL))
        return Case(modelled, names, budget, asked.build, None, self._spending.session)


def _modelled(
    asked: PartUnderProof, hypotheses: Hypotheses, follows: bool, gone: str | None, explored: Budget, budget: Budget
) -> Modelled:
    """Raises NoFixpoint, NotModelled, LookupError."""
    look: Callable[[], None] = spend(explored)
    if isinstance(asked, OperationUnderProof):
        subject = subject_of(asked, asked.program, hypotheses, follows)
        _take_out(subject.machine, gone)
        return modelled_operation(explore(subject, look), budget)
    task = task_subject_of(asked)
    _take_out(task.machine, gone)
    return modelled_task(explore_task(task, look))


def _take_out(machine: Machine, name: str | None) -> None:
    """The program's own body is run then, if it has one; else a call of it is not modelled. What is known of a method
    of a trait, whatever the type, goes for all types. Raises LookupError.
    """
    if name is None:
        return
    method = name.rpartition(" as ")[2]
    if name not in machine.models and method not in machine.traits:
        raise LookupError(name)
    machine.models = {one: model for one, model in machine.models.items() if one != name}
    machine.traits = {one: model for one, model in machine.traits.items() if one != method}


def _earlier(verdict: Verdict, about: str) -> Answer:
    """A run that ends where it violates something else is no run against this obligation, and none for it."""
    match verdict:
        case Proved():
            return StillProved(f"no run violates {about}: that is proved, too")
        case Refuted():
            return RestsOn(f"a run violates {about}, and what would come after that is not in the model")
        case Unknown(reason) | Vacuous(reason) | Bounded(_, reason):
            return NotKnown(f"whether a run violates {about} is not known: {reason}")


def _no_word(about: str) -> NotKnown:
    return NotKnown(f"{about} is no obligation by itself")

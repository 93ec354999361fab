"""The host's built-ins within a path: the rows of the lease automaton, applied to the words of the state.

Words that no obligation here needs (counts, the peer's buffer) are forgotten: whenever a row reads one, it may have
any value. That makes more behaviours, never fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from smt_models.host.ends import DELIVERY, RETURN
from smt_models.host.lease import lease_open, lease_system
from smt_models.host.subtask import parameters_lent, results_lent, subtask_system
from smt_models.host.variants import Hypotheses, Variant, is_without
from smt_models.runtime.events import Told
from smt_models.runtime.facts import Facts
from smt_models.runtime.outcomes import Final, Fork, Violation
from smt_models.runtime.roots import LENT, PARAMETERS
from smt_models.runtime.rows import row_taken
from smt_models.runtime.state import State
from smt_models.system.model import Actor, Step, System
from smt_models.system.operators import Enum
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Literal,
    Term,
    Variable,
    either,
    equal,
    literal,
    negation,
    variables_of,
)

END_WORDS = ("held", "st", "pend", "lease", "wset", "syncw", "pending")
SUBTASK_WORDS = ("held", "called", "state", "told", "pend", "delivered", "requested", "wset", "syncw")
KEPT = Variable("H1 and H2 are kept", BOOLEAN)
"""Known to be false on a path once the host has taken a row that it would not have under them. It is no word of the
state, and nothing else speaks of it: so it is in no condition of a system. But of two paths that are alike one that
breaks them does not stand for one that keeps them.
"""
TRAPS = {
    "the end is not IDLE": "copy-when-idle",
    "synchronous while in a waitable set": "unregister-before-cancel",
    "the end is not COPYING, or a synchronous wait is under way": "cancel-once",
    "the end is copying": "end-dropped-idle",
    "the writer of a future is not DONE": "end-dropped-idle",
    "the resolution was delivered": "cancel-once",
    "cancellation was asked for already": "cancel-once",
    "the resolution was not delivered": "end-dropped-idle",
}


@dataclass(frozen=True, slots=True)
class Calls:
    """The host's names of the built-ins of a waitable: what starts it, asks to cancel it, and lets it go."""

    start: str
    cancel: str
    drop: str


def end_host(variant: Variant, hypotheses: Hypotheses) -> Host:
    """One end of a stream or future."""
    calls = Calls(variant.copy, variant.cancel, variant.drop)
    system = _kept_or_not(lambda given: lease_system(variant, given), hypotheses)
    return Host(system, END_WORDS, {LENT: lease_open()}, calls)


def subtask_host(hypotheses: Hypotheses, apart: bool) -> Host:
    """One asynchronous call of an import; parameters and results are in one block, or `apart`."""
    calls = Calls("asynchronous call", "subtask.cancel", "subtask.drop")
    together = {LENT: either(parameters_lent(), results_lent())}
    leases = {PARAMETERS: parameters_lent(), LENT: results_lent()} if apart else together
    return Host(_kept_or_not(subtask_system, hypotheses), SUBTASK_WORDS, leases, calls)


def _kept_or_not(system: Callable[[Hypotheses], System], hypotheses: Hypotheses) -> System:
    """Without H1 and H2 the host may keep them all the same: its rows are those that it has under them, and more."""
    kept = system(replace(hypotheses, h1=True, h2=True))
    more = (one for one in system(hypotheses).steps if is_without(one.name))
    return replace(kept, steps=(*kept.steps, *more))


class Host:
    """One waitable and what is behind it, as a transition system. `kept`: the words that a state carries. `leases`: by
    the root that names what is lent, while what it is.
    """

    def __init__(self, system: System, kept: tuple[str, ...], leases: Mapping[int, Term], calls: Calls) -> None:
        self.system = system
        self.leases = leases
        self.calls = calls
        self.kept = tuple(variable for variable in system.variables if variable.name in kept)
        meanwhile = [one for one in self.steps_between() if one.call not in (DELIVERY, RETURN)]
        self.changes = frozenset(name for step in meanwhile for name, _ in step.updates)
        self._becomes = {one.name: _becomes(one, meanwhile) for one in self.kept if isinstance(one.sort, Enum)}

    def initial(self) -> dict[str, Literal]:
        """The first value of each word that is kept."""
        facts = Facts()
        facts.assume(self.system.initial)
        return {one.name: facts.values[one.name] for one in self.kept}

    def is_lent(self, state: State, root: int) -> Term:
        """That the host may touch what the root names, as far as the guest can know."""
        return state.facts.simplify(self.leases[root], state.host)

    def steps_between(self) -> tuple[Step, ...]:
        """What the host does by itself, but for touching the buffer."""
        return tuple(one for one in self.system.steps if one.actor is Actor.HOST and one.call != "touch")

    def forgetful(self, term: Term) -> Term:
        """The term of a step between actions, with an input for each word that is forgotten."""
        forgotten: dict[str, Term] = {"heard": literal("NOTHING", self.system.variable("heard").sort)}
        for variable in self.system.variables:
            if variable not in self.kept and variable.name != "heard":
                forgotten[variable.name] = Variable(f"any {variable.name}", variable.sort)
        return Facts().simplify(term, forgotten)

    def perform(
        self, state: State, call: str, inputs: Mapping[str, Term], blocks: Callable[[State], None] | None = None
    ) -> tuple[str, Term]:
        """What the guest hears, and the number. Forks over the rows that apply; a trap is a violation, but not once
        the operation was forgotten: an end that can only trap is unusable, as it should be. `blocks` looks on when
        the built-in blocks.
        """
        while True:
            heard, code, step = self._row(state, call, inputs)
            if heard == "TRAP":
                why = step.name.partition(": traps: ")[2]
                if state.is_true(state.host["forgotten"]):
                    raise Final(f"{call} traps: {why}")
                raise Violation(TRAPS.get(why, "host-trap"), f"{call} traps: {why}")
            if heard != "WAITS":
                return heard, code
            if blocks is not None:
                blocks(state)
            self._others_run(state)
            state.note("wait", f"{call} blocks, the host takes any number of steps")
            call, inputs = RETURN, {}

    def _row(self, state: State, call: str, inputs: Mapping[str, Term]) -> tuple[str, Term, Step]:
        rows = [one for one in self.system.steps if one.call == call]
        values = self._values(state, rows, inputs)
        step = row_taken(state, call, rows, values)
        if is_without(step.name):
            state.assume(negation(KEPT))
        given = state.facts.given(values)
        for variable in self.kept:
            update = step.update(variable.name)
            if update is not None:
                state.host[variable.name] = given(update)
        heard = step.update("heard")
        code = step.update("code")
        told = Literal(0, self.system.variable("code").sort) if code is None else _settled(state, code, values)
        word = str(heard.value) if isinstance(heard, Literal) else "NOTHING"
        state.log(_told(state, step, word, told, inputs))
        return word, told, step

    def _values(self, state: State, rows: list[Step], inputs: Mapping[str, Term]) -> dict[str, Term]:
        values: dict[str, Term] = {"heard": literal("NOTHING", self.system.variable("heard").sort)}
        for variable in self.system.variables:
            if variable in self.kept:
                values[variable.name] = state.host[variable.name]
            elif variable.name != "heard":
                values[variable.name] = state.fresh(variable.name, variable.sort)
        for step in rows:
            for variable in step.inputs:
                if variable.name not in values:
                    given = inputs.get(variable.name)
                    values[variable.name] = given if given is not None else state.fresh(variable.name, variable.sort)
        return values

    def _others_run(self, state: State) -> None:
        """While a built-in blocks the host takes any number of steps: what these can change has any value after that
        some steps lead to, each word looked at by itself.
        """
        for variable in self.kept:
            if variable.name not in self.changes:
                continue
            old = state.facts.simplify(state.host[variable.name])
            steps = self._becomes.get(variable.name, {})
            if steps and not isinstance(old, Literal):
                raise Fork(*(equal(old, literal(one, old.sort)) for one in steps))
            new = state.fresh(variable.name, variable.sort)
            state.host[variable.name] = new
            never = [one for one in steps if isinstance(old, Literal) and one not in steps[str(old.value)]]
            if not all(state.assume(negation(new.is_(one))) for one in never):
                raise Final("no state that the host can come to")


def _becomes(variable: Variable, steps: list[Step]) -> dict[str, tuple[str, ...]]:
    """For each member of an enumeration those that any number of steps can lead to from it."""
    assert isinstance(variable.sort, Enum)
    next_: dict[str, set[str]] = {one: {one} for one in variable.sort.members}
    for step in steps:
        update = step.update(variable.name)
        if update is None:
            continue
        for one in variable.sort.members:
            known = {variable.name: literal(one, variable.sort)}
            if Facts().simplify(step.guard, known) != FALSE:
                after = Facts().simplify(update, known)
                next_[one] |= {str(after.value)} if isinstance(after, Literal) else set(variable.sort.members)
    for _ in variable.sort.members:
        next_ = {one: after.union(*(next_[two] for two in after)) for one, after in next_.items()}
    return {one: tuple(sorted(after)) for one, after in next_.items()}


def _told(state: State, step: Step, heard: str, code: Term, inputs: Mapping[str, Term]) -> Told:
    rule = step.name.removeprefix(f"{step.call}: ")
    number = code if heard in ("ANSWER", "EVENT") else None
    given = tuple((name, term) for name, term in inputs.items() if name not in DEFINITE)
    return Told(step.call, rule, step.citation, heard, number, given, state.where)


def _settled(state: State, code: Term, values: Mapping[str, Term]) -> Term:
    """The number with its result known; forks over what it may be."""
    told = state.facts.simplify(code, values)
    for variable in variables_of(told):
        if isinstance(variable.sort, Enum):
            raise Fork(*(variable.is_(member) for member in variable.sort.members))
    return told


DEFINITE: Mapping[str, Term] = {"may_leave": TRUE, "misaligned": FALSE, "out of bounds": FALSE}
"""What is taken for granted of a call: that it may be made, and (another obligation: extent) that the buffer fits."""

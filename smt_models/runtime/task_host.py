"""The host of one task: its waitable set, looked at for one waitable, by the rules of the counted set.

The set's rows [CABI] are applied with `members` and `ready` restricted to the watched waitable. That is enough for
claims about every waitable: which one is watched is arbitrary, and no row but `waitable-set.drop` looks at more than
one; it traps if there is a member, and if there is one then it is the watched one in some instance. An event of
another waitable comes by the same rows, and says nothing of the watched one.
"""

from __future__ import annotations

from collections.abc import Mapping

from smt_models.host.codes import CallbackCode, EventCode
from smt_models.host.variants import ALL, Hypotheses
from smt_models.host.waitable_set import CALLBACK, CANCELLABLE, COUNT, SET, WAS_READY, WHICH, waitable_set_system
from smt_models.runtime.events import Told
from smt_models.runtime.facts import fold
from smt_models.runtime.outcomes import NotModelled, Violation
from smt_models.runtime.rows import row_taken
from smt_models.runtime.state import State
from smt_models.system.model import Step
from smt_models.system.operators import BitVec
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    TRUE,
    Apply,
    Literal,
    Term,
    Variable,
    equal,
    literal,
    negation,
)

NUMBER = BitVec(32)
WORDS = ("held", "member", "elsewhere", "waiting", "cancel")
"""Truth values: the set is there; the watched waitable is in it, or in another set; the task waits; it is asked to
cancel and does not know yet."""
LEAVES = "waitable.join from this set, or drop of a member"
TRAPS = {"the set has members": "set-empty"}


class TaskHost:
    """`ready`: how many of the members that are looked at have an event queued."""

    def __init__(self, hypotheses: Hypotheses = ALL) -> None:
        self.system = waitable_set_system(hypotheses)

    def perform(
        self, state: State, call: str, inputs: Mapping[str, Term], members: int = 0, ready: int = 0
    ) -> tuple[str, Term]:
        """What the guest hears, and the code of an event. Forks over the rows; a trap is a violation."""
        rows = [one for one in self.system.steps if one.call == call]
        values = self._values(state, rows, inputs, members, ready)
        step = row_taken(state, call, rows, values)
        given = state.facts.given(values)
        for name in ("held", "cancel"):
            state.host[name] = given(step.update(name) or values[name])
        waiting = given(step.update("waiting") or values["waiting"])
        state.host["waiting"] = FALSE if waiting == literal(0, COUNT) else TRUE
        heard, code = step.update("heard"), step.update("code")
        assert isinstance(heard, Literal)
        assert code is not None
        told = given(code)
        rule = step.name.removeprefix(f"{call}: ")
        number = told if heard.value == "EVENT" else None
        state.log(Told(call, rule, step.citation, str(heard.value), number, tuple(inputs.items()), state.where))
        if heard.value == "TRAP":
            why = rule.removeprefix("traps: ")
            raise Violation(TRAPS.get(why, "host-trap"), f"{call} traps: {why}")
        event = fold("zero_extend", told, indices=(NUMBER.width - COUNT.width,))
        for excluded in (EventCode.NONE, EventCode.TASK_CANCELLED):  # the row says so; here it is said of the number
            which = {**values, WHICH.name: literal(int(excluded), COUNT)}
            if number is not None and state.facts.simplify(step.guard, which) == FALSE:
                state.assume(negation(equal(event, literal(int(excluded), NUMBER))))
        return str(heard.value), event

    def _values(
        self, state: State, rows: list[Step], inputs: Mapping[str, Term], members: int, ready: int
    ) -> dict[str, Term]:
        def count(number: int) -> Term:
            return literal(number, COUNT)

        values: dict[str, Term] = {
            "held": literal(state.is_true(state.host["held"]), BOOLEAN),
            "cancel": literal(state.is_true(state.host["cancel"]), BOOLEAN),
            "waiting": count(1 if state.is_true(state.host["waiting"]) else 0),
            "members": count(members),
            "ready": count(ready),
            "heard": literal("NOTHING", self.system.variable("heard").sort),
            "code": count(0),
        }
        given: dict[str, Term] = {"may_leave": TRUE, **inputs}
        for step in rows:
            for one in step.inputs:
                if one.name not in values:
                    known = given.get(one.name)
                    values[one.name] = known if known is not None else state.fresh(one.name, one.sort)
        return values

    # The built-ins

    def join(self, state: State, into: bool) -> None:
        """waitable.join of the watched waitable: to this task's set, or to none."""
        if state.is_true(state.host["elsewhere"]):
            raise Violation("task-contract", "the waitable is taken out of another task's set")
        inputs = {WAS_READY.name: FALSE}
        if state.is_true(state.host["member"]):
            self.perform(state, LEAVES, inputs, members=1)
        state.host["member"] = FALSE
        if into:
            if not state.is_true(state.host["held"]):
                raise Violation("host-trap", "waitable.join traps: there is no set")
            self.perform(state, "waitable.join to this set", inputs)
            state.host["member"] = TRUE

    def poll(self, state: State, ready: bool) -> Term:
        """waitable-set.poll, not cancellable: the code of an event, or of none."""
        inputs = {CANCELLABLE.name: FALSE}
        number = 1 if ready else 0
        return self.perform(state, "waitable-set.poll", inputs, members=number, ready=number)[1]

    def waits(self, state: State) -> None:
        """waitable-set.wait, not cancellable. An event at hand is one that comes at once (`resumed`): no row less."""
        inputs: dict[str, Term] = {CANCELLABLE.name: FALSE, WHICH.name: literal(int(EventCode.NONE), COUNT)}
        self.perform(state, "waitable-set.wait", inputs)

    def drop(self, state: State) -> None:
        members = 1 if state.is_true(state.host["member"]) else 0
        self.perform(state, "waitable-set.drop", {}, members=members)

    def returned(self, state: State, code: Term, own: Term) -> tuple[str, Term]:
        """What a callback returns, unpacked. `own` is the set's index."""
        action, index = _unpacked(code)
        is_own = TRUE if index is None else literal(state.is_true(fold("=", index, _index(own))), BOOLEAN)
        inputs = {CALLBACK.name: literal(action, CALLBACK.sort), SET.name: is_own}
        return self.perform(state, "return of a callback", inputs)

    def resumed(self, state: State, cancels: bool) -> Term:
        """The wait of a callback ends: the code of an event of a member, or of TASK_CANCELLED."""
        inputs: dict[str, Term] = {CANCELLABLE.name: literal(cancels, BOOLEAN)}
        if not cancels:
            inputs[WHICH.name] = state.fresh("event", COUNT)
        number = 0 if cancels else 1
        return self.perform(state, "return of a wait", inputs, members=number, ready=number)[1]

    def asked(self, state: State) -> None:
        self.perform(state, "cancellation of the task", {})


def _unpacked(code: Term) -> tuple[int, Term | None]:
    """`code | index << 4` as it was packed: an index is below 2^28 [CABI] Table.MAX_LENGTH."""
    match code:
        case Literal(int() as value, _) if value < 1 << 4:
            return value, None
        case Apply("concat", (index, Literal(int() as value, BitVec(4)))):
            return value, index
        case _:
            raise NotModelled("a callback's result that is not packed as a code and a set")


def _index(own: Term) -> Term:
    """Of the set, in as many bits as a result has for it."""
    return fold("extract", own, indices=(NUMBER.width - 5, 0))


EXITS = int(CallbackCode.EXIT)


def variables() -> tuple[Variable, ...]:
    return tuple(Variable(name, BOOLEAN) for name in WORDS)

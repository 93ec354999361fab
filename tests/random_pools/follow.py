"""Whether a pool's model goes with what the module does, call by call: where it does not, its proofs are of nothing.

Before each call all of the state is as the module has it: its cells in memory, one of the live blocks as the ghost.
With the call's arguments the model must be able to come to the cells, the result and the blocks that the module
comes to, with what was broken said to be broken; or else to say that it lost sight, or that an index goes astray.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import z3  # type: ignore[import-untyped]
from pool_callers import RandomCaller
from pool_corpus import Host, PoolModule
from pool_model import Block, Call, Clients, Outcome, Returned, Spun
from pool_runs import Instance

from random_pools.watch import ASTRAY
from smt_models.pools import conditions as c
from smt_models.pools.lent import lent_elements
from smt_models.pools.model import PoolModel
from smt_models.pools.steps import PoolStep
from smt_models.system.operators import BitVec
from smt_models.system.smtlib import sort_text, symbol, term_text
from smt_models.system.terms import Term

ENDS = (c.UNMODELLED, c.INDEX)
"""Where the model says so, nothing is proved of what comes after."""
AFTER = "after "
MILLISECONDS = 1000
"""For what is left to decide of a step; what is not decided may be."""
MOST_GHOSTS = 2
MOST_CALLS = 25


@dataclass(frozen=True, slots=True)
class _Around:
    """A call and what it did; the blocks, their clients' marks, and the ghost, if there is one, before and after it."""

    call: Call
    outcome: Outcome
    broken: frozenset[str]
    before: tuple[Block, ...]
    after: tuple[Block, ...]
    marks: tuple[int, ...]


def unfollowed(model: PoolModel, module: PoolModule, host: Host, chance: random.Random, lives: int) -> str | None:
    """The first calls that the model does not go with, and why it does not."""
    steps = [_Question(model, step) for step in model.steps if step.call]
    for _ in range(lives):
        made: list[str] = []
        for around in _life(module, host, chance):
            made.append(str(around.call))
            why = _wrong(model, around, steps, chance)
            if why is not None:
                return f"{' '.join(made)}: {why}"
    return None


def _life(module: PoolModule, host: Host, chance: random.Random) -> Iterator[_Around]:
    instance, clients = Instance(module), Clients(module, astray=ASTRAY)
    caller = RandomCaller(module, host, chance)
    for _ in range(min(module.calls, MOST_CALLS)):
        call = caller.next(clients)
        if call is None:
            continue
        before, marks = tuple(clients.live), tuple(clients.marks)
        outcome = instance.call(call)
        broken = frozenset(clients.broken_by(call, outcome) - {ASTRAY})
        yield _Around(call, outcome, broken, before, tuple(clients.live), marks)
        if broken or not isinstance(outcome, Returned):
            return
        for block in clients.live:
            if block not in before:
                instance.write(block)


def _wrong(model: PoolModel, around: _Around, steps: list[_Question], chance: random.Random) -> str | None:
    mine = [one for one in steps if one.step.call == around.call.role.export]
    broken = around.broken & {*model.kinds}
    match around.outcome:
        case Returned(value, before, after) as returned:
            for cell, known in model.calls.fixed:
                if int.from_bytes(after[cell.address : cell.end], "little") != known:
                    return f"the cell at {cell.address:#x} is said never to change"
            given = around.call.role.kind == "allocate" and around.call.size > 0 and value != 0
            ghosts = list(_ghosts(around, returned, given))
            for ghost in chance.sample(ghosts, min(MOST_GHOSTS, len(ghosts))):
                state = _state(model, around, ghost, before, after, given)
                if any(one.allows(state | {"result": value}, broken) for one in mine):
                    continue
                if not any(one.allows(_asked(state), {end}) for one in mine for end in ENDS if end in one.flags):
                    return (
                        f"no step comes to what it did, of the block {ghost}, with {sorted(broken) or 'nothing broken'}"
                    )
        case Spun():
            pass  # some seconds of a loop that ends are no spin
        case _:
            pass
    return None


def _ghosts(around: _Around, returned: Returned, given: bool) -> Iterator[Block | None]:
    """None, and each block; where blocks overlap, only those that do."""
    if "disjoint" in around.broken and given:
        start, end = returned.value, returned.value + around.call.size
        old = around.call.arguments.get("old") if around.call.arguments.get("old_size") else None
        yield from (one for one in around.before if start < one.end and one.start < end and one.start != old)
        return
    if not around.broken & {"no-rewind"}:
        yield None
    place = around.call.arguments.get("mark")
    for one in around.before:
        if "no-rewind" not in around.broken or place is None or one.end > place:
            yield one


def _asked(state: dict[str, int]) -> dict[str, int]:
    """What is known before the call."""
    return {name: value for name, value in state.items() if not name.startswith(AFTER)}


def _state(
    model: PoolModel, around: _Around, ghost: Block | None, before: bytes, after: bytes, given: bool
) -> dict[str, int]:
    """By the names of the model: of its variables, before and after, and of what it chooses."""
    known: dict[str, int] = {}
    for cell, _ in model.calls.cells:
        known[cell.variable.name] = int.from_bytes(before[cell.address : cell.end], "little")
        known[AFTER + cell.variable.name] = int.from_bytes(after[cell.address : cell.end], "little")
    known |= {c.LIVE.name: ghost is not None, c.CHOSEN.name: False, c.COUNT.name: len(around.before)}
    known[c.TOTAL.name] = sum(one.size for one in around.before)
    if ghost is not None:
        known |= {c.AT.name: ghost.start, c.SIZE.name: ghost.size, c.AHEAD.name: around.before.index(ghost)}
        known[AFTER + c.LIVE.name] = ghost in around.after
        if ghost in around.after:
            known |= {AFTER + c.AT.name: ghost.start, AFTER + c.SIZE.name: ghost.size}
    elif given and not around.broken:
        new = around.after[-1]
        known |= {c.CHOSEN.name: True, AFTER + c.LIVE.name: True}
        known |= {AFTER + c.AT.name: new.start, AFTER + c.SIZE.name: new.size}
    for one in lent_elements(model.pool, model.calls, model.host):
        known[one.variable.name] = any(block.start == one.at for block in around.before)
        if not around.broken:
            known[AFTER + one.variable.name] = any(block.start == one.at for block in around.after)
    for place, value in enumerate(around.call.arguments.values()):
        known[f"argument {place}"] = value
    return known


class _Question:
    """One step of the model, asked about again and again: numbers are put in for what is known, and little is left."""

    def __init__(self, model: PoolModel, step: PoolStep) -> None:
        self.step = step
        updates = dict(step.step.updates)
        terms: dict[str, Term] = {AFTER + one.name: updates.get(one.name, one) for one in model.system.variables}
        terms |= {f"argument {place}": one for place, one in enumerate(step.arguments)}
        if step.result is not None:
            terms["result"] = step.result
        self.flags = {kind for kind in (*model.kinds, c.UNMODELLED) if c.flag(kind).name in updates}
        self._kinds = (*model.kinds, c.UNMODELLED)
        names: dict[str, Term] = {one.name: one for one in (*model.system.variables, *step.step.inputs)}
        lines = [f"(declare-const {symbol(name)} {sort_text(one.sort)})" for name, one in (names | terms).items()]
        lines += [f"(assert {text})" for text in (_text(step.step.guard), *(_same(*each) for each in terms.items()))]
        self._guard, *self._others = z3.parse_smt2_string("\n".join(lines))
        self._sorts = {name: one.sort for name, one in (names | terms).items()}

    def allows(self, known: dict[str, int], broken: frozenset[str] | set[str]) -> bool:
        """Whether the step can be taken so, and breaks all of this; if this is nothing, nothing else either."""
        if broken - self.flags:
            return False
        flags = {c.flag(kind).name: kind for kind in self._kinds}
        said = dict.fromkeys(flags, 0) | known
        said |= {AFTER + flag: kind in broken for flag, kind in flags.items() if kind in broken or not broken}
        values = [self._value(name, value) for name, value in said.items() if name in self._sorts]
        guard = z3.simplify(z3.substitute(self._guard, *values))
        if z3.is_false(guard):
            return False
        left = [guard, *(z3.simplify(z3.substitute(one, *values)) for one in self._others)]
        if any(map(z3.is_false, left)):
            return False
        solver = z3.SolverFor("QF_BV")
        solver.set("timeout", MILLISECONDS)
        solver.add(left)
        return bool(solver.check() != z3.unsat)

    def _value(self, name: str, value: int) -> tuple[z3.ExprRef, z3.ExprRef]:
        match self._sorts[name]:
            case BitVec(width):
                return z3.BitVec(name, width), z3.BitVecVal(value, width)
            case _:
                return z3.Bool(name), z3.BoolVal(bool(value))


def _same(name: str, term: Term) -> str:
    return f"(= {symbol(name)} {_text(term)})"


def _text(term: Term) -> str:
    return term_text(term, lambda variable: symbol(variable.name))

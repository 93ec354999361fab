"""One call as guarded steps: what it gives back, what it breaks, where execution lost sight of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from smt_models.pools import conditions as c
from smt_models.pools.blocks import ZERO, beyond, indexed, is_element, not_copied
from smt_models.pools.calls import Call, Calls, state_variable
from smt_models.pools.lent import NONE, lent_below, lent_elements
from smt_models.pools.pool import ALIGNMENTS, MOST_BYTES, Host, Pool, Role
from smt_models.pools.requests import Asked, asked_of, parameters_of
from smt_models.system.model import Actor, Step, System
from smt_models.system.operators import BitVec
from smt_models.system.terms import (
    FALSE,
    TRUE,
    Term,
    Variable,
    both,
    choose,
    conjunction,
    disjunction,
    either,
    equal,
    negation,
    variables_of,
)
from smt_models.wasm.build import constant, make, number, width_of
from smt_models.wasm.execute import SPIN
from smt_models.wasm.outcomes import Returned, Trapped, Unmodelled
from smt_models.wasm.paths import Path
from smt_models.wasm.regions import Regions


@dataclass(frozen=True, slots=True)
class Block:
    """`when`: the condition under which there is one."""

    when: Term
    at: Term
    size: Term


@dataclass(frozen=True, slots=True)
class PoolStep:
    """`gives`: the block handed out, `takes`: the one given up; `other`: whether it is not the ghost."""

    step: Step
    call: str
    arguments: tuple[Term, ...]
    result: Term | None
    gives: Block | None = None
    takes: Block | None = None
    other: bool = False
    marks: bool = False


class Stepwise(Protocol):
    """What is made of such steps: the pools of modules, and those of crates."""

    @property
    def system(self) -> System: ...

    @property
    def steps(self) -> tuple[PoolStep, ...]: ...


class CallSteps:
    """The steps of one call under one host. `kinds`: what is looked for."""

    def __init__(self, pool: Pool, calls: Calls, call: Call, host: Host, kinds: tuple[str, ...]) -> None:
        self._pool = pool
        self._calls = calls
        self._call = call
        self._host = host
        self._kinds = kinds
        self._lent = lent_elements(pool, calls, host)
        self._below = lent_below(pool, calls)
        self._state = {one.name for one in state_variables(pool, calls, kinds, host)}
        self._parameters = parameters_of(pool, call)
        self._arguments = tuple(one for one in call.execution.start.arguments if one is not None)
        self._limits = both(*call.execution.start.assumptions, self._right_index())

    def _right_index(self) -> Term:
        roles = (*self._pool.allocate, *self._pool.access)
        role = next((one for one in roles if one.export == self._call.name), None)
        index = self._parameters.get("index")
        if role is None or role.indices is None or index is None or self._host is Host.ANY:
            return TRUE
        return make("bvult", index, number(role.indices, 32))

    def steps(self) -> Iterator[PoolStep]:
        """Raises LookupError with what is not known of the call."""
        if self._has(self._pool.allocate):
            yield from self._allocating()
        elif self._has(self._pool.release):
            yield from self._releasing()
        elif self._has(self._pool.reset):
            yield from self._resetting()
        elif self._has(self._pool.mark):
            yield from self._ending("", TRUE, self._marked)
        else:
            yield from self._ending("", TRUE, lambda path: self._step(self._cells(path), path))

    def _has(self, roles: tuple[Role, ...]) -> bool:
        return any(role.export == self._call.name for role in roles)

    # What is asked for

    def _allocating(self) -> Iterator[PoolStep]:
        unit = next(role.unit for role in self._pool.allocate if role.export == self._call.name)
        asked = asked_of(self._pool, self._parameters, unit)
        if asked is None:
            raise LookupError(f"{self._call.name}: how large its blocks are is not known; the pool's `element` says it")
        zero = None if asked.old is None else conjunction(equal(one, ZERO) for one in (*asked.old, asked.size))
        if self._host is Host.ANY:
            yield from self._ending("", TRUE, lambda path: self._given(path, asked, None), zero)
            return
        right = make("bvule", self._parameters.get("count", asked.size), number(MOST_BYTES, 32))
        if asked.alignment is not None and constant(asked.alignment) is None:
            right = both(right, c.is_alignment(asked.alignment))
        if asked.old is None:
            yield from self._ending("", right, lambda path: self._given(path, asked, None))
            return
        old, old_size = asked.old
        fresh = both(right, equal(old, ZERO), equal(old_size, ZERO))
        yield from self._ending(" of a new block", fresh, lambda path: self._given(path, asked, None), zero)
        grows = both(right, negation(equal(asked.size, ZERO)))
        own = both(grows, c.LIVE, equal(old, c.AT), equal(old_size, c.SIZE))
        block = Block(TRUE, c.AT, c.SIZE)
        yield from self._ending(" of the block", own, lambda path: self._given(path, asked, block))
        other = both(grows, equal(old, c.OTHER_AT), equal(old_size, c.OTHER_SIZE), self._is_other())
        another = Block(TRUE, c.OTHER_AT, c.OTHER_SIZE)
        yield from self._ending(" of another block", other, lambda path: self._given(path, asked, another))

    def _is_other(self) -> Term:
        """There is another live block, which is not empty and, since nothing was broken, apart from the ghost."""
        apart = negation(c.overlap(c.AT, c.SIZE, c.OTHER_AT, c.OTHER_SIZE))
        return both(negation(equal(c.OTHER_SIZE, ZERO)), either(negation(c.LIVE), apart))

    def _releasing(self) -> Iterator[PoolStep]:
        given, size = self._parameters.get("pointer"), self._parameters.get("size")
        if given is None and self._pool.in_order:
            some = TRUE if self._host is Host.ANY else negation(equal(c.COUNT, ZERO))
            yield from self._ending(" of the oldest", some, self._oldest_taken)
            return
        if given is None:
            raise LookupError(f"{self._call.name}: which block it releases is not known")
        if self._host is Host.ANY:
            own = Block(both(c.LIVE, equal(given, c.AT)), c.AT, c.SIZE)
            yield from self._ending("", TRUE, lambda path: self._taken(path, own))
            return
        block = Block(TRUE, c.AT, c.SIZE)
        mine = both(c.LIVE, equal(given, c.AT), TRUE if size is None else equal(size, c.SIZE))
        yield from self._ending(" of the block", mine, lambda path: self._taken(path, block))
        other = Block(TRUE, c.OTHER_AT, c.OTHER_SIZE)
        sized = TRUE if size is None else equal(size, c.OTHER_SIZE)
        guard = both(equal(given, c.OTHER_AT), sized, self._is_other())
        yield from self._ending(" of another block", guard, lambda path: self._taken(path, other))

    def _resetting(self) -> Iterator[PoolStep]:
        if self._pool.also:
            raise LookupError(f"{self._call.name}: which of several pools it resets is not known")
        place = self._parameters.get("mark")
        if place is None or not self._pool.mark or self._host is Host.ANY:
            yield from self._ending("", TRUE, self._reset)
            return
        yield from self._ending(" to the mark", both(c.MARKED, equal(place, c.MARK_AT)), self._reset)
        yield from self._ending(" to another mark", equal(place, c.OTHER_MARK_AT), self._reset)

    # How it ends

    def _ending(
        self, what: str, guard: Term, returned: Callable[[Path], PoolStep], zero: Term | None = None
    ) -> Iterator[PoolStep]:
        """`zero`: the condition under which nothing at all is asked for."""
        paths = self._call.execution.paths
        name = f"{self._call.name}{what}"
        for number_, path in enumerate(path for path in paths if isinstance(path.outcome, Returned)):
            suffix = f" ({number_})" if number_ else ""
            step = returned(path)
            taken = both(guard, self._limits, *path.condition)
            yield self._named(step, f"{name}{suffix}", taken)
        lost = disjunction(conjunction(path.condition) for path in paths if _lost(path, SPIN, False))
        yield from self._breaking(f"{name}, lost", both(guard, self._limits, lost), c.UNMODELLED)
        spins = disjunction(conjunction(path.condition) for path in paths if _lost(path, SPIN, True))
        kind = c.EXHAUSTION if self._has(self._pool.allocate) else c.UNMODELLED
        kind = kind if kind in self._kinds else c.UNMODELLED
        yield from self._breaking(f"{name}, spinning", both(guard, self._limits, spins), kind)
        if c.INDEX in self._kinds:
            outside: Term = disjunction(
                beyond(self._pool, one) for one in indexed(self._pool, self._call.execution.accesses)
            )
            yield from self._breaking(f"{name}, indexing", both(guard, self._limits, outside), c.INDEX)
        if c.ZERO_SIZE in self._kinds and zero is not None:
            traps = disjunction(conjunction(path.condition) for path in paths if isinstance(path.outcome, Trapped))
            yield from self._breaking(f"{name}, trapping", both(guard, self._limits, zero, traps), c.ZERO_SIZE)

    def _breaking(self, name: str, guard: Term, kind: str) -> Iterator[PoolStep]:
        if guard != FALSE:
            step = Step(name, self._call.name, "", Actor.HOST, (), TRUE, ((c.flag(kind).name, TRUE),))
            yield self._named(PoolStep(step, self._call.name, self._arguments, None), name, guard)

    def _named(self, step: PoolStep, name: str, guard: Term) -> PoolStep:
        """With everything that is no part of the state as an input."""
        guard = both(guard, c.none_broken((*self._kinds, c.UNMODELLED)))
        found: dict[str, Variable] = {}
        terms = [guard, *(term for _, term in step.step.updates), *self._arguments]
        for term in terms:
            found |= {one.name: one for one in variables_of(term) if one.name not in self._state}
        inputs = tuple(found[key] for key in sorted(found))
        where = f"function {self._call.function}"
        if c.OTHER_AT in inputs:
            wanted = [c.OTHERS[name] for name in (c.SIZE.name, c.AHEAD.name) if name in self._state]
            inputs = (*inputs, *(one for one in wanted if one not in inputs))
        other = c.OTHER_AT in inputs or c.OTHER_MARK_AT in inputs
        made = replace(step.step, name=name, citation=where, inputs=inputs, guard=guard)
        return replace(step, step=made, other=other)

    # What it leaves

    def _cells(self, path: Path) -> list[tuple[str, Term]]:
        memory = path.memories[0]
        assert isinstance(memory, Regions)
        updates = [(cell.variable.name, memory.value(cell)) for cell, _ in self._calls.cells]
        for place, _ in self._calls.globals:
            value = path.globals[place]
            assert value is not None
            updates.append((state_variable(place, width_of(value)).name, value))
        return updates

    def _reset(self, path: Path) -> PoolStep:
        """What is live may not end above the place to which it is reset."""
        updates = self._cells(path)
        if c.NO_REWIND in self._kinds:
            place = self._parameters.get("mark", number(self._pool.base, 32))
            above = make("bvult", c.widened(place, c.WIDE), c.end_of(c.AT, c.SIZE))
            updates.append((c.flag(c.NO_REWIND).name, both(c.LIVE, above)))
        return self._step(updates, path)

    def _marked(self, path: Path) -> PoolStep:
        updates = self._cells(path)
        at = _first_result(path)
        if self._host is Host.CONFORMING and at is not None:
            updates += [
                (c.MARKED.name, either(c.MARKED, c.CHOSEN)),
                (c.MARK_AT.name, choose(c.CHOSEN, at, c.MARK_AT)),
            ]
        return replace(self._step(updates, path), marks=True)

    def _oldest_taken(self, path: Path) -> PoolStep:
        updates = self._cells(path)
        some = negation(equal(c.COUNT, ZERO))
        first = equal(c.AHEAD, ZERO)
        one = number(1, 32)
        updates += [
            (c.LIVE.name, both(c.LIVE, either(negation(some), negation(first)))),
            (c.AHEAD.name, choose(both(some, negation(first)), make("bvsub", c.AHEAD, one), c.AHEAD)),
            (c.COUNT.name, choose(some, make("bvsub", c.COUNT, one), c.COUNT)),
        ]
        return self._step(updates, path)

    def _step(self, updates: list[tuple[str, Term]], path: Path) -> PoolStep:
        kept = tuple((name, term) for name, term in updates if not (isinstance(term, Variable) and term.name == name))
        step = Step("", self._call.name, "", Actor.HOST, (), TRUE, kept)
        return PoolStep(step, self._call.name, self._arguments, _first_result(path))

    def _taken(self, path: Path, block: Block) -> PoolStep:
        updates = self._cells(path)
        own = block.at == c.AT
        if own:
            updates.append((c.LIVE.name, both(c.LIVE, negation(block.when))))
        updates += [one.after(NONE, (block.when, block.at)) for one in self._lent]
        updates += [one.after(NONE, (TRUE, self._parameters["pointer"])) for one in self._below]
        if c.BUDGET in self._kinds:
            left = make("bvsub", c.TOTAL, c.widened(block.size, 64))
            updates.append((c.TOTAL.name, choose(block.when, left, c.TOTAL)))
        return replace(self._step(updates, path), takes=block)

    def _given(self, path: Path, asked: Asked, old: Block | None) -> PoolStep:
        at = _first_result(path)
        if at is None or width_of(at) != 32:
            raise LookupError(f"{self._call.name}: it gives back no address")
        there = negation(equal(asked.size, ZERO))
        if not self._pool.begins_at_null:
            there = both(there, negation(equal(at, ZERO)))  # null is no block
        own = old is not None and old.at == c.AT
        gone: Term = TRUE if own else FALSE
        if old is None and asked.old is not None and self._host is Host.ANY:
            gone = both(c.LIVE, equal(asked.old[0], c.AT), negation(equal(asked.old[1], ZERO)))
        live = both(c.LIVE, negation(gone))
        chosen = both(there, c.CHOSEN, negation(live))
        updates = self._cells(path)
        updates += [
            (c.LIVE.name, either(live, chosen)),
            (c.AT.name, choose(chosen, at, c.AT)),
            (c.SIZE.name, choose(chosen, asked.size, c.SIZE)),
        ]
        if self._pool.in_order:
            more = make("bvadd", c.COUNT, number(1, 32))
            updates += [(c.AHEAD.name, choose(chosen, c.COUNT, c.AHEAD)), (c.COUNT.name, choose(there, more, c.COUNT))]
        given_up = NONE if old is None else (old.when, old.at)
        updates += [one.after((there, at), given_up) for one in self._lent]
        updates += [one.after((there, at), given_up) for one in self._below]
        broken = self._broken(path, asked, at, there, live)
        if c.BUDGET in self._kinds:
            total = make("bvadd", c.TOTAL, c.widened(asked.size, 64))
            if old is not None:
                total = make("bvsub", total, c.widened(old.size, 64))
            updates.append((c.TOTAL.name, total))
            broken[c.BUDGET] = make("bvult", number(self._pool.budget or 0, 64), total)
        updates += [(c.flag(kind).name, when) for kind, when in broken.items() if kind in self._kinds and when != FALSE]
        taken = old if old is not None else Block(gone, c.AT, c.SIZE) if gone != FALSE else None
        return replace(self._step(updates, path), gives=Block(there, at, asked.size), takes=taken)

    def _broken(self, path: Path, asked: Asked, at: Term, there: Term, live: Term) -> dict[str, Term]:
        memory = path.memories[0]
        before = self._call.execution.start.memories[0]
        assert memory is not None
        assert before is not None
        wraps = make("bvult", number(1 << 32, c.WIDE), c.end_of(at, asked.size))
        found = {
            c.RANGE: both(there, negation(c.inside(self._pool, at, asked.size))),
            c.DISJOINT: both(there, live, c.overlap(at, asked.size, c.AT, c.SIZE)),
            c.EXHAUSTION: both(
                negation(equal(asked.size, ZERO)),
                either(
                    FALSE if self._pool.begins_at_null else equal(at, ZERO),
                    wraps,
                    asked.huge,
                    negation(equal(memory.pages, before.pages)),
                ),
            ),
        }
        if self._pool.has_elements:
            found[c.INDEX] = both(there, negation(is_element(self._pool, at)))
        if asked.alignment is not None:
            powers = self._host is Host.CONFORMING or constant(asked.alignment) in ALIGNMENTS
            found[c.ALIGNED] = both(there, c.misaligned(at, asked.alignment, powers))
        if asked.old is not None:
            found[c.COPY_OWNED] = both(there, not_copied(self._pool, self._call.execution, asked, at))
            if asked.alignment is not None:
                zero = conjunction(equal(one, ZERO) for one in (*asked.old, asked.size))
                taken = either(*(negation(equal(term, _before(name, term))) for name, term in self._cells(path)))
                found[c.ZERO_SIZE] = both(zero, either(negation(equal(at, asked.alignment)), taken))
        return found


def _lost(path: Path, name: str, wanted: bool) -> bool:
    return isinstance(path.outcome, Unmodelled) and (path.outcome.name == name) is wanted


def _first_result(path: Path) -> Term | None:
    assert isinstance(path.outcome, Returned)
    return path.outcome.values[0] if path.outcome.values else None


def _before(name: str, term: Term) -> Variable:
    return Variable(name, BitVec(width_of(term)))


def state_variables(pool: Pool, calls: Calls, kinds: tuple[str, ...], host: Host) -> tuple[Variable, ...]:
    """The cells, the ghost block, and what was broken."""
    found = [cell.variable for cell, _ in calls.cells]
    for place, _ in calls.globals:
        found.append(_global(calls, place))
    found += [c.LIVE, c.AT, c.SIZE]
    if pool.in_order:
        found += [c.AHEAD, c.COUNT]
    found += [one.variable for one in lent_elements(pool, calls, host)]
    found += [one.variable for one in lent_below(pool, calls)]
    if pool.mark and host is Host.CONFORMING:
        found += [c.MARKED, c.MARK_AT]
    if c.BUDGET in kinds:
        found.append(c.TOTAL)
    return (*found, *(c.flag(kind) for kind in (*kinds, c.UNMODELLED)))


def _global(calls: Calls, place: int) -> Variable:
    term = calls.calls[0].execution.start.globals[place]
    assert isinstance(term, Variable)
    return term

"""Bounded search: a shortest sequence of calls after which something is broken.

Unlike in the invariant, every block handed out is known here: a block that is given up and is not the ghost is one of
those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from proofs.pools.session import Session
from proofs.runtime.line_process import NoAnswer
from smt_models.pools import conditions as c
from smt_models.pools.steps import PoolStep, Stepwise
from smt_models.system.smtlib import Rename, sort_text, symbol, term_text
from smt_models.system.terms import BOOLEAN, Literal, Term, Variable

MOST_TEXT = 8 << 20


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call with its arguments, and what the model says that it gives back; `step`: the number of the model's."""

    name: str
    arguments: tuple[int, ...]
    result: int | None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Calls after which this is broken; the last one breaks it. `values`: by `value_at` and `input_at`, as the solver
    has them.
    """

    kind: str
    calls: tuple[CallMade, ...]
    values: Mapping[str, bool | int] = field(default_factory=dict, compare=False)


def search(session: Session, model: Stepwise, kinds: tuple[str, ...], depth: int, seconds: float) -> Route | None:
    """A route of exactly so many calls to one of the kinds; None if there is none. Raises NoAnswer."""
    text = _text(_unrolled(model, kinds, depth))
    small = [input_at(time, number, name) for time in range(depth) for number, name in _arguments(model)]
    calls = [_taken(time, number) for time in range(depth) for number in range(len(model.steps))]
    found = session.values(text, seconds, small, calls)
    return None if found is None else _route(model, kinds, depth, found)


def possible_step(
    session: Session, model: Stepwise, steps: Iterable[int], seconds: float, most: int = 4, known: Iterable[Term] = ()
) -> bool:
    """Whether at most so many calls can come to one of these steps, and take it, as far as what is `known` of all that
    is come to does not exclude it. Raises NoAnswer.
    """
    wanted, about = list(steps), list(known)
    return any(
        possible_after(session, model, wanted, depth, seconds / most, about) is not None for depth in range(1, most + 1)
    )


def possible_after(
    session: Session, model: Stepwise, steps: list[int], depth: int, seconds: float, known: Iterable[Term] = ()
) -> int | None:
    """One of these steps that can be the last of exactly so many calls; None if none can. Raises NoAnswer."""
    if not steps:
        return None
    taken = " ".join(symbol(_taken(depth - 1, number)) for number in steps)
    facts = (f"(assert {term_text(one, _at(time))})" for time in range(depth) for one in known)
    text = _text(chain(_unrolled(model, (), depth), facts, [f"(assert (or false {taken}))"]))
    found = session.values(text, seconds)
    return None if found is None else next(number for number in steps if found.get(_taken(depth - 1, number)))


def possible(session: Session, model: Stepwise, seconds: float) -> bool:
    """Whether a few calls can hand out a block. Raises NoAnswer."""
    for depth in range(1, 5):
        text = _text(chain(_unrolled(model, (), depth), [f"(assert gives@{depth - 1})"]))
        if session.values(text, seconds / 4) is not None:
            return True
    return False


def _text(lines: Iterable[str]) -> str:
    """Raises NoAnswer where it would be more than a solver reads with the memory that it has."""
    kept: list[str] = []
    left = MOST_TEXT
    for line in lines:
        left -= len(line)
        if left < 0:
            raise NoAnswer(f"more than {MOST_TEXT >> 20} MB of text")
        kept.append(line)
    return "\n".join(kept) + "\n"


def _arguments(model: Stepwise) -> Iterator[tuple[int, str]]:
    for number, step in enumerate(model.steps):
        for one in step.arguments:
            if isinstance(one, Variable) and one in step.step.inputs:
                yield number, one.name


def value_at(name: str, time: int) -> str:
    """A state variable before the call of that number, from 0 on."""
    return f"{name}@{time}"


def input_at(time: int, step: int, name: str) -> str:
    return f"{name}@{time}@{step}"


def solved(route: Route, variable: Variable, name: str) -> bool | int:
    """A value of the route, in the sort of its variable; what the solver leaves open may be anything."""
    found = route.values.get(name, 0)
    return bool(found) if variable.sort == BOOLEAN else int(found)


def _taken(time: int, step: int) -> str:
    return f"step@{time}@{step}"


def _unrolled(model: Stepwise, kinds: tuple[str, ...], depth: int) -> Iterator[str]:
    variables = model.system.variables
    for time in range(depth + 1):
        for one in variables:
            yield f"(declare-const {_at(time)(one)} {sort_text(one.sort)})"
    yield f"(assert {term_text(model.system.initial, _at(0))})"
    for time in range(depth):
        for name, sort in (("gives", "Bool"), ("takes", "Bool"), ("marks", "Bool")):
            yield f"(declare-const {symbol(f'{name}@{time}')} {sort})"
        for name in ("gives at", "gives size", "takes at", "mark"):
            yield f"(declare-const {symbol(f'{name}@{time}')} (_ BitVec 32))"
        calls = [number for number, step in enumerate(model.steps) if step.call]
        for number in calls:
            yield from _step(model, time, number, model.steps[number])
        chosen = " ".join(symbol(_taken(time, number)) for number in calls)
        yield f"(assert (or false {chosen}))"
    if kinds:
        broken = " ".join(_at(depth)(c.flag(kind)) for kind in kinds)
        yield f"(assert (or false {broken}))"


def _step(model: Stepwise, time: int, number: int, step: PoolStep) -> Iterator[str]:
    inputs = {one.name: symbol(input_at(time, number, one.name)) for one in step.step.inputs}
    for one in step.step.inputs:
        yield f"(declare-const {inputs[one.name]} {sort_text(one.sort)})"

    def rename(variable: Variable) -> str:
        return inputs.get(variable.name) or _at(time)(variable)

    taken = symbol(_taken(time, number))
    yield f"(declare-const {taken} Bool)"
    after = dict(step.step.updates)
    moves = [
        f"(= {_at(time + 1)(one)} {term_text(after.get(one.name, one), rename)})" for one in model.system.variables
    ]
    facts = [term_text(step.step.guard, rename), *moves, *_blocks(time, step, rename)]
    yield f"(assert (=> {taken} (and {' '.join(facts)})))"


def _blocks(time: int, step: PoolStep, rename: Rename) -> Iterator[str]:
    """What becomes of blocks; and a block other than the ghost is one that is live."""
    gives, takes = step.gives, step.takes
    yield f"(= {symbol(f'gives@{time}')} {'false' if gives is None else term_text(gives.when, rename)})"
    if gives is not None:
        yield f"(= {symbol(f'gives at@{time}')} {term_text(gives.at, rename)})"
        yield f"(= {symbol(f'gives size@{time}')} {term_text(gives.size, rename)})"
    yield f"(= {symbol(f'takes@{time}')} {'false' if takes is None else term_text(takes.when, rename)})"
    if takes is not None:
        yield f"(= {symbol(f'takes at@{time}')} {term_text(takes.at, rename)})"
    if c.OTHER_AT in step.step.inputs:
        at, size = rename(c.OTHER_AT), rename(c.OTHER_SIZE)
        yield f"(or false {' '.join(_is_block(time, earlier, at, size) for earlier in range(time))})"
    if c.OTHER_MARK_AT in step.step.inputs:
        mark = rename(c.OTHER_MARK_AT)
        yield f"(or false {' '.join(_is_mark(earlier, mark) for earlier in range(time))})"
    marked = step.marks and step.result is not None
    yield f"(= {symbol(f'marks@{time}')} {'true' if marked else 'false'})"
    if marked and step.result is not None:
        yield f"(= {symbol(f'mark@{time}')} {term_text(step.result, rename)})"


def _is_mark(earlier: int, mark: str) -> str:
    return f"(and {symbol(f'marks@{earlier}')} (= {mark} {symbol(f'mark@{earlier}')}))"


def _is_block(time: int, earlier: int, at: str, size: str) -> str:
    """It is the block of that time, which nobody gave up since."""
    start = symbol(f"gives at@{earlier}")
    parts = [symbol(f"gives@{earlier}"), f"(= {at} {start})", f"(= {size} {symbol(f'gives size@{earlier}')})"]
    parts += [
        f"(not (and {symbol(f'takes@{between}')} (= {symbol(f'takes at@{between}')} {start})))"
        for between in range(earlier + 1, time)
    ]
    return f"(and {' '.join(parts)})"


def _at(time: int) -> Rename:
    return lambda variable: symbol(value_at(variable.name, time))


def _route(model: Stepwise, kinds: tuple[str, ...], depth: int, found: dict[str, bool | int]) -> Route:
    kind = next(one for one in kinds if found.get(value_at(c.flag(one).name, depth)))
    calls = []
    for time in range(depth):
        number = next(one for one in range(len(model.steps)) if found.get(_taken(time, one)))
        step = model.steps[number]
        arguments = tuple(_value(one, time, number, found) for one in step.arguments)
        calls.append(CallMade(step.call, arguments, None, number))
    return Route(kind, tuple(calls), found)


def _value(term: Term, time: int, step: int, found: dict[str, bool | int]) -> int:
    """Arguments are variables; one that nothing depends on may be anything."""
    if isinstance(term, Literal):
        return int(term.value)
    assert isinstance(term, Variable)
    return int(found.get(input_at(time, step, term.name), 0))

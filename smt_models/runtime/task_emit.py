"""The paths of a task as a transition system."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smt_models.runtime.emit import FAULT, OUTSIDE, UNKNOWN, Updates, merged
from smt_models.runtime.execute import Path
from smt_models.runtime.outcomes import Done, Unknown, Violated
from smt_models.runtime.shapes import described, is_discrete
from smt_models.runtime.task_actions import ActionOf
from smt_models.runtime.task_explore import ExploredTask
from smt_models.runtime.template import default
from smt_models.runtime.watch import SCALAR_ZERO_ALLOC
from smt_models.system.model import Bad, System
from smt_models.system.terms import Variable, both, conjunction, equal, literal, negation

TASK_OBLIGATIONS = ("memory", "task-contract", "waker-unregistered", "set-empty", "host-trap", SCALAR_ZERO_ALLOC)


def task_system(explored: ExploredTask) -> System:
    """Sound for proofs if `OUTSIDE` and `UNKNOWN` are proved unreachable too: then no step is missing."""
    subject = explored.actions.subject
    variables = (*subject.constants, *subject.words, *explored.variables, FAULT)
    steps = tuple(merged(explored.paths, variables, FAULT, task_updates))
    start = conjunction(
        equal(one, literal(value, one.sort)) for one, value in zip(explored.shaped, explored.start, strict=True)
    )
    numbers = conjunction(equal(one, default(one)) for one in numbers_of(explored))
    bad = [Bad(name, FAULT.is_(name)) for name in (*TASK_OBLIGATIONS, UNKNOWN)]
    bad.append(Bad(OUTSIDE, both(FAULT.is_("none"), negation(described(explored.shaped, explored.shapes)))))
    return System(subject.name, variables, both(start, numbers, subject.assumed, FAULT.is_("none")), steps, tuple(bad))


def numbers_of(explored: ExploredTask) -> tuple[Variable, ...]:
    return tuple(one for one in explored.variables if not is_discrete(one))


def task_updates(_action: ActionOf[Any], path: Path, variables: tuple[Variable, ...]) -> Iterator[Updates]:
    """Without what the path's condition says already: paths that leave a word as they found it are one step then."""
    for noted in sorted(path.state.noted):
        yield ((FAULT.name, literal(noted, FAULT.sort)),)
    match path.outcome:
        case Done():
            given, known = path.state.updates, path.state.facts.values
            if given is None:  # it leaves the template: the exploration was stopped
                yield ((FAULT.name, literal(UNKNOWN, FAULT.sort)),)
                return
            changed = ((one.name, given[one.name]) for one in variables if given.get(one.name, one) != one)
            yield tuple((name, term) for name, term in changed if known.get(name) != term)
        case Violated(obligation):
            yield ((FAULT.name, literal(obligation, FAULT.sort)),)
        case Unknown():
            yield ((FAULT.name, literal(UNKNOWN, FAULT.sort)),)
        case _:
            pass

"""A system as one script of SMT-LIB that any solver reads: the form in which certificates carry models.

Constants of the script are the state and, with the number of their step, the inputs. Definitions without parameters
are `initial`, and for each step `guard N` and `next N NAME`, and `bad NAME`: docs/certificate.md, "Models".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smt_models.system.model import Step, System
from smt_models.system.operators import Enum, Sort
from smt_models.system.smtlib import Rename, comment, logic, plain, sort_text, symbol, term_text, within_sort
from smt_models.system.terms import Term, Variable, both


def model_script(system: System) -> str:
    """Deterministic: the same system, the same text."""
    return "\n".join(_lines(system)) + "\n"


def invariant_text(system: System, invariant: Term) -> str:
    """The invariant over the script's constants: with it, that variables of enumerations hold a member."""
    return term_text(both(within_sort(system.variables), invariant))


def _lines(system: System) -> Iterator[str]:
    yield comment(system.name)
    yield f"(set-logic {logic(_sorts(system))})"
    yield from _declared(system.variables, plain)
    initial = both(within_sort(system.variables), system.initial)
    yield f"(define-fun initial () Bool {term_text(initial)})"
    for number, step in enumerate(system.steps):
        yield from _step(number, step)
    for bad in system.bad:
        yield f"(define-fun {symbol(f'bad {bad.name}')} () Bool {term_text(bad.condition)})"


def _sorts(system: System) -> Iterator[Sort]:
    for variables in (system.variables, *(step.inputs for step in system.steps)):
        yield from (variable.sort for variable in variables)


def _declared(variables: Iterable[Variable], rename: Rename) -> Iterator[str]:
    for variable in variables:
        if isinstance(variable.sort, Enum):
            yield comment(f"members of {variable.name}: {' | '.join(variable.sort.members)}")
        yield f"(declare-const {rename(variable)} {sort_text(variable.sort)})"


def _step(number: int, step: Step) -> Iterator[str]:
    inputs = {variable.name: symbol(f"{variable.name}@{number}") for variable in step.inputs}

    def rename(variable: Variable) -> str:
        return inputs.get(variable.name) or plain(variable)

    yield comment(f"{step.actor.value}: {step.name} [{step.citation}]")
    yield from _declared(step.inputs, rename)
    guard = both(within_sort(step.inputs), step.guard)
    yield f"(define-fun {symbol(f'guard {number}')} () Bool {term_text(guard, rename)})"
    for name, term in step.updates:
        defined = symbol(f"next {number} {name}")
        yield f"(define-fun {defined} () {sort_text(term.sort)} {term_text(term, rename)})"
